import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ControlClient } from '../../../src/control-client/control-client.js';
import type { SourceStatus } from '../../../src/protocol/encoder.js';
import { writePluginFrameHead } from '../../../src/protocol/plugin-frames.js';
import type { Bulkhead } from '../../support/bulkhead.js';
import { showsLive } from '../../support/live-picture.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { assertFramesInOrder, readNumbers, writeNumberedClip } from '../../support/numbered-frames.js';
import { writePlugin } from '../../support/plugins.js';
import { type LiveRun, RUN_MODES, type RunMode } from '../../support/run-modes.js';
import { SMALL_VIDEO } from '../../support/small-broadcast.js';
import { hasBegun, recordStream } from '../../support/stream-recording.js';
import { tempDir } from '../../support/temp.js';

const SIZE = { width: 480, height: 270 };
const PLACE = { x: 300, y: 140, width: 160, height: 90 };
/** Frames of 1920 × 1080 that the flood sends, one each so many ms: 104 MB/s. */
const FLOOD_MS = 80;

/** It draws on command alone, so that what is seen is what was kept of it. */
const PLUGIN = `
  const { commands } = require('@bulkhead/extension-api');
  const { sources } = require('@bulkhead/extension-api');
  const { writeSync } = require('node:fs');
  const frame = (width, height, colour) => {
    const rgba = new Uint8Array(width * height * 4);
    for (let at = 0; at < rgba.length; at += 4) rgba.set([...colour, 255], at);
    return { width, height, rgba };
  };
  let flood;
  exports.activate = ({ subscriptions }) => {
    subscriptions.push(
      commands.registerCommand('meters.show', async (...colour) => {
        await sources.sendFrame('meters', frame(160, 90, colour));
      }),
      commands.registerCommand('meters.flood', () => {
        const large = frame(1920, 1080, [255, 255, 255]);
        flood = setInterval(() => sources.sendFrame('meters', large).catch(() => {}), ${FLOOD_MS});
      }),
      commands.registerCommand('meters.endFlood', () => clearInterval(flood)),
      // Past the API, whatever the core wants: as fast as the channel takes it. Answers how many bytes that were, and ms.
      commands.registerCommand('meters.flush', async (head, forMs) => {
        const frame = Buffer.concat([Buffer.from(head, 'base64'), Buffer.alloc(1920 * 1080 * 4, 255)]);
        const beganMs = performance.now();
        let bytes = 0;
        for (;;) {
          try {
            const at = bytes % frame.length;
            if (at === 0 && performance.now() - beganMs >= forMs) return [bytes, performance.now() - beganMs];
            bytes += writeSync(5, frame, at);
          } catch {
            await new Promise((resolve) => setTimeout(resolve, 1));
          }
        }
      }),
      commands.registerCommand('meters.babble', () => { writeSync(5, Buffer.alloc(100)); }),
    );
  };`;

/** A broadcast with a source of a plugin, and a viewer of it. */
class Show {
  client: ControlClient | undefined;

  private constructor(
    private readonly live: LiveRun,
    readonly url: string,
  ) {}

  static async start(nginx: NginxRtmp, folder: string, mode: RunMode): Promise<Show> {
    const url = nginx.url('live', mode.name.replaceAll(' ', '-'));
    const show = new Show(await mode.goLive([join(folder, 'show.json'), '--output', url]), url);
    await show.run.until(
      'live, with its plugin',
      ({ state, extensionHosts: [host] }) => state === 'live' && host?.state === 'running',
    );
    show.client = await ControlClient.connect(show.run.address);
    return show;
  }

  /** The process with the core. */
  get run(): Bulkhead {
    return this.live.owner;
  }

  async command(name: string, ...args: unknown[]): Promise<unknown> {
    return this.client?.runCommand(`meters.${name}`, args);
  }

  /** The source of the plugin, once it is so. */
  async source(what: string, wanted: (source: SourceStatus) => boolean): Promise<void> {
    await this.run.until(what, ({ sources }) => sources.some((one) => one.id === 'meters' && wanted(one)));
  }

  /** Waits until a viewer sees this in the middle of it. */
  seen(expected: string): Promise<void> {
    const [x, y] = [PLACE.x + PLACE.width / 2, PLACE.y + PLACE.height / 2];
    return showsLive(this.url, SIZE, (at) => at(x, y), expected);
  }

  async end(): Promise<void> {
    this.client?.dispose();
    await this.live.end();
  }
}

describe('frames of a plugin', function () {
  this.timeout(180_000);
  const folder = tempDir('plugin-frames');
  let nginx: NginxRtmp;

  before(async () => {
    nginx = await startNginxRtmp();
    writeNumberedClip(join(folder.path, 'clip.mp4'), {
      ...{ size: '320x180', fps: SMALL_VIDEO.fps, seconds: 120, sampleRate: 48_000 },
    });
    const green = ['-f', 'lavfi', '-i', 'color=0x00ff00:s=160x90', '-frames:v', '1'];
    execFileSync('ffmpeg', ['-v', 'error', ...green, join(folder.path, 'green.png')]);
    const manifest = { permissions: ['sources'] };
    writePlugin(folder.path, 'meters', { type: 'cjs', source: PLUGIN, manifest });
    writeFileSync(
      join(folder.path, 'show.json'),
      JSON.stringify({
        sources: [
          { id: 'clip', type: 'file', path: 'clip.mp4' },
          { id: 'meters', type: 'plugin', plugin: 'meters', fallback: 'green' },
          { id: 'green', type: 'image', path: 'green.png' },
        ],
        scenes: [
          {
            id: 'main',
            layers: [
              { id: 'clip', source: 'clip' },
              { id: 'meters', source: 'meters', ...PLACE },
            ],
          },
        ],
        plugins: ['meters'],
        video: { ...SMALL_VIDEO, ...SIZE, bitrateKbps: 1200 },
      }),
    );
  });
  after(async () => {
    await nginx?.stop();
    folder.dispose();
  });

  for (const mode of RUN_MODES.filter(({ name }) => name !== 'attach'))
    it(`are seen by viewers, also after the encoder was lost: ${mode.name}`, async () => {
      const show = await Show.start(nginx, folder.path, mode);
      try {
        await show.source('open', ({ state }) => state === 'starting');
        await show.command('show', 255, 0, 0);
        await show.source('live', ({ state }) => state === 'live');
        await show.seen('200');
        const { encoder } = await show.run.status();
        if (!mode.encoderIsolated) return;
        process.kill(encoder.pid, 'SIGKILL');
        await show.run.until(
          'another encoder',
          ({ state, encoder: { epoch } }) => epoch > encoder.epoch && state === 'live',
        );
        await show.source('live again', ({ state }) => state === 'live');
        await show.seen('200');
      } finally {
        await show.end();
      }
    });

  describe('whose host fails', () => {
    let show: Show;
    before(async () => {
      show = await Show.start(nginx, folder.path, RUN_MODES[0] ?? assert.fail());
      await show.source('open', ({ state }) => state === 'starting');
      await show.command('show', 255, 0, 0);
      await show.source('live', ({ state }) => state === 'live');
    });
    after(() => show?.end());
    const host = async () => (await show.run.status()).extensionHosts[0] ?? assert.fail('it has no host');

    it('give way to their fallback, and are back with the next one', async () => {
      const { pid } = await host();
      process.kill(pid, 'SIGKILL');
      await show.run.until(
        'another host',
        ({ extensionHosts: [next] }) => next?.state === 'running' && next.pid !== pid,
      );
      await show.source('awaited', ({ state, error }) => state === 'stalled' && error === undefined);
      await show.seen('020');
      await show.command('show', 0, 0, 255);
      await show.source('live', ({ state }) => state === 'live');
      await show.seen('002');
    });

    it('cost no frame of the broadcast, however many the plugin sends', async () => {
      const recording = join(folder.path, 'flood.flv');
      const endRecording = recordStream(show.url, recording);
      await hasBegun(recording);
      const before = (await show.run.status()).encoder;
      await show.command('flood');
      await show.seen('222');
      await delay(1500);
      await show.command('endFlood');
      await show.command('show', 0, 0, 255);
      const head = writePluginFrameHead({ plugin: 'meters', source: 'meters', width: 1920, height: 1080 });
      const [bytes, ms] = (await show.command('flush', head.toString('base64'), 4000)) as [number, number];
      // What was saved of a second, and what the channel and the reader hold.
      const most = 8_000_000 * (ms / 1000 + 1) + 1_000_000;
      assert.ok(bytes <= most, `${bytes} bytes in ${ms} ms`);
      await show.command('show', 255, 0, 0);
      await show.seen('200');
      await endRecording();
      const status = await show.run.status();
      const { encoder, outputs, extensionHosts } = status;
      assert.deepEqual(
        [encoder.epoch, encoder.restarts, outputs[0]?.sessions, outputs[0]?.droppedFrames],
        [before.epoch, before.restarts, 1, 0],
      );
      assert.equal(extensionHosts[0]?.state, 'running', 'the plugin was only slowed');
      assertFramesInOrder(readNumbers(recording), status);
    });

    it('end the host when they are no frames, and it is said', async () => {
      const { pid } = await host();
      await show.command('babble').catch(() => {});
      await show.run.said(
        /"meters" failed: it sends frames that are not valid: what it sends is not a frame/,
      );
      await show.run.until(
        'another host',
        ({ extensionHosts: [next] }) => next?.state === 'running' && next.pid !== pid,
      );
      await show.command('show', 0, 0, 255);
      await show.seen('002');
      assert.equal((await show.run.status()).state, 'live');
    });
  });
});
