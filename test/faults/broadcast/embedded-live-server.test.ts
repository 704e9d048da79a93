import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { BroadcastConfigSchema } from '../../../src/config/schema.js';
import { ControlClient } from '../../../src/control-client/control-client.js';
import { Bulkhead } from '../../support/bulkhead.js';
import { isAlive } from '../../support/children.js';
import { freePort } from '../../support/ports.js';
import { type Publisher, probeStreams, publish } from '../../support/publisher.js';
import { SMALL_VIDEO, writeConfig } from '../../support/small-broadcast.js';
import { tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

/** ffmpeg that publishes video of another size repeatedly. */
function startThief(url: string): { tries(): number; stop(): Promise<void> } {
  const frame = ['-re', '-f', 'lavfi', '-i', 'color=red:size=160x90:rate=15', '-c:v', 'libx264', '-g', '15'];
  let tries = 0;
  let current: Publisher | undefined;
  let stopped = false;
  const trying = (async () => {
    while (!stopped) {
      current = publish(url, frame);
      tries += 1;
      const { pid } = current;
      while (isAlive(pid)) await delay(20);
      await delay(200);
    }
  })();
  return {
    tries: () => tries,
    stop: async () => {
      stopped = true;
      await current?.kill();
      await trying;
    },
  };
}

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

  it('is published to at its new address after it was killed and another program took its port', async () => {
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

  it('shows only the broadcast, even if others publish before, during and after its restarts', async () => {
    const folder = tempDir('thief');
    const liveServer = { rtmpPort: await freePort(), httpPort: await freePort() };
    const thief = startThief(`rtmp://127.0.0.1:${liveServer.rtmpPort}/live/stream`);
    try {
      run = new Bulkhead(['live', writeConfig(folder.path, { liveServer })]);
      const before = await run.until('live', ({ state }) => state === 'live', 40_000);
      const { pageUrl, playUrl } = before.liveServer ?? assert.fail('no live server');
      let { pid } = before.liveServer ?? { pid: 0 };
      for (let restart = 0; restart < 2; restart += 1) {
        const video = (await probeStreams(playUrl)).find(({ codec_type }) => codec_type === 'video');
        assert.equal(video?.width, SMALL_VIDEO.width, 'the broadcast is shown, not the thief');
        const tries = thief.tries();
        process.kill(pid, 'SIGKILL');
        const after = await run.until(
          'live again in another process',
          ({ state, liveServer: now }) =>
            state === 'live' && now !== undefined && ![0, pid].includes(now.pid),
          40_000,
        );
        pid = after.liveServer?.pid ?? 0;
        await eventually('the thief has tried again', () => (thief.tries() > tries + 2 ? true : undefined));
      }
      const after = await run.status();
      assert.deepEqual([after.state, after.liveServer?.pageUrl], ['live', pageUrl]);
      assert.equal(after.encoder.epoch, 1);
      const shown = `${run.stdout}${run.stderr}${JSON.stringify(after)}${await (await fetch(pageUrl)).text()}`;
      assert.doesNotMatch(shown, /[?&]key=/, 'the key is shown nowhere');
      assert.doesNotMatch(shown, /already has a publisher|key is in use/);
    } finally {
      await thief.stop();
      folder.dispose();
    }
  });

  it('is not a failure if the broadcast is stopped before it has started', async () => {
    run = new Bulkhead(['core']);
    await run.until('the core answers', () => true);
    const client = await ControlClient.connect(run.address);
    const notices: string[] = [];
    client.onDidReceiveNotice(({ message }) => notices.push(message));
    try {
      await client.subscribe(1000);
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
