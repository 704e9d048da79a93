import assert from 'node:assert/strict';
import { ExtensionHostFactory } from '../../../src/core/extension-hosts/hosts/extension-host-factory.js';
import type { ExtensionHostStub } from '../../../src/core/extension-hosts/hosts/extension-host-stub.js';
import type { HostPlan } from '../../../src/core/extension-hosts/hosts/host-plan.js';
import { StartQueue } from '../../../src/core/extension-hosts/hosts/start-queue.js';
import type { Log } from '../../../src/core/log/log.js';
import { CommandRegistry } from '../../../src/core/main-thread/command-registry.js';
import { MainThreadCommands } from '../../../src/core/main-thread/main-thread-commands.js';
import type { MainThreadNamespace } from '../../../src/core/main-thread/main-thread-namespace.js';
import { MainThreadStatusItems } from '../../../src/core/main-thread/main-thread-status-items.js';
import { Questions } from '../../../src/core/streamer/questions.js';
import { StatusItems } from '../../../src/core/streamer/status-items.js';
import type { InstalledPlugin } from '../../../src/plugins/installed-plugin.js';
import type { NoticeParams } from '../../../src/protocol/control.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { RegisterCommandRequest } from '../../../src/protocol/plugin-commands.js';
import { StatusItemNotification } from '../../../src/protocol/plugin-status-items.js';
import { FakeClock } from '../../support/fake-clock.js';
import { EVERYTHING_HOLDS } from '../../support/fake-keys.js';
import { SILENT_LOG } from '../../support/silent-log.js';
import { installedPlugin } from '../plugins/installed-plugin.js';
import { FakeHosts } from './fake-hosts.js';

const DEADLINES = { activateMs: 1000, deactivateMs: 500, commandMs: 2000 };
/** How much longer than a plugin's own deadline the core waits for its host, ms. */
const SLACK_MS = 2000;

const eager = installedPlugin('eager');
const lazy = installedPlugin('lazy', {
  activationEvents: ['onCommand:lazy.do'],
  contributes: {
    commands: [{ command: 'lazy.do', title: 'Do' }],
    configuration: { properties: {} },
    events: [],
    statusItems: [],
  },
});
const showing = installedPlugin('showing', {
  contributes: {
    commands: [],
    configuration: { properties: {} },
    events: [],
    statusItems: [{ id: 'viewers', name: 'Viewers' }],
  },
});

describe('the stub of an extension host', () => {
  let clock: FakeClock;
  let hosts: FakeHosts;
  let commands: CommandRegistry;
  let notices: Omit<NoticeParams, 'atMs'>[];
  let stubs: ExtensionHostStub[];
  /** What a namespace hears of its hosts. */
  let heard: string[];
  const listening: MainThreadNamespace = {
    serve({ lifecycle }) {
      const watching = lifecycle.onWillActivate((id) => heard.push(`activates ${id}`));
      return {
        dispose: () => {
          watching.dispose();
          heard.push(lifecycle.hasFailed() ? 'failed' : 'ended');
        },
      };
    },
    release: (id) => void heard.push(`released ${id}`),
  };

  beforeEach(() => {
    clock = new FakeClock();
    hosts = new FakeHosts();
    commands = new CommandRegistry(EVERYTHING_HOLDS);
    notices = [];
    stubs = [];
    heard = [];
  });

  afterEach(async () => {
    for (const stub of stubs) stub.dispose();
    assert.deepEqual(commands.list(), []);
    await clock.pass(2 * SLACK_MS);
    assert.equal(clock.pending, 0, 'a timer is left');
    clock.restore();
  });

  function create(plugins: readonly InstalledPlugin[], change: Partial<HostPlan> = {}): ExtensionHostStub {
    const statusItems = new StatusItems();
    const factory = new ExtensionHostFactory(
      { tier: 'strict', launcherFor: () => hosts },
      { logLevel: 'info' },
      [
        new MainThreadStatusItems(statusItems),
        new MainThreadCommands(commands, DEADLINES, new Questions()),
        listening,
      ],
      commands,
      {
        foldersOf: (id) => ({ storage: `/stored/${id}`, profiles: '/profiles' }),
        makeFilesFolder: async (id) => `/stored/${id}`,
      },
      statusItems,
      { notice: (notice) => notices.push(notice) },
      DEADLINES,
      { backoffBaseMs: 1000 },
    );
    const stub = factory.create({
      plugins,
      activateDependencies: async () => {},
      log: SILENT_LOG,
      ...change,
    });
    stubs.push(stub);
    return stub;
  }

  /** A host whose plugins have been activated on startup. */
  async function run(
    plugins: readonly InstalledPlugin[],
    change: Partial<HostPlan> = {},
  ): Promise<ExtensionHostStub> {
    const stub = create(plugins, change);
    stub.start();
    await clock.settle();
    assert.equal(stub.status().state, 'running');
    return stub;
  }

  const messages = () => notices.map(({ severity, message }) => `${severity}: ${message}`);

  describe('for each namespace of the API', () => {
    it('tells a failure from an orderly end, and what is restarted from what is stopped', async () => {
      const stub = await run([eager]);
      assert.deepEqual(heard.splice(0), ['activates eager']);
      hosts.last.crash();
      await clock.pass(1);
      assert.deepEqual(heard.splice(0), ['failed', 'activates eager']);
      await Promise.all([stub.restart(), clock.pass(SLACK_MS)]);
      assert.deepEqual(heard.splice(0), ['ended', 'activates eager']);
      await Promise.all([stub.stop(), clock.pass(SLACK_MS)]);
      assert.deepEqual(heard.splice(0), ['ended', 'released eager']);
      await Promise.all([stub.restart(), clock.pass(SLACK_MS)]);
      assert.deepEqual(heard.splice(0), ['activates eager'], 'nothing is released of what is restarted');
    });
  });

  describe('when it is started', () => {
    it('activates its plugins, and counts as running once they are active', async () => {
      const stub = create([eager]);
      assert.deepEqual([stub.status().state, stub.status().pid], ['stopped', 0]);
      stub.start();
      assert.equal(stub.status().state, 'starting');
      await clock.settle();

      const { state, plugins, restarts, isolated, waiting, error } = stub.status();
      assert.deepEqual(
        { state, plugins, restarts, isolated, waiting, error },
        {
          ...{ state: 'running', plugins: ['eager'], restarts: 0, isolated: true },
          ...{ waiting: undefined, error: undefined },
        },
      );
      assert.deepEqual(hosts.asked, ['prepare', 'host 1 starts', 'host 1 activate eager']);
      const [activation] = hosts.last.activations;
      assert.equal(activation?.deadlineMs, DEADLINES.activateMs);
      const { id, storagePath, tier, shared } = activation.plugin;
      assert.deepEqual(
        { id, storagePath, tier, shared },
        {
          ...{ id: 'eager', storagePath: '/stored/eager', tier: 'strict', shared: false },
        },
      );
      assert.deepEqual(messages(), []);
    });

    it('does not activate a plugin before it is needed', async () => {
      const stub = await run([eager, lazy]);
      assert.deepEqual(stub.status().waiting, ['lazy']);
      assert.equal(stub.isActivated('lazy'), false);
      assert.equal(hosts.last.activations[0]?.plugin.shared, true);

      // The fake plugin registers nothing.
      const refused = assert.rejects(commands.execute('lazy.do'), { code: 'command.notFound' });
      await clock.settle();
      assert.deepEqual(hosts.asked.slice(-1), ['host 1 activate lazy']);
      assert.equal(stub.status().waiting, undefined);
      await refused;
    });

    it('activates by events, each plugin once', async () => {
      const live = installedPlugin('live', { activationEvents: ['onBroadcastStart'] });
      const stub = await run([live, lazy]);
      stub.fire('onBroadcastStart', 'lazy');
      await clock.settle();
      assert.deepEqual(stub.status().waiting, ['live', 'lazy']);
      stub.fire('onBroadcastStart');
      stub.fire('onBroadcastStart');
      await clock.settle();
      assert.deepEqual(hosts.asked.slice(2), ['host 1 activate live']);
    });

    it('waits in the queue, and leaves it when it is stopped', async () => {
      const queue = new StartQueue(1);
      const first = create([eager], { queue });
      const second = create([showing], { queue });
      first.start();
      second.start();
      second.start();
      assert.equal(second.status().state, 'starting');
      assert.equal(second.status().pid, 0);
      await second.stop();
      assert.equal(second.status().state, 'stopped');
      await clock.settle();
      assert.equal(first.status().state, 'running');
      assert.equal(hosts.all.length, 1, 'the second was never launched');

      second.start();
      await clock.settle();
      assert.equal(second.status().state, 'running');
    });

    it('is not launched if it is stopped during preparation', async () => {
      const stub = create([eager]);
      stub.start();
      await stub.stop();
      await clock.settle();
      assert.deepEqual([hosts.all, stub.status().state], [[], 'stopped']);
    });

    it('activates its plugins when the previous host has ended and dependencies are active', async () => {
      let ready = () => {};
      const after = new Promise<void>((resolve) => {
        ready = resolve;
      });
      const needed: string[] = [];
      const stub = create([eager], {
        after,
        activateDependencies: async ({ id }) => {
          needed.push(id);
        },
      });
      stub.start();
      await clock.settle();
      assert.deepEqual([stub.status().state, hosts.all.length, needed], ['starting', 1, []]);
      ready();
      await clock.settle();
      assert.deepEqual([stub.status().state, needed], ['running', ['eager']]);
    });
  });

  it('tells the streamer of unhandled rejections now and then, and keeps the host', async () => {
    const stub = await run([eager]);
    const reject = async (rejections: number) => {
      const stack = `Error: no\n    at ask (${eager.path}/main.js:7:1)`;
      hosts.last.report('eager', 'the plugin "eager" failed: no', false, { rejections, stack });
      await clock.settle();
    };
    for (const count of [1, 2, 3]) await reject(count);
    const text = `warning: the plugin "eager" failed: no, at ask (${eager.path}/main.js:7:1). It runs on.`;
    assert.deepEqual(messages(), [text]);
    clock.jump(11 * 60_000);
    await reject(4);
    assert.deepEqual(messages(), [text, `${text} It was number 4.`]);
    assert.deepEqual([stub.status().state, stub.status().restarts], ['running', 0]);
  });

  describe('when its host crashes', () => {
    it('starts it again, with the plugins that were active in it', async () => {
      const stub = await run([showing, lazy]);
      hosts.last.connection.sendNotification(StatusItemNotification.type, {
        ...{ plugin: 'showing', id: 'viewers', text: '12' },
      });
      await clock.settle();
      assert.deepEqual(stub.status().statusItems, [
        { plugin: 'showing', id: 'viewers', name: 'Viewers', text: '12' },
      ]);
      hosts.last.crash();
      await clock.settle();

      const { state, restarts, waiting, statusItems } = stub.status();
      assert.deepEqual([state, restarts, waiting], ['running', 1, ['lazy']]);
      assert.equal(statusItems, undefined, 'what it showed is gone with it');
      assert.deepEqual(hosts.asked.slice(-2), ['host 2 starts', 'host 2 activate showing']);
      assert.equal(messages().length, 1);
      assert.match(
        messages()[0] ?? '',
        /^warning: one of the plugins "showing", "lazy", which share a process, failed: .* Restarting it with all that share its process: "showing", "lazy"\.$/,
      );
    });

    it('attributes the crash to the plugin that the host named', async () => {
      await run([eager]);
      hosts.last.report('eager', 'the plugin "eager" failed: boom', true);
      await clock.settle();
      hosts.last.crash();
      await clock.settle();
      assert.deepEqual(messages(), ['warning: the plugin "eager" failed: boom. Restarting it.']);
    });

    it('names the place in the plugin that the stack tells', async () => {
      await run([eager]);
      hosts.last.report('eager', 'the plugin "eager" failed: boom', true, {
        stack: `Error: boom\n    at elsewhere (/x.js:1:1)\n    at run (${eager.path}/src/a.ts:3:5)`,
      });
      await clock.settle();
      hosts.last.crash();
      await clock.settle();
      assert.deepEqual(messages(), [
        `warning: the plugin "eager" failed: boom, at run (${eager.path}/src/a.ts:3:5). Restarting it.`,
      ]);
    });

    it('gives up after the third crash, until it is started again', async () => {
      const stub = await run([eager]);
      hosts.last.crash();
      await clock.settle();
      hosts.last.crash();
      await clock.pass(2000);
      assert.equal(stub.status().state, 'running');
      assert.equal(stub.recentCrashes.length, 2);
      hosts.last.report('eager', 'it divided by zero', true);
      await clock.settle();
      hosts.last.crash();
      await clock.pass(5000);

      assert.equal(hosts.all.length, 3);
      const { state, error, pid } = stub.status();
      assert.deepEqual([state, pid], ['quarantined', 0]);
      assert.equal(
        error?.message,
        'the plugin "eager" crashed repeatedly and stays off; last error: it divided by zero',
      );
      assert.match(
        messages().at(-1) ?? '',
        /^error: .* It stays off until the next broadcast begins or "bulkhead plugin restart eager"\.$/,
      );
      await assert.rejects(stub.activatePlugin(eager), { code: 'process.quarantined', where: 'eager' });

      stub.start();
      await clock.settle();
      assert.deepEqual([stub.status().state, stub.status().restarts], ['running', 0]);
      assert.equal(stub.status().error, undefined);
    });

    it('counts crashes under a previous core', async () => {
      const stub = create([eager], {
        crashesBefore: [performance.now(), performance.now(), performance.now()],
      });
      stub.start();
      await clock.settle();
      assert.equal(stub.status().state, 'quarantined');
      assert.deepEqual(hosts.all, []);
      assert.equal(messages().length, 1);
    });
  });

  describe('when one of several plugins cannot be activated', () => {
    it('runs the others, and says which one failed', async () => {
      hosts.behaviour = { failing: { eager: 'the plugin "eager" failed: activate: boom' } };
      const stub = await run([eager, showing]);
      assert.deepEqual(
        stub.status().failed?.map(({ plugin, error }) => [plugin, error.message]),
        [['eager', 'the plugin "eager" failed: activate: boom']],
      );
      await assert.rejects(stub.activatePlugin(eager), { code: 'plugin.failed' });
      await stub.activatePlugin(showing);
    });
  });

  describe('when a plugin cannot be activated', () => {
    it('reports that, and stays off', async () => {
      hosts.behaviour = { failing: { eager: 'the plugin "eager" failed: activate: boom' } };
      const stub = create([eager]);
      stub.start();
      await clock.pass(5000);

      const { state, error } = stub.status();
      assert.deepEqual([state, error?.message], ['failed', 'the plugin "eager" failed: activate: boom']);
      assert.deepEqual(messages(), ['error: the plugin "eager" failed: activate: boom']);
      assert.equal(hosts.all.length, 1, 'a restart would not help');
      await assert.rejects(stub.activatePlugin(eager), { code: 'plugin.failed' });

      hosts.behaviour = {};
      stub.start();
      await stub.activatePlugin(eager);
      await clock.settle();
      assert.deepEqual([stub.status().state, stub.status().error], ['running', undefined]);
    });

    it('keeps the other plugins of its host running', async () => {
      hosts.behaviour = { failing: { showing: 'no' } };
      const stub = create([eager, showing]);
      stub.start();
      await clock.settle();
      const { state, error } = stub.status();
      assert.deepEqual([state, error?.message], ['running', 'no']);
      await stub.activatePlugin(eager);
      await assert.rejects(stub.activatePlugin(showing), { message: 'no' });
    });

    it('fails with the error of its dependency', async () => {
      const failure = new BulkheadError(ErrorCodes.pluginFailed, 'it needs another one');
      const stub = create([eager], { activateDependencies: () => Promise.reject(failure) });
      stub.start();
      await clock.settle();
      assert.equal(stub.status().error?.message, 'it needs another one');
      assert.deepEqual(hosts.last.activations, []);
    });

    it('ends a host that does not respond in time, and waits for the next one', async () => {
      hosts.behaviour = { hanging: ['eager'] };
      const stub = create([eager]);
      stub.start();
      const activated = stub.activatePlugin(eager);
      await clock.pass(DEADLINES.activateMs + SLACK_MS - 100);
      assert.deepEqual([stub.status().state, hosts.all.length], ['starting', 1]);
      hosts.behaviour = {};
      await clock.pass(200);
      await activated;
      assert.deepEqual([stub.status().state, hosts.all.length], ['running', 2]);
      assert.match(
        messages()[0] ?? '',
        /^warning: .*: activate: no response within 3000 ms\. Restarting it\.$/,
      );
    });

    it('rejects at the deadline', async () => {
      hosts.behaviour = { hanging: ['eager'] };
      const stub = create([eager]);
      stub.start();
      let failure: unknown;
      void stub.activatePlugin(eager).catch((error: unknown) => {
        failure = error;
      });
      await clock.pass(10_000);
      assert.ok(failure instanceof BulkheadError);
      assert.match(failure.message, /^the plugin "eager" (was not active within 8000 ms|failed: )/);
    });
  });

  describe('when a plugin is debugged', () => {
    const inspector = { port: 9229, wait: true };
    const debugged = installedPlugin('debugged', { source: 'development', inspector });

    it('opens its inspector, and waits while it stands at a breakpoint', async () => {
      hosts.behaviour = { hanging: ['debugged'] };
      const stub = create([debugged]);
      stub.start();
      const activated = assert.rejects(stub.activatePlugin(debugged), /does not run/);
      await clock.pass(3_600_000, 60_000);
      assert.deepEqual(hosts.all[0]?.activations[0]?.inspector, inspector);
      assert.deepEqual([stub.status().state, messages()], ['starting', []]);
      await Promise.all([stub.stop(), activated, clock.pass(SLACK_MS)]);
      assert.equal(hosts.asked.filter((what) => what.includes('activate')).length, 1);
    });

    it("opens no other plugin's", async () => {
      await run([eager]);
      assert.equal(hosts.last.activations[0]?.inspector, undefined);
    });
  });

  describe('when it is to end', () => {
    it('deactivates the active plugins first', async () => {
      const stub = await run([eager, lazy]);
      const stopped = stub.stop();
      await clock.settle();
      await stopped;
      assert.deepEqual(hosts.asked.slice(3), ['host 1 deactivate eager', 'release']);
      assert.deepEqual([stub.status().state, stub.status().pid], ['stopped', 0]);
      await assert.rejects(stub.activatePlugin(eager), {
        code: 'plugin.failed',
        message: /does not run$/,
      });
    });

    it('reports what a plugin has left behind only in development', async () => {
      const lines: string[] = [];
      const log: Log = { ...SILENT_LOG, warn: (message) => lines.push(message) };
      hosts.behaviour = { left: ['the command "a"', 'a listener'] };
      for (const plugin of [eager, installedPlugin('mine', { source: 'development' })]) {
        const stub = await run([plugin], { log });
        const stopped = stub.stop();
        await clock.settle();
        await stopped;
      }
      assert.deepEqual(lines, ['not in context.subscriptions: the command "a", a listener']);
    });

    it('restarts in another process, started before the plugins are deactivated', async () => {
      const stub = await run([eager]);
      const restarted = stub.restart();
      await clock.settle();
      await restarted;
      await clock.settle();
      assert.deepEqual(hosts.asked.slice(3), [
        'prepare',
        'host 2 starts',
        'host 2 prepares with a network guard',
        'host 1 deactivate eager',
        'host 2 activate eager',
      ]);
      assert.deepEqual([stub.status().state, messages()], ['running', []]);
    });

    it('has a host that waits for its turn load what it will need: no network guard for the whole network', async () => {
      const stub = await run([{ ...eager, granted: ['network'] }]);
      const restarted = stub.restart();
      await clock.settle();
      await restarted;
      assert.ok(hosts.asked.includes('host 2 prepares'), hosts.asked.join());
    });

    it('forgets crashes when it is restarted', async () => {
      const stub = await run([eager]);
      for (let time = 0; time < 2; time++) {
        hosts.last.crash();
        await clock.pass(2000);
      }
      await Promise.all([stub.restart(), clock.settle()]);
      await clock.settle();
      assert.deepEqual(stub.recentCrashes, []);
      hosts.last.crash();
      await clock.settle();
      assert.equal(stub.status().state, 'running');
    });

    it('starts a host that has been given up when it is restarted', async () => {
      hosts.behaviour = { failing: { eager: 'no' } };
      const stub = create([eager]);
      stub.start();
      await clock.settle();
      hosts.behaviour = {};
      await stub.restart();
      await clock.settle();
      assert.equal(stub.status().state, 'running');
    });

    it('can be given up because of one plugin, with the reason', async () => {
      const stub = await run([showing]);
      stub.giveUp(showing, new BulkheadError(ErrorCodes.storageQuota, 'it has stored too much'));
      await clock.pass(5000);
      const { state, error } = stub.status();
      assert.deepEqual([state, error?.code], ['failed', 'storage.quota']);
      assert.deepEqual(messages(), ['error: it has stored too much']);
      assert.equal(notices[0]?.source, 'showing');
      assert.equal(hosts.all.length, 1);
    });
  });

  it('ends a host that sends too many invalid messages, and names it', async () => {
    const stub = await run([eager]);
    for (let count = 0; count < 150; count++) {
      hosts.last.connection.sendNotification(StatusItemNotification.type, {
        ...{ plugin: 'somebody else', id: 'x', text: 'x' },
      });
    }
    await clock.settle();
    assert.equal(stub.status().restarts, 1);
    assert.match(messages()[0] ?? '', /it sends messages that are not valid, the last: .*"somebody else"/);
  });

  it('removes the commands of a host that has ended', async () => {
    await run([eager]);
    const registration = { id: 'eager.do', method: 'workspace/executeCommand' };
    await hosts.last.connection.sendRequest(RegisterCommandRequest.type, {
      plugin: 'eager',
      registrations: [{ ...registration, registerOptions: { commands: ['eager.do'] } }],
    });
    assert.deepEqual(commands.list(), ['eager.do']);
    hosts.last.crash();
    await clock.settle();
    assert.deepEqual(commands.list(), []);
  });
});
