import assert from 'node:assert/strict';
import { CommandRegistry } from '../../../src/core/main-thread/command-registry.js';
import { MainThreadCommands } from '../../../src/core/main-thread/main-thread-commands.js';
import {
  ExecuteCommandRequest,
  ListCommandsRequest,
  RegisterCommandRequest,
  RunCommandForPluginRequest,
  UnregisterCommandRequest,
} from '../../../src/protocol/plugin-commands.js';
import { FakeClock } from '../../support/fake-clock.js';
import { installedPlugin } from '../plugins/installed-plugin.js';
import { FakeHost } from './fake-host.js';

const METHOD = 'workspace/executeCommand';

describe("a host's commands", () => {
  let clock: FakeClock;
  let commands: CommandRegistry;
  let host: FakeHost;
  /** How the host runs a command. */
  let run: (command: string, args: readonly unknown[]) => unknown;

  beforeEach(() => {
    clock = new FakeClock();
    commands = new CommandRegistry();
    run = (command, args) => `${command}(${args.join(', ')})`;
    const namespace = new MainThreadCommands(commands, { commandMs: 500 });
    host = new FakeHost(namespace, [installedPlugin('p')], (connection) =>
      connection.onRequest(ExecuteCommandRequest.type, ({ command, arguments: args }) =>
        run(command, args ?? []),
      ),
    );
  });

  afterEach(() => {
    host.dispose();
    clock.restore();
  });

  const register = (...names: readonly unknown[]) =>
    host.request(RegisterCommandRequest.method, {
      plugin: 'p',
      registrations: [{ id: 'p', method: METHOD, registerOptions: { commands: names } }],
    });

  it('are run in the host, and removed with it', async () => {
    await register('p.one', 'p.two');
    assert.equal(await commands.execute('p.one', [1, 2]), 'p.one(1, 2)');
    assert.deepEqual(await host.request(ListCommandsRequest.method, { plugin: 'p' }), ['p.one', 'p.two']);
    await host.request(UnregisterCommandRequest.method, {
      plugin: 'p',
      unregisterations: [{ id: 'p.one', method: METHOD }],
    });
    assert.deepEqual(commands.list(), ['p.two']);
    host.served.dispose();
    assert.deepEqual(commands.list(), []);
  });

  it('are registered together or not at all', async () => {
    commands.register('p.taken', 'other', () => 'other');
    await assert.rejects(register('p.one', 'p.taken'), { code: 'command.exists', where: 'p' });
    await assert.rejects(register('p.one', 'other.do'), {
      code: 'plugin.invalid',
      message: 'the command "other.do": expected a name that begins with the plugin\'s own, such as "p.doIt"',
    });
    assert.deepEqual(commands.list(), ['p.taken']);
    await register(...Array.from({ length: 999 }, (_, index) => `p.${index}`));
    await assert.rejects(register('p.one', 'p.two'), {
      code: 'plugin.failed',
      message: 'more than 1000 commands',
    });
    await register('p.one');
    for (const name of ['', 5, 'x'.repeat(201)]) await assert.rejects(register(name));
  });

  it('fail if the host does not respond in time, or ends first', async () => {
    await register('p.slow');
    run = () => new Promise(() => {});
    const late = assert.rejects(commands.execute('p.slow'), {
      code: 'plugin.failed',
      message: 'the plugin "p" failed: the command "p.slow" did not respond within 500 ms',
    });
    await clock.pass(500);
    await late;
    const ended = assert.rejects(commands.execute('p.slow'), {
      code: 'plugin.failed',
      message: 'the plugin "p" ended before the command "p.slow" was done',
    });
    host.core.dispose();
    await ended;
  });

  it('of others are run for its plugins, as their caller', async () => {
    const calls: unknown[] = [];
    const registered = commands.register('other.do', 'other', (args, { caller }) =>
      calls.push([args, caller]),
    );
    const params = { plugin: 'p', command: 'other.do', arguments: [1] };
    await host.request(RunCommandForPluginRequest.method, params);
    assert.deepEqual(calls, [[[1], 'p']]);
    await assert.rejects(host.request(RunCommandForPluginRequest.method, { ...params, command: 'none' }), {
      code: 'command.notFound',
    });
    registered.dispose();
  });
});
