import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { BroadcastConfigSchema } from '../../../src/config/schema.js';
import { ControlClient } from '../../../src/control-client/control-client.js';
import { Bulkhead } from '../../support/bulkhead.js';
import { freePort } from '../../support/ports.js';
import { SMALL_VIDEO, writeConfig } from '../../support/small-broadcast.js';
import { tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

describe('the embedded live server', function () {
  this.timeout(90_000);
  let run: Bulkhead | undefined;

  afterEach(async () => {
    await run?.end();
    run = undefined;
  });

  async function listen(port: number): Promise<Server | undefined> {
    const server = createServer((socket) => socket.destroy());
    try {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      return server;
    } catch {
      return undefined;
    }
  }

  it('is published to where it listens after it was killed and another program took its port', async () => {
    const folder = tempDir('moved');
    const rtmpPort = await freePort();
    const liveServer = { rtmpPort, httpPort: await freePort() };
    let thief: Server | undefined;
    try {
      run = new Bulkhead(['live', writeConfig(folder.path, { liveServer })]);
      const before = await run.until('live', ({ state }) => state === 'live', 40_000);
      assert.match(before.outputs[0]?.url ?? '', new RegExp(`:${rtmpPort}/`));
      process.kill(before.liveServer?.pid ?? 0, 'SIGKILL');
      thief = await eventually('its port is taken', () => listen(rtmpPort));
      const after = await run.until(
        'published to its new port',
        ({ outputs: [output] }) => output?.state === 'live' && !output.url.includes(`:${rtmpPort}/`),
        40_000,
      );
      assert.equal(after.outputs.length, 1);
      assert.equal(after.encoder.epoch, 1);
    } finally {
      thief?.close();
      folder.dispose();
    }
  });

  it('is no failure when the broadcast is stopped before it is up', async () => {
    run = new Bulkhead(['core']);
    await run.until('the core answers', () => true);
    const client = await ControlClient.connect(run.address);
    const notices: string[] = [];
    client.onDidReceiveNotice(({ message }) => notices.push(message));
    try {
      await client.watchStatus(1000);
      const config = BroadcastConfigSchema.parse({
        video: SMALL_VIDEO,
        liveServer: { rtmpPort: await freePort(), httpPort: await freePort() },
      });
      for (const waitMs of [0, 30, 100]) {
        await client.startBroadcast(config);
        await delay(waitMs);
        assert.equal((await client.stopBroadcast()).state, 'idle');
      }
      assert.deepEqual(notices, []);
    } finally {
      client.dispose();
    }
  });
});
