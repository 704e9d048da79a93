import assert from 'node:assert/strict';
import { type Disposable, NotificationType } from 'vscode-jsonrpc/node';
import type { PartContext, PartModule } from '../../../src/process-host/part-module.js';
import { servePart } from '../../../src/process-host/serve-part.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import {
  ExitNotification,
  HeartbeatRequest,
  InitializeRequest,
  PartLogNotification,
  PROTOCOL_VERSION,
  ShutdownRequest,
} from '../../../src/protocol/lifecycle.js';
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';
import { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import { closeOf, until } from '../rpc/connected-pair.js';

const Fail = new NotificationType<object>('test/fail');

function initializeParams(protocolVersion = PROTOCOL_VERSION) {
  return { protocolVersion, role: 'live-server', parentPid: 1, logLevel: 'info' } as const;
}

/** A part served in memory, with its core and its results. */
class Served {
  readonly core: RpcConnection;
  readonly part: Disposable;
  readonly events: string[] = [];
  context: PartContext | undefined;

  constructor(activate: (context: PartContext) => void = () => {}, finish?: () => Promise<void>) {
    const [near, far] = createInMemoryPair();
    this.core = new RpcConnection(near, { peer: 'part' });
    const module: PartModule = {
      role: 'live-server',
      initializeResult: { capabilities: { test: true } },
      activate: (context) => {
        this.context = context;
        activate(context);
        const part = { dispose: () => void this.events.push('disposed') };
        return finish === undefined ? part : { ...part, finish };
      },
    };
    this.core.listen();
    this.part = servePart(module, {
      control: far,
      pid: 4711,
      exit: (code) => this.events.push(`exit ${code}`),
    });
  }

  async ended(): Promise<string[]> {
    await until(() => this.events.some((event) => event.startsWith('exit')));
    return this.events;
  }
}

describe('servePart', () => {
  let served: Served;

  beforeEach(() => {
    served = new Served();
  });
  afterEach(() => {
    served.part.dispose();
    served.core.dispose();
  });

  it('answers `initialize` for its module, and the heartbeat', async () => {
    assert.deepEqual(await served.core.sendRequest(InitializeRequest.type, initializeParams()), {
      protocolVersion: PROTOCOL_VERSION,
      pid: 4711,
      capabilities: { test: true },
    });
    assert.equal(await served.core.sendRequest(HeartbeatRequest.type, {}), null);
    assert.deepEqual(served.events, []);
  });

  it('refuses a core of another version, after which it ends', async () => {
    await assert.rejects(served.core.sendRequest(InitializeRequest.type, initializeParams(99)), (error) => {
      assert.ok(error instanceof BulkheadError);
      assert.equal(error.code, ErrorCodes.versionMismatch);
      assert.match(error.message, /99/);
      assert.ok(error.remedy);
      return true;
    });
    assert.deepEqual(await served.ended(), ['disposed', `exit ${ExitCodes.versionMismatch}`]);
  });

  it('ends in order after `shutdown` and `exit`', async () => {
    await served.core.sendRequest(ShutdownRequest.type);
    assert.deepEqual(served.events, []);
    served.core.sendNotification(ExitNotification.type);
    assert.deepEqual(await served.ended(), ['disposed', `exit ${ExitCodes.ok}`]);
  });

  it('treats an `exit` without `shutdown` as a failure, as in LSP', async () => {
    served.core.sendNotification(ExitNotification.type);
    assert.deepEqual(await served.ended(), ['disposed', `exit ${ExitCodes.crash}`]);
  });

  it('ends when the channel closes', async () => {
    served.core.dispose();
    assert.deepEqual(await served.ended(), ['disposed', `exit ${ExitCodes.parentGone}`]);
  });

  it('lets the module end it, once', async () => {
    const closed = closeOf(served.core);
    served.context?.exit(3);
    served.context?.exit(4);
    await closed;
    assert.deepEqual(served.events, ['disposed', 'exit 3']);
  });

  it('does not report an end requested by its host', async () => {
    const closed = closeOf(served.core);
    served.part.dispose();
    served.part.dispose();
    await closed;
    assert.deepEqual(served.events, ['disposed']);
  });

  it('activates the module before it reads the first message', async () => {
    const seen: string[] = [];
    const early = new Served(({ connection }) => {
      connection.onNotification(Fail, () => seen.push('heard'));
    });
    early.core.sendNotification(Fail, {});
    await early.core.sendRequest(HeartbeatRequest.type, {});
    assert.deepEqual(seen, ['heard']);
    early.part.dispose();
    early.core.dispose();
  });

  it('reports a notification handler that throws to the core', async () => {
    const logged: string[] = [];
    const failing = new Served(({ connection }) => {
      connection.onNotification(Fail, () => {
        throw new Error('not today');
      });
    });
    failing.core.onNotification(PartLogNotification.type, ({ level, message }) =>
      logged.push(level, message),
    );
    failing.core.sendNotification(Fail, {});
    await until(() => logged.length > 0);
    assert.equal(logged[0], 'error');
    assert.match(logged[1] ?? '', /test\/fail: Error: not today/);
    failing.part.dispose();
    failing.core.dispose();
  });

  it('closes the channel and throws when the module cannot be activated', async () => {
    const [near, far] = createInMemoryPair();
    const core = new RpcConnection(near, { peer: 'part' });
    const closed = closeOf(core);
    core.listen();
    const module: PartModule = {
      role: 'encoder',
      initializeResult: { capabilities: {} },
      activate: () => {
        throw new Error('no luck');
      },
    };
    const exits: number[] = [];
    const host = { control: far, pid: 1, exit: (code: number) => exits.push(code) };
    assert.throws(() => servePart(module, host), /no luck/);
    await closed;
    assert.deepEqual(exits, []);
  });

  it('lets a part finish when the core is gone', async () => {
    let finished = () => {};
    const finishing = new Served(
      () => {},
      () => new Promise((resolve) => (finished = resolve)),
    );
    finishing.core.dispose();
    await until(() => finishing.context?.connection.closed === true);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(finishing.events, []);
    finished();
    assert.deepEqual(await finishing.ended(), ['disposed', `exit ${ExitCodes.parentGone}`]);
  });

  it('ends a part that fails to finish', async () => {
    const failing = new Served(
      () => {},
      () => Promise.reject(new Error('it fails')),
    );
    failing.core.dispose();
    assert.deepEqual(await failing.ended(), ['disposed', `exit ${ExitCodes.parentGone}`]);
  });
});
