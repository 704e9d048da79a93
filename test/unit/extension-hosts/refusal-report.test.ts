import assert from 'node:assert/strict';
import { RefusalReport } from '../../../src/core/extension-hosts/hosts/refusal-report.js';
import type { Log } from '../../../src/core/log/log.js';
import type { RefusedPlugin } from '../../../src/plugins/combine-plugins.js';
import type { InstalledPlugin } from '../../../src/plugins/installed-plugin.js';

describe('the report of plugins that do not run', () => {
  it('is made once, and again only if the state changed in between', () => {
    const lines: string[] = [];
    const write = (message: string) => void lines.push(message);
    const log: Log = { trace: write, debug: write, info: write, warn: write, error: write };
    const notices: string[] = [];
    const refusalReport = new RefusalReport(log, { notice: ({ message }) => notices.push(message) });
    const plugin = { id: 'p', path: '/p' } as InstalledPlugin;
    const ignoring = {
      id: 'q',
      warnings: ['contributes: unknown key "views"; it is ignored'],
    } as unknown as InstalledPlugin;
    const refused = [{ plugin, errors: [new Error('it needs "q"')] }] as unknown as RefusedPlugin[];
    const wrong = [{ path: [], message: 'a setting is wrong' }];

    refusalReport.report({ plugins: [ignoring], refused, shadowed: [plugin] }, wrong);
    refusalReport.report({ plugins: [ignoring], refused, shadowed: [plugin] }, wrong);
    assert.deepEqual(lines, [
      'the plugin "p" is not running: it needs "q"',
      'the plugin "p" in /p is not running: another one does in its place, with what is stored for that id',
      'a setting is wrong',
      'the plugin "q": contributes: unknown key "views"; it is ignored',
    ]);
    assert.deepEqual(notices, ['the plugin "p" is not running: it needs "q"']);

    refusalReport.report({ plugins: [], refused: [], shadowed: [] }, []);
    refusalReport.report({ plugins: [], refused, shadowed: [] }, []);
    assert.deepEqual(notices.length, 2);
  });
});
