import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import { Bulkhead, runBulkhead } from '../../support/bulkhead.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { freePort } from '../../support/ports.js';
import { RtmpPeer } from '../../support/rtmp-peer.js';
import { writeConfig } from '../../support/small-broadcast.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe('a live server that does not accept the broadcast', function () {
  this.timeout(60_000);
  let folder: TempDir;
  let config: string;
  let run: Bulkhead | undefined;
  let nginx: NginxRtmp | undefined;

  beforeEach(() => {
    folder = tempDir('output-trouble');
    config = writeConfig(folder.path);
  });

  afterEach(async () => {
    await run?.end();
    await nginx?.stop();
    run = undefined;
    nginx = undefined;
    folder.dispose();
  });

  const countLines = (what: RegExp) => run?.stdout.split('\n').filter((line) => what.test(line)).length;

  it('is reported once when it is unreachable, retried until it appears, and Ctrl-C ends that', async () => {
    const port = await freePort();
    run = new Bulkhead(['live', config, '--output', `rtmp://127.0.0.1:${port}/live/s3cret`]);
    await run.until(
      'frames, and an output that waits',
      ({ timeline, outputs: [output] }) => timeline.videoFrames > 0 && output?.error !== undefined,
    );
    // Time for several attempts.
    await delay(2000);
    const waiting = await run.status();
    assert.equal(waiting.state, 'starting');
    assert.equal(waiting.outputs[0]?.state, 'connecting');
    assert.equal(waiting.outputs[0]?.error?.code, 'output.unreachable');
    assert.equal(countLines(/nothing is listening at 127\.0\.0\.1:\d+\. Check the address/), 1, run.stdout);

    nginx = await startNginxRtmp({ port });
    const live = await run.until('live', ({ state }) => state === 'live');
    assert.equal(live.encoder.epoch, 1);
    assert.equal(live.outputs[0]?.sessions, 1);

    await nginx.kill9();
    await run.until('it is known', ({ state }) => state === 'reconnecting');
    assert.equal(await run.stop(), ExitCodes.ok, run.stderr);
    assert.equal(run.stderr, '');
    assert.doesNotMatch(run.stdout, /s3cret/);
  });

  it('does not delay Ctrl-C before it has ever been reached', async () => {
    run = new Bulkhead(['live', config, '--output', `rtmp://127.0.0.1:${await freePort()}/live/key`]);
    await run.until('it is tried', ({ outputs: [output] }) => output?.error !== undefined);
    assert.equal(await run.stop(), ExitCodes.ok, run.stderr);
  });

  it('that refuses the key does not end a broadcast whose embedded live server is starting', async () => {
    const peer = await RtmpPeer.start({
      onCommand: (connection, { name }) => {
        if (name !== 'publish') return false;
        connection.status('error', 'NetStream.Publish.Denied', 'not now');
        return true;
      },
    });
    try {
      const [rtmpPort, httpPort] = [await freePort(), await freePort()];
      config = writeConfig(folder.path, { liveServer: { enabled: true, rtmpPort, httpPort } });
      run = new Bulkhead(['live', config, '--output', `${peer.url()}/key`]);
      const { outputs } = await run.until('live', ({ state }) => state === 'live', 40_000);
      assert.deepEqual(
        outputs.map(({ state }) => state),
        ['failed', 'live'],
      );
      assert.equal(await run.stop(), ExitCodes.ok, run.stderr);
    } finally {
      await peer.stop();
    }
  });

  it('that refuses the key ends the broadcast before it begins, with the reason', async () => {
    const peer = await RtmpPeer.start({
      onCommand: (connection, { name }) => {
        if (name !== 'publish') return false;
        connection.status('error', 'NetStream.Publish.Denied', 'Stream key s3cret has expired');
        return true;
      },
    });
    try {
      const { code, stdout, stderr } = await runBulkhead([
        'live',
        config,
        '--output',
        `${peer.url()}/s3cret`,
      ]);
      assert.match(
        stderr,
        /^bulkhead: the broadcast could not go live: \S* ?127\.0\.0\.1:\d+ has refused .*key … has expired.*\n$/,
      );
      assert.equal(code, ExitCodes.unavailable);
      assert.doesNotMatch(stdout + stderr, /s3cret/);
      assert.equal(peer.connections.length, 1, 'a refusal is not tried again');
    } finally {
      await peer.stop();
    }
  });
});
