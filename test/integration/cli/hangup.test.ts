import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ignoresHangup } from '../../../src/base/process-signals.js';
import { isAlive } from '../../support/children.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';
import { InstalledBundle } from './bundle-run.js';

/** Time for a process that would end on SIGHUP to do so, ms. */
const GRACE_MS = 1500;

describe('the end of the terminal', function () {
  this.timeout(60_000);
  let folder: TempDir;
  let bundle: InstalledBundle;
  let terminal: ChildProcess | undefined;
  let pid: number | undefined;

  beforeEach(() => {
    folder = tempDir('hangup');
    bundle = new InstalledBundle(folder.path);
    terminal = undefined;
    pid = undefined;
  });

  afterEach(async () => {
    if (terminal?.exitCode === null && terminal.signalCode === null) {
      terminal.kill('SIGKILL');
      await once(terminal, 'close');
    }
    if (pid !== undefined && isAlive(pid)) process.kill(pid, 'SIGKILL');
    await bundle.end();
    folder.dispose();
  });

  const journal = () => {
    const file = join(folder.path, 'journal');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  };

  /**
   * An interactive shell in a terminal, as a streamer has one; the command runs in its foreground. (Jobs in the background are not
   * told when the shell notices the end of its input before the signal.)
   */
  async function startInTerminal(command: string): Promise<number> {
    terminal = spawn('script', ['--quiet', '--command', 'bash --norc -i', '/dev/null'], {
      stdio: ['pipe', 'ignore', 'ignore'],
      cwd: folder.path,
      env: {
        ...process.env,
        XDG_STATE_HOME: folder.path,
        FAKE_CORE: JSON.stringify({ journal: join(folder.path, 'journal') }),
      },
    });
    terminal.stdin?.write(`bash -c 'echo $$ > pid; exec ${command}'\n`);
    await eventually('a broadcast', () => (journal().includes('"config"') ? true : undefined));
    return Number(readFileSync(join(folder.path, 'pid'), 'utf8'));
  }

  /** As when its window is closed: the shell gets SIGHUP, and passes it on to its jobs. */
  async function closeTerminal(): Promise<void> {
    terminal?.kill('SIGKILL');
    if (terminal !== undefined) await once(terminal, 'close');
  }

  const live = () =>
    `"${process.execPath}" "${bundle.path}" live --address "${join(folder.path, 'core.sock')}"`;

  it('leaves a broadcast on air that was started with nohup', async () => {
    pid = await startInTerminal(`nohup ${live()}`);
    await closeTerminal();
    await delay(GRACE_MS);
    assert.ok(isAlive(pid), readFileSync(join(folder.path, 'nohup.out'), 'utf8'));
    assert.doesNotMatch(journal(), /"shutdown"/);

    process.kill(pid, 'SIGTERM');
    await eventually('its end', () => (isAlive(pid as number) ? undefined : true));
    assert.match(journal(), /"shutdown"/);
  });

  it('ends any other broadcast in order', async () => {
    pid = await startInTerminal(live());
    await closeTerminal();
    await eventually('its end', () => (isAlive(pid as number) ? undefined : true));
    assert.match(journal(), /"shutdown"/);
  });

  it('is ignored if nohup, or no terminal, is detected', () => {
    const onTerminal =
      (...fds: number[]) =>
      (fd: number) =>
        fds.includes(fd);
    assert.equal(ignoresHangup({}, onTerminal(0, 1, 2)), false);
    assert.equal(ignoresHangup({}, onTerminal(0)), false);
    assert.equal(ignoresHangup({}, onTerminal()), true);
    assert.equal(ignoresHangup({ _: '/usr/bin/nohup' }, onTerminal(0)), true);
    assert.equal(ignoresHangup({ _: '/usr/bin/node' }, onTerminal(0)), false);
  });
});
