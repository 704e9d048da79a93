import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Bulkhead, runBulkhead } from '../../support/bulkhead.js';
import { watchLive } from '../../support/live-viewer.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { writeConfig } from '../../support/small-broadcast.js';
import { type TempDir, tempDir } from '../../support/temp.js';

const OWNED =
  'dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets';
/** Unlocks a keyring with a password, says where its bus is, and lasts as long as its standard input. */
const SCRIPT = `
gnome-keyring-daemon --unlock --foreground --components=secrets <<< a-password >/dev/null 2>&1 &
until ${OWNED} 2>/dev/null | grep -q true; do sleep 0.1; done
echo "$DBUS_SESSION_BUS_ADDRESS"
read -r end
kill $!; wait $!; true`;

/** A session with a bus, and with a GNOME Keyring that is unlocked. */
class KeyringSession {
  readonly env: NodeJS.ProcessEnv;
  private readonly child;

  private constructor(child: ReturnType<typeof spawn>, address: string, env: NodeJS.ProcessEnv) {
    this.child = child;
    this.env = { ...env, DBUS_SESSION_BUS_ADDRESS: address };
  }

  static async start(folder: string): Promise<KeyringSession> {
    const env = { HOME: folder, XDG_RUNTIME_DIR: join(folder, 'run'), XDG_DATA_HOME: join(folder, 'data') };
    mkdirSync(env.XDG_RUNTIME_DIR, { recursive: true, mode: 0o700 });
    const child = spawn('dbus-run-session', ['--', 'bash', '-c', SCRIPT], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    return new KeyringSession(child, String(line).trim(), env);
  }

  async end(): Promise<void> {
    this.child.stdin?.end('\n');
    await once(this.child, 'exit');
  }
}

describe('keys in the system’s keyring', function () {
  this.timeout(90_000);
  let folder: TempDir;
  let session: KeyringSession;
  let nginx: NginxRtmp;

  beforeEach(async () => {
    folder = tempDir('kr');
    session = await KeyringSession.start(folder.path);
    nginx = await startNginxRtmp();
  });

  afterEach(async () => {
    await session.end();
    await nginx.stop();
    folder.dispose();
  });

  it('are set, listed, published with, and removed', async () => {
    const { env } = session;
    const run = (args: readonly string[], input?: string) =>
      runBulkhead(args, { address: '', env, ...(input === undefined ? {} : { input }) });
    const set = await run(['key', 'set', 'my.show'], 'the-show\n');
    assert.equal(set.code, 0, set.stderr);
    assert.match(set.stdout, /"key": "keyring:my\.show"/);
    assert.deepEqual(JSON.parse((await run(['key', 'list', '--json'])).stdout), { names: ['my.show'] });

    const config = writeConfig(folder.path, {
      outputs: [{ id: 'nginx', url: `rtmp://127.0.0.1:${nginx.port}/live`, key: 'keyring:my.show' }],
    });
    const live = new Bulkhead(['live', config], { env });
    try {
      const status = await live.until('live', ({ state }) => state === 'live');
      assert.doesNotMatch(JSON.stringify(status), /the-show/);
      const viewer = watchLive(nginx.url('live', 'the-show'));
      try {
        await viewer.next(({ stream }) => stream === 'video', 30_000);
      } finally {
        await viewer.stop();
      }
      assert.equal(await live.stop(), 0);
      assert.doesNotMatch(live.stdout + live.stderr, /the-show/);
    } finally {
      await live.end();
    }

    assert.equal((await run(['key', 'remove', 'my.show'])).code, 0);
    const gone = await runBulkhead(['live', config], { env });
    assert.equal(gone.code, 64, gone.stderr);
    assert.match(gone.stderr, /the keyring has no key "my\.show".*bulkhead key set my\.show/s);
    const again = await run(['key', 'remove', 'my.show']);
    assert.equal(again.code, 64);
  });

  it('are an error that says what to do where there is no session', async () => {
    const none = {
      HOME: folder.path,
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere',
      XDG_RUNTIME_DIR: folder.path,
    };
    const { code, stderr } = await runBulkhead(['key', 'list'], { address: '', env: none });
    assert.equal(code, 64, stderr);
    assert.match(stderr, /the keyring cannot be used: .*GNOME Keyring/s);
    assert.doesNotMatch(stderr, /\n\s+at /);
  });

  it('refuse a key in place of its name, and an empty one', async () => {
    const { env } = session;
    const given = await runBulkhead(['key', 'set', 'live_123/abc?x=1'], { address: '', env, input: 'x' });
    assert.match(given.stderr, /expected a name of letters/);
    const empty = await runBulkhead(['key', 'set', 'a'], { address: '', env, input: '\n' });
    assert.match(empty.stderr, /no key was entered/);
  });

  it('are asked for at the start with "ask", and only in a terminal', async () => {
    const config = writeConfig(folder.path, {
      outputs: [{ id: 'nginx', url: `rtmp://127.0.0.1:${nginx.port}/live`, key: 'ask' }],
    });
    const { code, stderr } = await runBulkhead(['live', config]);
    assert.equal(code, 64, stderr);
    assert.match(stderr, /the key of the output "nginx" is to be typed in, and there is no terminal/);
    const live = new Bulkhead(['live', config], { terminal: true, isEntered: true });
    try {
      await live.said(/key of the output nginx \(not shown\): /);
      live.enter('typed-key\r');
      await live.until('live', ({ state }) => state === 'live');
      const viewer = watchLive(nginx.url('live', 'typed-key'));
      try {
        await viewer.next(({ stream }) => stream === 'video', 30_000);
      } finally {
        await viewer.stop();
      }
      assert.doesNotMatch(live.stdout, /typed-key/);
    } finally {
      await live.end();
    }
  });
});
