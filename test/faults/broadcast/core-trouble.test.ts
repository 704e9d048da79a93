import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { ControlClient } from '../../../src/control-client/control-client.js';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import { Bulkhead, runBulkhead } from '../../support/bulkhead.js';
import { type LiveViewer, watchLive } from '../../support/live-viewer.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { assertNoFrameMissing, writeConfig } from '../../support/small-broadcast.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

describe('a broadcast', function () {
  this.timeout(90_000);
  let folder: TempDir;
  let nginx: NginxRtmp;
  let run: Bulkhead;
  let viewer: LiveViewer | undefined;

  beforeEach(async () => {
    folder = tempDir('core-trouble');
    nginx = await startNginxRtmp();
  });

  afterEach(async () => {
    await viewer?.stop();
    await run.end();
    await nginx.stop();
    viewer = undefined;
    folder.dispose();
  });

  async function goLive(...args: string[]): Promise<LiveViewer> {
    const url = nginx.url('live', 'key');
    run = new Bulkhead(['live', writeConfig(folder.path), '--output', url, ...args]);
    await run.until('on air', ({ state }) => state === 'live');
    viewer = watchLive(url);
    await viewer.next(({ keyframe }) => keyframe);
    return viewer;
  }

  /** One encoder run, one session, one core, and no frame missing. */
  async function assertUntouched(watching: LiveViewer): Promise<void> {
    await watching.next(({ keyframe }) => keyframe);
    const { state, encoder, outputs } = await run.status();
    assert.deepEqual([state, encoder.epoch, outputs[0]?.sessions], ['live', 1, 1]);
    await assertNoFrameMissing(watching.packets, () => run.status());
    assert.doesNotMatch(run.stdout, /The core died/);
  }

  it('is not affected by a second core at its address, which prints a remedy', async () => {
    const watching = await goLive();
    for (const command of [['core'], ['live']]) {
      const { code, stdout, stderr } = await runBulkhead(command, { address: run.address });
      assert.match(
        stdout + stderr,
        /a core already runs at \S+\. Attach to it with --mode attach, stop it with "bulkhead stop --core", or use another --address\.\n$/,
      );
      assert.doesNotMatch(stdout + stderr, /^ +at /m);
      assert.equal(code, ExitCodes.badSettings);
    }
    await assertUntouched(watching);
  });

  it('continues when the disk of its log is full', async () => {
    const watching = await goLive('--log-file', '/dev/full', '--log-level', 'trace');
    const { encoder } = await run.status();
    process.kill(encoder.pid, 'SIGKILL');
    const after = await run.until('the next epoch', ({ timeline }) => timeline.splices === 1);
    await watching.next(({ keyframe }) => keyframe);
    assert.deepEqual([after.state, after.outputs[0]?.sessions], ['live', 1]);
    assert.doesNotMatch(run.stdout, /The core died/);
    assert.equal(await run.stop(), ExitCodes.ok, run.stderr);
    assert.equal(run.stdout.match(/cannot log to \/dev\/full: ENOSPC\. Lines/g)?.length, 1, run.stdout);
    assert.equal(run.stderr, '');
  });

  it("continues when its log's folder cannot be created", async () => {
    const watching = await goLive('--log-file', '/dev/null/core.log');
    await assertUntouched(watching);
    assert.match(run.stdout, /^cannot log to \/dev\/null\/core\.log: /m);
    assert.equal(await run.stop(), ExitCodes.ok, run.stderr);
  });

  it('continues when a client of its control socket sends garbage, and disconnects only that client', async () => {
    const watching = await goLive();
    const other = await ControlClient.connect(run.address);
    const sockets: Socket[] = [];
    const send = async (bytes: Buffer) => {
      const socket = connect(run.address);
      sockets.push(socket);
      socket.on('error', () => {});
      socket.resume();
      await once(socket, 'connect');
      socket.write(bytes);
      return socket;
    };
    const frame = (body: string | Buffer) => {
      const header = Buffer.alloc(4);
      header.writeUInt32BE(Buffer.byteLength(body));
      return Buffer.concat([header, Buffer.from(body)]);
    };
    try {
      const cutOff = {
        'random bytes': Buffer.concat([Buffer.from([0xff]), randomBytes(64 * 1024)]),
        'a huge length': Buffer.from([0x7f, 0xff, 0xff, 0xff, 0x7b]),
        'text for another protocol': Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
        'a frame that is no JSON': frame(randomBytes(100)),
        'JSON that is no message': frame('[[[[]]]]'),
      };
      for (const [what, bytes] of Object.entries(cutOff)) {
        const socket = await send(bytes);
        await eventually(`${what}: cut off`, () => (socket.closed ? true : undefined));
        assert.equal((await other.status()).state, 'live', `${what}: other clients are served`);
      }
      for (const intervalMs of ['soon', null]) {
        await assert.rejects(other.subscribe(intervalMs as never), { code: 'config.invalid' });
      }
      // An incomplete frame may still be completed: it is awaited, without affecting others.
      const half = await send(
        frame('{"jsonrpc":"2.0","id":1,"method":"core/status","params":{}}').subarray(0, 30),
      );
      assert.equal((await other.status()).state, 'live');
      half.destroy();
      assert.equal((await other.status()).state, 'live');
      assert(!other.closed);
      await assertUntouched(watching);
    } finally {
      for (const socket of sockets) socket.destroy();
      other.dispose();
    }
    assert.equal(await run.stop(), ExitCodes.ok, run.stderr);
  });
});
