import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { platformFinding } from '../../../src/cli/check-platform.js';
import { runCli } from '../../../src/cli/run-cli.js';
import { Printer } from '../../../src/cli/terminal/printer.js';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import { type TempDir, tempDir } from '../../support/temp.js';

const WINDOWS =
  'bulkhead: Bulkhead does not run on Windows yet: its processes talk over descriptors that Windows does not pass on. ' +
  'Use Linux, or Linux in WSL 2. To try it all the same, set BULKHEAD_UNTESTED_PLATFORM=1.\n';
const warningFor = (name: string) =>
  `bulkhead: warning: Bulkhead was written for ${name} and has never been run there; expect failures, and report them\n`;

describe('the platform', () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('platform');
  });

  afterEach(() => folder.dispose());

  /** Runs a command as on this platform, with an address at which no core runs. */
  async function run(platform: NodeJS.Platform, command: string, env: NodeJS.ProcessEnv = {}) {
    let stderr = '';
    const code = await runCli([command, '--address', join(folder.path, 'core.sock')], {
      stdout: new Printer({ write: () => {} }, {}),
      stderr: new Printer({ write: (text: string) => (stderr += text) }, {}),
      cwd: folder.path,
      env,
      platform,
      signals: new EventEmitter(),
      endSignals: [],
      corePath: join(folder.path, 'no-core.cjs'),
    });
    return { code, stderr };
  }

  it('Windows is refused by what runs a broadcast, before anything is started', async () => {
    for (const command of ['live', 'core', 'start']) {
      assert.deepEqual(await run('win32', command), { code: ExitCodes.badSettings, stderr: WINDOWS });
    }
  });

  it('Windows can be tried all the same, and macOS is warned about', async () => {
    for (const [platform, name, env] of [
      ['win32', 'Windows', { BULKHEAD_UNTESTED_PLATFORM: '1' }],
      ['darwin', 'macOS', {}],
      ['freebsd', 'freebsd', {}],
    ] as const) {
      const { code, stderr } = await run(platform, 'start', env);
      assert.equal(code, ExitCodes.unavailable);
      assert(stderr.startsWith(`${warningFor(name)}bulkhead: no core`), stderr);
    }
  });

  it('Linux is not mentioned, nor is any platform by what only looks', async () => {
    for (const [platform, command] of [
      ['linux', 'start'],
      ['win32', 'status'],
      ['darwin', 'stop'],
    ] as const) {
      const { stderr } = await run(platform, command);
      assert.match(stderr, /^bulkhead: no core/);
    }
  });

  it('is a finding of the doctor', () => {
    assert.equal(platformFinding('linux', {}).verdict, 'ok');
    assert.equal(platformFinding('darwin', {}).verdict, 'warning');
    assert.equal(platformFinding('win32', {}).verdict, 'problem');
    assert.equal(platformFinding('win32', { BULKHEAD_UNTESTED_PLATFORM: '1' }).verdict, 'warning');
  });
});
