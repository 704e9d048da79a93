import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeybindingList } from '../../../src/protocol/keybindings.js';
import { Bulkhead, runBulkhead } from '../../support/bulkhead.js';
import { writePlugin } from '../../support/plugins.js';
import { SMALL_VIDEO } from '../../support/small-broadcast.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const MANIFEST = {
  l10n: './l10n',
  contributes: {
    commands: [
      { command: 'quiz.ask', title: '%ask%', enablement: 'quiz.mode == on' },
      { command: 'quiz.mode', title: '%mode%' },
    ],
    keybindings: [
      { command: 'quiz.mode', key: 'ctrl+shift+q', args: 'on', when: 'quiz.mode != on' },
      { command: 'quiz.mode', key: 'ctrl+shift+q', args: 'off', when: 'quiz.mode == on' },
      { command: 'quiz.ask', key: 'f9', when: 'plugin.quiz.active' },
    ],
  },
};

const SOURCE = `
import { commands, env, l10n, window } from '@bulkhead/extension-api';
export function activate() {
  commands.registerCommand('quiz.ask', () => l10n.t('Question {0} ({1})', 7, env.language));
  commands.registerCommand('quiz.mode', async (mode) => {
    await window.setContext('quiz.mode', mode);
    return mode;
  });
}`;

describe('keys, conditions and languages', function () {
  this.timeout(90_000);
  let folder: TempDir;
  let core: Bulkhead;
  let config: string;

  beforeEach(() => {
    folder = tempDir('keys');
    writePlugin(folder.path, 'quiz', {
      source: SOURCE,
      manifest: MANIFEST,
      files: {
        'package.nls.json': '{ "ask": "Ask the next question", "mode": "Start or end the quiz" }',
        'package.nls.zh-cn.json': '{ "ask": "提出下一个问题", "mode": "开始或结束问答" }',
        'l10n/bundle.l10n.zh-cn.json': '{ "Question {0} ({1})": "第 {0} 题（{1}）" }',
      },
    });
    config = join(folder.path, 'show.jsonc');
  });

  afterEach(async () => {
    await core.end();
    folder.dispose();
  });

  const live = async (settings: object) => {
    const path = join(folder.path, 'quiz');
    const shown = { video: SMALL_VIDEO, liveServer: { enabled: true } };
    writeFileSync(config, JSON.stringify({ plugins: [path], ...shown, ...settings }));
    core = new Bulkhead(['live', config], { env: { LC_ALL: 'C.UTF-8' } });
    await core.until('it is live with its plugin', ({ state, extensionHosts }) => {
      return state === 'live' && extensionHosts[0]?.state === 'running';
    });
  };
  const bulkhead = async (...args: string[]) => {
    const { code, stdout, stderr } = await runBulkhead(args, { address: core.address });
    return code === 0 ? stdout.trimEnd() : `${code}: ${stderr.trimEnd()}`;
  };
  const press = (key: string) => bulkhead('keys', 'press', key);

  it('run commands while their conditions hold, and follow the configuration on air', async () => {
    await live({});
    assert.match(await bulkhead('run', 'quiz.ask'), /not available now: it is when quiz\.mode == on/);
    assert.match(
      await bulkhead('run'),
      /quiz\.ask {2,}Ask the next question {2}\(not now, only when quiz\.mode == on\)/,
    );
    assert.equal(await press('Shift+Ctrl+Q'), 'on');
    assert.equal(await press('f9'), 'Question 7 (en)');
    assert.match(await bulkhead('keys', 'context'), /^quiz\.mode +"on" {2}quiz$/m);
    assert.equal(await press('ctrl+shift+q'), 'off');
    assert.match(await press('f9'), /not available now/);
    assert.match(await press('f10'), /no command is run by f10/);

    const keybindings = [
      { key: 'f9', command: '-quiz.ask' },
      { key: 'f10', command: 'quiz.mode', args: ['on'], when: 'broadcast.state == live' },
    ];
    const plugins = [join(folder.path, 'quiz')];
    writeFileSync(config, JSON.stringify({ plugins, video: SMALL_VIDEO, keybindings }));
    await eventually('the keys of the configuration', async () => {
      const { keybindings: all } = JSON.parse(await bulkhead('keys', '--json')) as KeybindingList;
      return all[0]?.key === 'f10' ? true : undefined;
    });
    assert.equal(await press('f10'), 'on');
    assert.match(await press('f9'), /no command is run by f9/);
    assert.match(
      await bulkhead('keys'),
      /^f10 +quiz\.mode "on" +Start or end the quiz {2}when broadcast\.state == live {2}\(configuration\)$/m,
    );
  });

  it("are in the configuration's language", async () => {
    await live({ language: 'zh-CN' });
    assert.match(await bulkhead('run'), /quiz\.mode {2,}开始或结束问答$/m);
    assert.match(await bulkhead('keys'), /开始或结束问答/);
    await press('ctrl+shift+q');
    assert.equal(await press('f9'), '第 7 题（zh-cn）');
  });
});
