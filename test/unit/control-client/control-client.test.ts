import assert from 'node:assert/strict';
import { ControlClient } from '../../../src/control-client/control-client.js';
import { ShutdownCoreRequest } from '../../../src/protocol/control.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';
import { RpcConnection } from '../../../src/rpc/rpc-connection.js';

describe('the end of a core', () => {
  it('is what was asked for, also where the core ends before its answer, and not where it refuses', async () => {
    const ends: readonly [(core: RpcConnection) => null | Promise<null>, string | undefined][] = [
      [() => null, undefined],
      [
        (core) => {
          core.dispose();
          return new Promise(() => {});
        },
        undefined,
      ],
      [
        () => {
          throw new BulkheadError(ErrorCodes.broadcastState, 'not now');
        },
        'broadcast.state',
      ],
    ];
    for (const [end, code] of ends) {
      const [near, far] = createInMemoryPair();
      const core = new RpcConnection(near, { peer: 'client' });
      core.onRequest(ShutdownCoreRequest.type, () => end(core));
      core.listen();
      const client = new ControlClient(far);
      const shutdown = client.shutdownCore();
      if (code === undefined) await shutdown;
      else await assert.rejects(shutdown, { code });
      client.dispose();
      core.dispose();
    }
  });
});
