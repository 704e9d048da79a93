import assert from 'node:assert/strict';
import { DevelopmentSession } from '../../../../src/cli/plugin/development/development-session.js';
import { Printer } from '../../../../src/cli/terminal/printer.js';
import type { ControlClient } from '../../../../src/control-client/control-client.js';
import type { Finding } from '../../../../src/plugin-tools/finding.js';

describe('a plugin in development', () => {
  let printed: string;
  let asked: string[];
  let mistakes: Finding[];
  let warnings: string[];
  let session: DevelopmentSession;

  beforeEach(() => {
    printed = '';
    asked = [];
    mistakes = [];
    warnings = [];
    const developed = (what: string) => async () => {
      asked.push(what);
      return { id: 'p', version: '1.0.0', state: 'active', elapsedMs: 5, warnings };
    };
    const client = {
      development: {
        onDidLog: () => ({ dispose: () => {} }),
        develop: developed('develop'),
        reload: developed('reload'),
      },
    } as unknown as ControlClient;
    const tools = { findSyntaxErrors: async () => mistakes };
    const write = (text: string) => {
      printed += text;
    };
    session = new DevelopmentSession(client, '/p', tools, new Printer({ write }, {}));
  });
  afterEach(() => session.dispose());

  it('runs on when the code that was saved does not parse, and says where', async () => {
    await session.load();
    mistakes = [
      { severity: 'error', rule: 'syntax', file: 'lib/a.js', line: 3, message: 'Unexpected token' },
    ];
    printed = '';
    await session.load();
    assert.deepEqual(asked, ['develop']);
    assert.equal(printed, '✗ lib/a.js:3: Unexpected token\nWaiting for the next save. "p" 1.0.0 runs on.\n');
    mistakes = [];
    await session.load();
    assert.deepEqual(asked, ['develop', 'reload']);
  });

  it('says what in its manifest is ignored', async () => {
    warnings = ['contributes: unknown key "views"; it is ignored'];
    await session.load();
    assert.equal(
      printed,
      'package.json: contributes: unknown key "views"; it is ignored\n"p" 1.0.0 is active after 5 ms\n',
    );
  });
});
