import assert from 'node:assert/strict';
import { CommandRegistry } from '../../../src/core/main-thread/command-registry.js';
import { MainThreadCommands } from '../../../src/core/main-thread/main-thread-commands.js';
import { Questions } from '../../../src/core/streamer/questions.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import {
  ExecuteCommandRequest,
  ListCommandsRequest,
  RegisterCommandRequest,
  RunCommandForPluginRequest,
  UnregisterCommandRequest,
} from '../../../src/protocol/plugin-commands.js';
import { FakeClock } from '../../support/fake-clock.js';
import { EVERYTHING_HOLDS } from '../../support/fake-keys.js';
import { SILENT_LOG } from '../../support/silent-log.js';
import { installedPlugin } from '../plugins/installed-plugin.js';
import { FakeHost } from './fake-host.js';

const METHOD = 'workspace/executeCommand';

describe("a host's commands", () => {
  let clock: FakeClock;
  let commands: CommandRegistry;
  let questions: Questions;
  let host: FakeHost;
  /** How the host runs a command. */
  let run: (command: string, args: readonly unknown[]) => unknown;
  /** Errors in the log. */
  let logged: [message: string, details: { readonly [key: string]: unknown }][];

  beforeEach(() => {
    clock = new FakeClock();
    logged = [];
    questions = new Questions();
    commands = new CommandRegistry(EVERYTHING_HOLDS);
    run = (command, args) => `${command}(${args.join(', ')})`;
    const namespace = new MainThreadCommands(commands, { commandMs: 500 }, questions);
    host = new FakeHost(
      namespace,
      [installedPlugin('p')],
      (connection) =>
        connection.onRequest(ExecuteCommandRequest.type, ({ command, arguments: args }) =>
          run(command, args ?? []),
        ),
      { ...SILENT_LOG, error: (message, details) => logged.push([message, { ...details }]) },
    );
  });

  afterEach(() => {
    host.dispose();
    questions.dispose();
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

  it('are kept for their plugin when its host has ended', async () => {
    commands.setPlugins([{ id: 'p', version: '1.0.0' }]);
    await register('p.one');
    host.served.dispose();
    assert.throws(() => commands.register('p.one', 'q', () => 1), { code: 'command.exists', where: 'q' });
    commands.register('p.one', 'p', () => 1);
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
    assert.deepEqual(
      logged.map(([message]) => message),
      ['the plugin "p" failed: the command "p.slow" did not respond within 500 ms'],
      'the end of a host is reported for itself',
    );
  });

  it('wait as long as a question of their plugin is open, and then have their time again', async () => {
    await register('p.ask');
    run = () => new Promise(() => {});
    const ask = () => questions.ask({ plugin: 'p', severity: 'info', message: 'Go on?', actions: ['Yes'] });
    let isOver = false;
    const over = assert.rejects(commands.execute('p.ask'), {
      message: 'the plugin "p" failed: the command "p.ask" did not respond within 500 ms',
    });
    void over.then(() => {
      isOver = true;
    });
    await clock.pass(400);
    const question = ask();
    await clock.pass(60_000);
    await questions.answer(question.id, 'Yes');
    await clock.pass(400);
    assert.equal(isOver, false);
    await clock.pass(600);
    await over;
  });

  it('are logged when they fail, with the stack of what was thrown, at a bounded rate', async () => {
    await register('p.fail');
    const thrown = new RangeError('no luck');
    run = () => {
      throw new BulkheadError(ErrorCodes.pluginFailed, 'the plugin "p" failed: no luck', { cause: thrown });
    };
    const fail = () => assert.rejects(commands.execute('p.fail'), { code: 'plugin.failed' });
    await fail();
    assert.deepEqual(logged, [
      ['the plugin "p" failed: no luck', { plugin: 'p', command: 'p.fail', stack: thrown.stack }],
    ]);
    for (let count = 0; count < 60; count++) await fail();
    assert.equal(logged.length, 50);
    await clock.pass(1000);
    await fail();
    assert.deepEqual(logged.at(-1)?.[1]['unlogged'], 11);
  });

  it('are logged without a stack when a permission is missing', async () => {
    await register('p.fail');
    run = () => {
      throw new BulkheadError(ErrorCodes.permissionDenied, 'not allowed', {
        cause: new Error('not allowed'),
      });
    };
    await assert.rejects(commands.execute('p.fail'), { code: 'permission.denied' });
    assert.deepEqual(logged, [['not allowed', { plugin: 'p', command: 'p.fail' }]]);
  });

  it('of a plugin that is debugged may stand at a breakpoint', async () => {
    const debugged = installedPlugin('d', { source: 'development', inspector: { port: 9229, wait: false } });
    let answer: (value: string) => void = () => {};
    const other = new FakeHost(
      new MainThreadCommands(commands, { commandMs: 500 }, questions),
      [debugged],
      (connection) =>
        connection.onRequest(ExecuteCommandRequest.type, () => new Promise((resolve) => (answer = resolve))),
    );
    await other.request(RegisterCommandRequest.method, {
      plugin: 'd',
      registrations: [{ id: 'd', method: METHOD, registerOptions: { commands: ['d.slow'] } }],
    });
    const run = commands.execute('d.slow');
    await clock.pass(3_600_000, 60_000);
    answer('after an hour');
    assert.equal(await run, 'after an hour');
    other.dispose();
  });

  it('wait for each other when plugins of other hosts run them; what the streamer runs does not', async () => {
    await register('p.slow', 'p.now');
    const ran: string[] = [];
    run = (command) => {
      ran.push(command);
      return new Promise(() => {});
    };
    const start = (command: string, caller?: string) => {
      commands.execute(command, [], { caller }).catch(() => {});
    };
    // The simulated host has no heartbeats: even a refused one tells that it has come so far.
    for (let count = 0; count < 30; count++) start('p.slow', 'other');
    start('p.now');
    start('p.now', 'p');
    await clock.settle();
    assert.equal(ran.length, 32);
    assert.deepEqual(
      ran.flatMap((command, index) => (command === 'p.now' ? [index] : [])),
      [8, 9],
    );
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
