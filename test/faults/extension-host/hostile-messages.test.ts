import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectToCore } from '../../../src/control-client/connect-to-core.js';
import { ControlClient } from '../../../src/control-client/control-client.js';
import { packageRoot } from '../../../src/core/processes/entry-points.js';
import { StatusChangedNotification, SubscribeRequest } from '../../../src/protocol/status-changes.js';
import { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import { Bulkhead } from '../../support/bulkhead.js';
import { type LiveViewer, watchLive } from '../../support/live-viewer.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { assertNoFrameMissing, writeConfig } from '../../support/small-broadcast.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { withoutBubblewrap } from '../../support/without-bubblewrap.js';

/** Attacks after which the host is killed, since it did not send a valid message; and those that only affect itself. */
const FATAL = [
  ['deep', 6000],
  ['deep', 6000, '{"id":null,"error":'],
  ['deep', 6000, '{"jsonrpc":"2.0","id":'],
  ['deep', 6000, '{"method":'],
  ['deep', 100_000],
  ['zeros'],
  ['zeros', 50_000],
  ['manyZeros', 30_000],
  ['batch'],
  ['batch', 2000],
  ['smallBatches', 30_000],
  ['deepArguments'],
  ['random', 1, 10_000],
  ['random', 2, 10_000],
  ['random', 3, 10_000],
] as const;
const HARMLESS = ['largeCalls', 'calls', 'statusItems', 'stderr', 'logs', 'half', 'escapes'] as const;

for (const tier of ['strict', 'standard'] as const) {
  describe(`what a hostile plugin sends, in the ${tier} tier`, function () {
    this.timeout(120_000);
    let folder: TempDir;
    let path: TempDir | undefined;
    let nginx: NginxRtmp;
    let run: Bulkhead;
    let viewer: LiveViewer;
    let client: ControlClient;
    let corePid: number;

    before(async () => {
      folder = tempDir('hostile');
      path = tier === 'standard' ? withoutBubblewrap() : undefined;
      nginx = await startNginxRtmp();
      const url = nginx.url('live', 'key');
      run = new Bulkhead(
        ['live', writeConfig(folder.path), '--output', url, '--log-file', logFile(), '--plugins', plugin()],
        path === undefined ? {} : { env: { PATH: path.path } },
      );
      await run.until('the plugin is active', ({ extensionHosts: [host] }) => host?.state === 'running');
      const status = await run.until('on air', ({ state }) => state === 'live');
      assert.equal(status.extensionHosts[0]?.tier, tier);
      corePid = status.core.pid;
      viewer = watchLive(url);
      await viewer.next(({ keyframe }) => keyframe);
      client = await ControlClient.connect(run.address);
    });

    after(async () => {
      client.dispose();
      await viewer.stop();
      await run.end();
      await nginx.stop();
      folder.dispose();
      path?.dispose();
    });

    const plugin = () => join(packageRoot(), 'test/support/hostile-plugin');
    const logFile = () => join(folder.path, 'core.log');
    const attack = (name: string, ...args: unknown[]) =>
      client.runCommand(`hostile.${name}`, args).then(
        () => 'answered',
        (error: Error) => error.message,
      );

    /** One core, one encoder run, one session, and no frame missing. */
    async function assertOnAir(): Promise<void> {
      await viewer.next(({ keyframe }) => keyframe);
      const { core, state, encoder, outputs } = await run.status();
      assert.deepEqual([core.pid, state, encoder.epoch, outputs[0]?.sessions], [corePid, 'live', 1, 1]);
      await assertNoFrameMissing(viewer.packets, () => run.status());
      assert.doesNotMatch(run.stdout, /The core died/);
    }

    const isWell = () => attack('ok').then((answer) => assert.equal(answer, 'answered'));

    for (const [name, ...args] of FATAL) {
      it(`ends only its own host, named in a notice: ${name}(${args.join(', ')})`, async () => {
        const { restarts } = (await run.status()).extensionHosts[0] ?? { restarts: 0 };
        await attack(name, ...args);
        const { extensionHosts } = await run.until(
          'ended',
          ({ extensionHosts: [host] }) => host?.state === 'running' && host.restarts > restarts,
          // What it has sent is read slowly, and by a slow computer more so.
          60_000,
        );
        assert.deepEqual(extensionHosts[0]?.plugins, ['hostile']);
        await run.said(/the plugin "hostile" failed: /);
        await assertOnAir();
        await client.plugins.restart({ id: 'hostile' });
      });
    }

    for (const name of HARMLESS) {
      it(`does not affect others: ${name}`, async () => {
        await attack(name, 100);
        await assertOnAir();
        await client.plugins.restart({ id: 'hostile' });
        await isWell();
      });
    }

    it('ends its host when it floods the core with calls, and does not stop', async () => {
      const { pid } = (await run.status()).extensionHosts[0] ?? { pid: 0 };
      await attack('lists');
      await run.until('ended', ({ extensionHosts: [host] }) => host?.pid !== pid);
      // Its own answers to heartbeats may not fit into the channel that it has filled.
      await run.said(/sent messages faster than the core reads them|has not responded for/);
      await assertOnAir();
    });

    it('leaves a readable log without control sequences', () => {
      const log = readFileSync(logFile(), 'utf8');
      assert.ok(log.length < 20 * 1024 * 1024, `${log.length} bytes of log`);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to look for
      assert.doesNotMatch(log, /[\u0000-\u0009\u000b-\u001f\u202e]/);
      assert.doesNotMatch(log, /y{9000}|x{9000}/);
    });
  });
}

describe('a client of the control API', function () {
  this.timeout(60_000);

  it('has one subscription, however often it asks for one', async () => {
    const run = new Bulkhead(['core']);
    try {
      await run.until('the core runs', () => true);
      const client = new RpcConnection(await connectToCore(run.address), { peer: 'core' });
      let received = 0;
      client.onNotification(StatusChangedNotification.type, () => {
        received += 1;
      });
      client.listen();
      for (let i = 0; i < 200; i++)
        await client.sendRequest(SubscribeRequest.type, { metersIntervalMs: 100 });
      received = 0;
      const sinceMs = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 2000));
      assert.ok(received <= (performance.now() - sinceMs) / 100 + 2, `${received} notifications`);
      assert.ok(received >= 2);
      for (const params of [{ metersIntervalMs: 'soon' }, { metersIntervalMs: null }]) {
        await assert.rejects(client.sendRequest(SubscribeRequest.type, params as never), {
          code: 'config.invalid',
        });
      }
      client.dispose();
    } finally {
      await run.end();
    }
  });
});
