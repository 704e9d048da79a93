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
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';
import { RpcConnection } from '../../../src/rpc/rpc-connection.js';
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
    const failure = (options: object) => new BulkheadError(ErrorCodes.pluginFailed, 'no luck', options);
    const own = failure({ where: 'one' });
    faults.report(failure({ where: 'one', cause }));
    faults.report(own);
    const bare = failure({});
    delete bare.stack;
    faults.report(bare);
    await culprits(3);
    assert.deepEqual(reports, [
      { plugin: 'one', message: 'no luck', fatal: false, stack: cause.stack },
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
