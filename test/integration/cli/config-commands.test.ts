import assert from 'node:assert/strict';
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import type { PluginSetting, SettingList } from '../../../src/protocol/settings.js';
import { fakeOutputs } from '../../support/fake-outputs.js';
import { CliFixture } from './cli-run.js';
import { FakeCore } from './fake-core.js';

const SIZE: PluginSetting = {
  ...{
    plugin: 'me.chat',
    key: 'size',
    type: 'integer',
    value: 2,
    default: 1,
    configured: 2,
    isChanged: false,
  },
};

describe('bulkhead config', () => {
  let fixture: CliFixture;
  let core: FakeCore;
  let file: string;
  let asked: unknown[];

  beforeEach(async () => {
    fixture = new CliFixture();
    core = new FakeCore();
    asked = [];
    file = join(fixture.folder, 'show.jsonc');
    writeFileSync(file, '{\n  // mine\n  "pluginSettings": { "me.chat": { "size": 2 } }\n}\n');
    const show = realpathSync(file);
    let list: SettingList = { show, settings: [SIZE] };
    core.settings = {
      list: async () => list,
      set: async (params) => {
        asked.push(params);
        list = { show, settings: [{ ...SIZE, value: params.value, isChanged: true }] };
        return list;
      },
      reset: async () => list,
      noteSaved: async (params) => {
        asked.push(params);
        return list;
      },
    };
    const outputs = fakeOutputs();
    core.outputs = { ...outputs, list: async () => ({ ...(await outputs.list()), show }) };
    await core.listen(fixture.address);
  });

  afterEach(async () => {
    core.dispose();
    await fixture.end();
  });

  async function run(...args: string[]) {
    const done = fixture.run(['config', ...args]);
    return { code: await done.exitCode, stdout: done.stdout, stderr: done.stderr };
  }
  const ID = { plugin: 'me.chat', key: 'size' };
  const PATH = 'pluginSettings.me.chat.size';

  it('shows settings, and changes one on air', async () => {
    assert.equal((await run('list')).stdout, `${PATH} is 2 (configured)\n`);
    const { code, stdout } = await run('set', PATH, '40');
    assert.deepEqual([code, stdout], [ExitCodes.ok, `${PATH} is 40 (changed on air).\n`]);
    const { stdout: json } = await run('set', PATH, 'null', '--json');
    assert.equal(JSON.parse(json).value, null);
    assert.deepEqual(asked, [
      { ...ID, value: 40 },
      { ...ID, value: null },
    ]);
  });

  it('saves the change into the file, whose comments stay', async () => {
    const { stdout } = await run('set', PATH, '40', '--save');
    assert.equal(stdout, `${PATH} is 40 (changed on air). Saved in ${realpathSync(file)}.\n`);
    assert.equal(
      readFileSync(file, 'utf8'),
      '{\n  // mine\n  "pluginSettings": { "me.chat": { "size": 40 } }\n}\n',
    );
    assert.deepEqual(asked, [{ ...ID, value: 40 }, ID]);
  });

  it('refuses what is no setting of a plugin, and another type, and asks nothing of the core then', async () => {
    const wrong = await run('set', 'outputs.main.url', 'x');
    assert.equal(wrong.code, ExitCodes.badSettings);
    assert.match(
      wrong.stderr,
      /^bulkhead: outputs\.main\.url: this command changes settings of plugins.*"bulkhead output"/,
    );
    assert.match((await run('set', PATH, 'big')).stderr, /size: expected a whole number, got "big"/);
    assert.deepEqual(asked, []);
  });

  it('applies the file of the broadcast, and no other', async () => {
    core.reconfigure = ({ pluginSettings }) => {
      asked.push(pluginSettings);
      return { applied: [PATH], needsRestart: ['video.fps'] };
    };
    const { code, stdout } = await run('apply', 'show.jsonc');
    assert.deepEqual(
      [code, stdout],
      [ExitCodes.ok, `Applied: ${PATH}.\nApplies when the broadcast is started again: video.fps.\n`],
    );
    assert.deepEqual(asked, [{ 'me.chat': { size: 2 } }]);
    writeFileSync(join(fixture.folder, 'other.jsonc'), '{}');
    const other = await run('apply', 'other.jsonc');
    assert.equal(other.code, ExitCodes.badSettings);
    assert.match(
      other.stderr,
      /other\.jsonc: the broadcast was started with another configuration file: .*show\.jsonc/,
    );
  });
});
