import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { ControlClient } from '../../../src/control-client/control-client.js';
import type { NoticeParams } from '../../../src/protocol/control.js';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import { DebuggerClient, placeOf, type Stop } from '../../support/debugger-client.js';
import { freePort } from '../../support/ports.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { Program, VsCodeLaunch } from '../../support/vscode-launch.js';
import { eventually } from '../../support/wait.js';
import { useOwnPackages } from './new-plugin-folder.js';
import { runPluginCommand } from './plugin-folder.js';

/** How long a plugin may hang that is not debugged, ms. */
const HANG_MS = 6000;

describe('debugging a new plugin', function () {
  this.timeout(180_000);
  let folder: TempDir;
  let plugin: string;
  let source: string;
  let env: NodeJS.ProcessEnv;
  let port: number;
  let code: VsCodeLaunch;
  let client: DebuggerClient | undefined;

  before(async () => {
    folder = tempDir('debug');
    await runPluginCommand(folder.path, ['new', 'hello-stream']);
    plugin = join(folder.path, 'hello-stream');
    source = join(plugin, 'src', 'extension.ts');
    useOwnPackages(plugin);
    const runtime = join(folder.path, 'run');
    mkdirSync(runtime, { mode: 0o700 });
    env = {
      PATH: [join(plugin, 'node_modules', '.bin'), process.env['PATH']].join(delimiter),
      HOME: folder.path,
      XDG_RUNTIME_DIR: runtime,
      NO_COLOR: '1',
      npm_config_offline: 'true',
      npm_config_audit: 'false',
      npm_config_update_notifier: 'false',
    };
    await promisify(execFile)('npm', ['install'], { cwd: plugin, env });
    // Its ports may be in use where these tests run.
    port = await freePort();
    const testPort = await freePort();
    for (const name of ['launch.json', 'tasks.json']) {
      const file = join(plugin, '.vscode', name);
      const text = readFileSync(file, 'utf8');
      writeFileSync(file, text.replaceAll('9229', String(port)).replaceAll('9230', String(testPort)));
    }
  });

  after(() => folder.dispose());

  beforeEach(() => {
    code = new VsCodeLaunch(plugin, env);
  });

  afterEach(async () => {
    client?.detach();
    client = undefined;
    await code.end();
  });

  const address = () => join(folder.path, 'run', 'bulkhead', 'core.sock');

  async function count(): Promise<unknown> {
    const core = await ControlClient.connect(address());
    try {
      return await core.runCommand('hello-stream.count', []);
    } finally {
      core.dispose();
    }
  }

  /** Runs the command of the plugin until it stands there: it is reloaded for each file that is written. */
  async function standAt(text: string): Promise<{ stop: Stop; counted: Promise<unknown> }> {
    for (;;) {
      client = await DebuggerClient.attach(port);
      await client.breakAt(placeOf(source, text));
      const counted = count();
      counted.catch(() => {});
      const passed = counted.then(
        () => undefined,
        () => undefined,
      );
      const stop = await Promise.race([client.stopped().catch(() => undefined), passed]);
      if (stop !== undefined) return { stop, counted };
      client.detach();
    }
  }

  it('stops in the TypeScript of a running plugin, as long as its author likes, and again after a reload', async () => {
    const { request, address: host, port: attached, restart } = await code.start('Plugin');
    assert.deepEqual(
      { request, host, attached, restart },
      { request: 'attach', host: '127.0.0.1', attached: port, restart: true },
    );
    const [, dev] = code.programs;
    await dev?.printed(/is active after/);
    const before = await pidOfHost();

    const { stop, counted } = await standAt('count()),');
    assert.deepEqual([stop.file, stop.line], [source, placeOf(source, 'count()),').line]);
    assert.equal(await stop.evaluate('count()'), 0);
    await new Promise((resolve) => setTimeout(resolve, HANG_MS + 1500));
    await client?.resume();
    assert.equal(await counted, 0);
    assert.equal(await pidOfHost(), before, 'it has been ended');

    const text = readFileSync(source, 'utf8');
    try {
      const changed = '() => {\n      const twice = 2 * 21;\n      return twice;\n    })';
      writeFileSync(source, text.replace('() => count())', changed));
      await client?.closed;
      const { stop: again, counted: counting } = await standAt('return twice');
      assert.equal(await again.evaluate('twice'), 42);
      const ended = assert.rejects(counting, { code: 'plugin.failed' });
      // Saved while it stands at a breakpoint.
      writeFileSync(source, text);
      await ended;
      await eventually(
        'the saved one',
        async () => (await count().catch(() => undefined)) === 0 || undefined,
      );
    } finally {
      writeFileSync(source, text);
    }
  });

  it('stops in its tests, and in the plugin that they test', async () => {
    const configuration = await code.start('Tests');
    const spec = join(plugin, 'test', 'extension.test.ts');
    client = await DebuggerClient.attach(configuration.attachSimplePort ?? 0, configuration);
    const inTest = placeOf(spec, 'await core.broadcast.goLive();');
    const inPlugin = placeOf(source, "context.globalState.update('broadcasts'");
    await client.breakAt(inTest);
    await client.breakAt(inPlugin);
    await client.begin();
    const first = await client.stopped();
    assert.deepEqual([first.file, first.line], [inTest.file, inTest.line]);
    assert.equal(await first.evaluate('core.messages.length'), 0);
    // Longer than mocha lets a test take.
    await new Promise((resolve) => setTimeout(resolve, HANG_MS));
    await client.resume();
    const second = await client.stopped();
    assert.deepEqual([second.file, second.line], [inPlugin.file, inPlugin.line]);
    assert.equal(await second.evaluate('count()'), 0);
    client.detach();
    const [, tests] = code.programs;
    assert.equal(await tests?.exitCode, ExitCodes.ok, tests?.output);
    assert.match(tests?.output ?? '', /2 passing/);
  });

  it('waits for the debugger before the plugin is loaded, and ends meanwhile at Ctrl-C', async () => {
    for (const ending of ['at Ctrl-C', 'after activate']) {
      const dev = new Program('bulkhead', ['plugin', 'dev', `--inspect-brk=${port}`], { cwd: plugin, env });
      try {
        await dev.printed(/Debugger listening on/);
        if (ending === 'after activate') {
          client = await DebuggerClient.attach(port);
          const place = placeOf(source, 'const settings =');
          await client.breakAtIn(join(plugin, 'dist', 'extension.cjs'), place);
          await client.begin();
          assert.equal((await client.stopped()).line, place.line);
          await client.resume();
          await dev.printed(/is active after/);
        }
      } finally {
        await dev.end();
      }
      assert.equal(await dev.exitCode, ExitCodes.ok, dev.output);
    }
  });

  it('listens on loopback, in the process of that plugin alone, and says what that means', async () => {
    await code.start('Plugin');
    const sockets = listeningAt(port);
    assert.deepEqual(sockets, ['0100007F']);
    const core = await ControlClient.connect(address());
    try {
      const notices: NoticeParams[] = [];
      core.onDidReceiveNotice((notice) => notices.push(notice));
      await core.subscribe();
      const notice = await eventually('the notice', () =>
        notices.find(({ message }) => message.includes('being debugged')),
      );
      assert.equal(notice.source, 'hello-stream');
      assert.match(
        notice.message,
        new RegExp(
          `^"hello-stream" is being debugged at 127\\.0\\.0\\.1:${port}\\. Until that ends it may hang`,
        ),
      );
    } finally {
      core.dispose();
    }
  });

  it('refuses a port that is taken, another address, and a port that is none', async () => {
    const server = createServer().listen(port, '127.0.0.1');
    try {
      for (const command of ['dev', 'test']) {
        const { code: exitCode, stderr } = await runPluginCommand(plugin, [command, `--inspect=${port}`]);
        assert.equal(exitCode, ExitCodes.unavailable);
        assert.match(
          stderr,
          new RegExp(
            `the TCP port ${port} of 127\\.0\\.0\\.1 is in use by another program\\. Give another one: --inspect=PORT\\.\n$`,
          ),
        );
        for (const given of ['0.0.0.0:9229', '0', '70000', '.']) {
          const refused = await runPluginCommand(plugin, [command, `--inspect=${given}`]);
          assert.equal(refused.code, ExitCodes.badSettings);
          assert.match(
            refused.stderr,
            /Expected a port from 1024 to 65535; the address is 127\.0\.0\.1 always\./,
          );
        }
      }
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  async function pidOfHost(): Promise<number | undefined> {
    const core = await ControlClient.connect(address());
    try {
      const { extensionHosts } = await core.status();
      return extensionHosts.find(({ plugins }) => plugins.includes('hello-stream'))?.pid;
    } finally {
      core.dispose();
    }
  }
});

/** The addresses, in hexadecimal, on which somebody listens at the port. */
function listeningAt(port: number): string[] {
  const LISTEN = '0A';
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, 'ascii')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state]) => state === LISTEN)
      .map(([, local = '']) => local.split(':'))
      .filter(([, hex = '']) => Number.parseInt(hex, 16) === port)
      .map(([address = '']) => address),
  );
}
