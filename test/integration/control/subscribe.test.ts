import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectToCore } from '../../../src/control-client/connect-to-core.js';
import { ControlClient } from '../../../src/control-client/control-client.js';
import type { Status } from '../../../src/protocol/status/status.js';
import type { StatusChangedParams } from '../../../src/protocol/status-changes.js';
import { StatusChangedNotification, SubscribeRequest } from '../../../src/protocol/status-changes.js';
import { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import { Bulkhead } from '../../support/bulkhead.js';
import { tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

describe('subscribers of the control API', function () {
  this.timeout(60_000);

  it('see a kill of the encoder as changes without a gap, and agree on the status', async () => {
    const run = new Bulkhead(['live', '--log-level', 'error']);
    const connections: RpcConnection[] = [];
    const clients: ControlClient[] = [];
    try {
      await run.until('live', ({ state, encoder }) => state === 'live' && encoder.pid > 0);
      const raw = new RpcConnection(await connectToCore(run.address), { peer: 'core' });
      connections.push(raw);
      const changes: StatusChangedParams[] = [];
      raw.onNotification(StatusChangedNotification.type, (changed) => changes.push(changed));
      raw.listen();
      const snapshot = await raw.sendRequest(SubscribeRequest.type, {});
      const held = new Map<ControlClient, Status>();
      for (const metersIntervalMs of [undefined, 100]) {
        const client = await ControlClient.connect(run.address);
        clients.push(client);
        client.onDidChangeStatus((status) => held.set(client, status));
        held.set(client, await client.subscribe(metersIntervalMs));
      }
      const { pid } = snapshot.encoder;
      process.kill(pid, 'SIGKILL');
      await eventually('another encoder everywhere', () =>
        [...held.values()].every(
          ({ encoder, state }) => encoder.restarts === 1 && encoder.pid !== pid && state === 'live',
        )
          ? true
          : undefined,
      );
      const [without, withMeters] = [...held.values()];
      await eventually('the same revision', () =>
        new Set([...held.values()].map(({ revision }) => revision)).size === 1 ? true : undefined,
      );
      assert.deepEqual(
        without?.outputs.map(({ state }) => state),
        withMeters?.outputs.map(({ state }) => state),
      );
      let { revision } = snapshot;
      for (const { previous, revision: next } of changes) {
        assert.equal(previous, revision);
        assert.ok(next > previous);
        revision = next;
      }
      assert.ok(changes.some(({ changes: { encoder } }) => encoder?.restarts === 1));
    } finally {
      for (const client of [...connections, ...clients]) client.dispose();
      await run.end();
    }
  });

  it('can be written as the docs show', async () => {
    const [, source = ''] = /```js\n([\s\S]*?)```/.exec(readFileSync('docs/control-api.md', 'utf8')) ?? [];
    const folder = tempDir('control-api');
    const run = new Bulkhead(['core']);
    try {
      await run.until('the core runs', () => true);
      const script = join(folder.path, 'client.mjs');
      writeFileSync(script, source);
      const child = spawn(process.execPath, [script, run.address], { stdio: ['ignore', 'pipe', 'inherit'] });
      let printed = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
      });
      await eventually('the snapshot', () => (/^revision \d+: idle\n/.test(printed) ? true : undefined));
      run.signal('SIGTERM');
      await eventually('the loss', () =>
        printed.endsWith('stale: the connection was lost\n') ? true : undefined,
      );
      child.kill();
    } finally {
      await run.end();
      folder.dispose();
    }
  });
});
