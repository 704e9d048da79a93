import assert from 'node:assert/strict';
import { PluginFaults } from '../../../src/extension-host/plugin-faults.js';
import { describePlugin } from '../../../src/plugins/installed-plugin.js';
import { processFaults } from '../../../src/process-host/process-faults.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import {
  PLUGIN_STAGE_VARIABLE,
  PluginErrorNotification,
  type PluginErrorParams,
} from '../../../src/protocol/extension-host.js';
import { PartLogNotification } from '../../../src/protocol/lifecycle.js';
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';
import { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import { FakeClock } from '../../support/fake-clock.js';
import { eventually } from '../../support/wait.js';
import { installedPlugin } from '../plugins/installed-plugin.js';

type Kind = 'uncaught exception' | 'unhandled rejection' | 'process.exit';

describe('faults of plugins', () => {
  let core: RpcConnection;
  let host: RpcConnection;
  let faults: PluginFaults;
  let reports: PluginErrorParams[];
  let exits: number[];

  beforeEach(() => {
    const [near, far] = createInMemoryPair();
    core = new RpcConnection(near, { peer: 'host' });
    host = new RpcConnection(far, { peer: 'core' });
    reports = [];
    exits = [];
    core.onNotification(PluginErrorNotification.type, (params) => void reports.push(params));
    core.listen();
    host.listen();
  });

  afterEach(() => {
    faults.dispose();
    core.dispose();
    host.dispose();
  });

  function watch(ownsProcess: boolean, ...ids: string[]): void {
    const plugins = ids.map((id) => describePlugin(installedPlugin(id), '/stored', 'none'));
    faults = new PluginFaults({
      connection: host,
      ownsProcess,
      exit: (code) => exits.push(code),
      plugins: () => plugins,
    });
  }

  /** An error thrown by a plugin's code, or by code that belongs to none. */
  function thrown(by?: string): Error {
    const error = new Error('went wrong');
    error.stack = `Error: went wrong\n    at run (${by === undefined ? '/elsewhere' : `/plugins/${by}`}/main.js:1:1)`;
    return error;
  }

  const claims = (kind: Kind, error: unknown) => processFaults.offer({ kind, error });
  const culprits = async (count: number) => {
    await eventually('the reports', () => reports.length === count || undefined);
    return reports.map(({ plugin }) => plugin);
  };

  it('are those of the only plugin in its own process, whatever the stack is', async () => {
    watch(true, 'one');
    assert.equal(claims('uncaught exception', thrown()), true);
    assert.equal(claims('unhandled rejection', 'a text'), true);
    assert.deepEqual(await culprits(2), ['one', 'one']);
    assert.equal(reports[0]?.message, 'the plugin "one" failed: uncaught exception: went wrong');
    assert.equal(reports[0]?.fatal, true);
    assert.match(reports[0]?.stack ?? '', /elsewhere/);
    assert.equal(reports[1]?.message, 'the plugin "one" failed: unhandled rejection: a text');
    assert.deepEqual([reports[1]?.fatal, reports[1]?.rejections], [false, 1]);
  });

  it('do not end the host if they are unhandled rejections, which are counted', async () => {
    watch(true, 'one');
    const error = thrown('one');
    for (let count = 0; count < 3; count++) {
      const promise = Promise.reject(error);
      promise.catch(() => {});
      // Each listener of the process offers it.
      for (let times = 0; times < 2; times++)
        assert.equal(processFaults.offer({ kind: 'unhandled rejection', error, promise }), true);
    }
    await culprits(3);
    assert.deepEqual(
      reports.map(({ message, fatal, rejections }) => [message, fatal, rejections]),
      [1, 2, 3].map((count) => ['the plugin "one" failed: unhandled rejection: went wrong', false, count]),
    );
    assert.deepEqual(exits, []);
    assert.equal(claims('uncaught exception', error), true, 'the same error, thrown');
    await eventually('the exit', () => exits.length > 0 || undefined);
  });

  it('end the host when unhandled rejections flood it, of which some are reported', async () => {
    const clock = new FakeClock();
    try {
      watch(true, 'one');
      for (let count = 0; count < 1000; count++) claims('unhandled rejection', `number ${count + 1}`);
      await clock.settle();
      assert.deepEqual([reports.length, exits], [20, []]);
      for (let count = 0; count < 100; count++) claims('unhandled rejection', 'one more');
      await clock.settle();
      assert.deepEqual([reports.length, exits], [21, [ExitCodes.crash]]);
      const { message, fatal } = reports.at(-1) ?? {};
      assert.deepEqual(
        [message, fatal],
        ['the plugin "one" failed: too many unhandled rejections, 1001 so far, the last: one more', true],
      );
    } finally {
      clock.restore();
    }
  });

  it('are outlived where unhandled rejections come at a rate that a host can bear', async () => {
    const clock = new FakeClock();
    try {
      watch(true, 'one');
      for (let second = 0; second < 200; second++) {
        for (let count = 0; count < 9; count++) claims('unhandled rejection', 'again');
        clock.tick(1000);
        await clock.settle();
      }
      assert.deepEqual(exits, []);
      assert.ok((reports.at(-1)?.rejections ?? 0) > 1700, 'reported until the end');
    } finally {
      clock.restore();
    }
  });

  it('are logged without a name where a rejection cannot be attributed to one of several plugins', async () => {
    const lines: string[] = [];
    core.onNotification(PartLogNotification.type, ({ message }) => void lines.push(message));
    watch(true, 'one', 'two');
    assert.equal(claims('unhandled rejection', 'a text'), true);
    await eventually('the line', () => lines.length > 0 || undefined);
    assert.deepEqual([lines, reports, exits], [['unhandled rejection: a text'], [], []]);
  });

  it('may be anything that can be thrown', async () => {
    watch(true, 'one');
    claims('unhandled rejection', Object.create(null));
    claims('unhandled rejection', { reason: 5 });
    claims('unhandled rejection', undefined);
    await culprits(3);
    assert.deepEqual(
      reports.map(({ message }) => message.replace(/^.*rejection: /, '')),
      ['[Object: null prototype] {}', '{ reason: 5 }', 'undefined'],
    );
  });

  it('are not those of its only plugin if it shares the process with the core', async () => {
    watch(false, 'one');
    assert.equal(claims('uncaught exception', thrown()), false);
    assert.equal(claims('uncaught exception', 'a text'), false);
    assert.equal(claims('uncaught exception', thrown('one')), true);
    assert.deepEqual(await culprits(1), ['one']);
  });

  it('are those of the plugin on the stack if several share the process', async () => {
    watch(true, 'one', 'two');
    assert.equal(claims('uncaught exception', thrown()), false);
    assert.equal(claims('uncaught exception', thrown('two')), true);
    assert.deepEqual(await culprits(1), ['two']);
  });

  it('include process.exit called by a plugin, and not by its host', async () => {
    watch(true, 'one');
    assert.equal(claims('process.exit', thrown()), false);
    assert.equal(claims('process.exit', thrown('one')), true);
    assert.deepEqual(await culprits(1), ['one']);
  });

  it('end the host, after the call in which they happen', async () => {
    watch(true, 'one');
    claims('uncaught exception', thrown());
    assert.deepEqual(exits, []);
    await eventually('the exit', () => exits.length > 0 || undefined);
    assert.deepEqual(exits, [ExitCodes.crash]);
  });

  it('are recognized by the path that the core has linked to the folder of the plugin', async () => {
    watch(false, 'one');
    process.env[PLUGIN_STAGE_VARIABLE] = '/stage/here';
    try {
      const error = thrown();
      error.stack = 'Error: went wrong\n    at run (/stage/here/main.js:1:1)';
      assert.equal(claims('uncaught exception', error), true);
      assert.equal(claims('uncaught exception', thrown('one')), true);
      assert.equal(claims('uncaught exception', thrown()), false);
    } finally {
      delete process.env[PLUGIN_STAGE_VARIABLE];
    }
    assert.deepEqual(await culprits(2), ['one', 'one']);
  });

  it("are nobody's if no plugin is loaded, or the error has no stack", () => {
    watch(true);
    assert.equal(claims('uncaught exception', thrown('one')), false);
    faults.dispose();
    watch(false, 'one');
    const error = thrown();
    delete error.stack;
    assert.equal(claims('uncaught exception', error), false);
  });

  it('that no caller waits for are reported with the stack of their cause, and do not end the host', async () => {
    watch(true, 'one');
    const cause = thrown('one');
    cause.stack += '\n    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)';
    const failure = (options: object) => new BulkheadError(ErrorCodes.pluginFailed, 'no luck', options);
    const own = failure({ where: 'one' });
    faults.report(failure({ where: 'one', cause }));
    faults.report(own);
    const bare = failure({});
    delete bare.stack;
    faults.report(bare);
    await culprits(3);
    assert.deepEqual(reports, [
      { plugin: 'one', message: 'no luck', fatal: false, stack: thrown('one').stack },
      { plugin: 'one', message: 'no luck', fatal: false, stack: own.stack },
      { plugin: '', message: 'no luck', fatal: false },
    ]);
    assert.deepEqual(exits, []);
  });

  it('are no longer claimed after its end', () => {
    watch(true, 'one');
    faults.dispose();
    assert.equal(claims('uncaught exception', thrown('one')), false);
  });

  it('are reported with a bounded stack', async () => {
    watch(true, 'one');
    const error = thrown();
    error.stack = 'x'.repeat(100_000);
    claims('uncaught exception', error);
    await culprits(1);
    assert.equal(reports[0]?.stack, 'x'.repeat(8192));
  });
});
