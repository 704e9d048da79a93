import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ControlClient } from '../../../src/control-client/control-client.js';
import { readAmf0 } from '../../../src/media/amf0.js';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import { MessageType } from '../../../src/rtmp/messages.js';
import { Bulkhead } from '../../support/bulkhead.js';
import { elementaryStream } from '../../support/elementary-stream.js';
import { assertFramesInOrder, readNumbersIfAny, writeNumberedClip } from '../../support/numbered-frames.js';
import { RtmpPeer } from '../../support/rtmp-peer.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const FPS = 10;
const SIZE = { width: 320, height: 180 };

interface Case {
  readonly codec: 'hevc' | 'av1';
  readonly fourCc: string;
  readonly video: object;
}

const CASES: readonly Case[] = [
  { codec: 'hevc', fourCc: 'hvc1', video: { encoder: 'libx265', preset: 'ultrafast' } },
  {
    codec: 'hevc',
    fourCc: 'hvc1',
    video: { encoder: 'libx265', preset: 'superfast', tune: 'none', bFrames: 3, lookahead: 8 },
  },
  { codec: 'av1', fourCc: 'av01', video: { encoder: 'libsvtav1', preset: 'fastest' } },
  { codec: 'av1', fourCc: 'av01', video: { encoder: 'libaom-av1', preset: 'fastest' } },
];

/** A live server that says that it takes these codecs. */
function serverOf(codecs: readonly string[]): Promise<RtmpPeer> {
  return RtmpPeer.start({
    onCommand: (connection, { name, transaction }) => {
      if (name !== 'connect') return false;
      const success = { level: 'status', code: 'NetConnection.Connect.Success' };
      connection.invoke('_result', transaction, { fmsVer: 'FMS/3,0,1,123', fourCcList: codecs }, success);
      return true;
    },
  });
}

describe('a broadcast in HEVC or AV1', function () {
  this.timeout(60_000);
  let folder: TempDir;
  let server: RtmpPeer | undefined;
  let bulkhead: Bulkhead | undefined;

  function goLive(video: object, url: string, output: object = {}): Bulkhead {
    const config = join(folder.path, 'show.json');
    const settings = {
      input: { type: 'file', path: join(folder.path, 'clip.mp4'), loop: true },
      video: { ...SIZE, fps: FPS, bitrateKbps: 600, keyframeIntervalSeconds: 0.5, ...video },
      outputs: [{ id: 'main', url, key: 'file:key', ...output }],
    };
    writeFileSync(config, JSON.stringify(settings));
    bulkhead = new Bulkhead(['live', config]);
    return bulkhead;
  }

  before(() => {
    folder = tempDir('enhanced');
    writeFileSync(join(folder.path, 'key'), 'key\n');
    writeNumberedClip(join(folder.path, 'clip.mp4'), {
      ...{ size: `${SIZE.width}x${SIZE.height}`, fps: FPS, seconds: 60, sampleRate: 48_000 },
    });
  });
  afterEach(async () => {
    await bulkhead?.end();
    await server?.stop();
    bulkhead = undefined;
    server = undefined;
  });
  after(() => folder?.dispose());

  for (const { codec, fourCc, video } of CASES) {
    it(`loses no frame when its encoder is killed: ${JSON.stringify(video)}`, async () => {
      server = await serverOf([fourCc]);
      const run = goLive(video, server.url());
      const peer = server;
      const messages = () => peer.connections.flatMap(({ media }) => media);
      const payloads = () =>
        messages().flatMap(({ type, payload }) => (type === MessageType.video ? [payload] : []));
      const frames = (count: number) =>
        eventually(`${count} frames`, () => payloads().length > count || undefined, 30_000);
      await frames(FPS);
      const { encoder } = await run.until('a held encoder', ({ encoder }) => encoder.heldVideoPid > 0);
      process.kill(encoder.videoPid, 'SIGKILL');
      await frames(payloads().length + 2 * FPS);
      const judged = payloads().length;
      // Slots that were left out are in the status a second later.
      await frames(judged + 2 * FPS);
      const after = await run.until(
        'another encoder at work',
        ({ encoder: { videoPid } }) => videoPid !== encoder.videoPid,
      );
      await run.stop();

      const seen = payloads().slice(0, judged);
      assert.ok(
        seen.every((payload) => payload.toString('latin1', 1, 5) === fourCc),
        'another codec',
      );
      const [described] = messages().flatMap(({ type, payload }) =>
        type === MessageType.dataAmf0 ? [readAmf0(payload).at(-1)] : [],
      );
      const number = Buffer.from(fourCc, 'latin1').readUInt32BE();
      assert.deepEqual(
        { ...SIZE, framerate: FPS, videocodecid: number, videodatarate: 600 },
        pick(described, ['width', 'height', 'framerate', 'videocodecid', 'videodatarate']),
      );
      const file = join(folder.path, `stream.${codec === 'hevc' ? 'hevc' : 'obu'}`);
      writeFileSync(file, elementaryStream(codec, seen));
      // A busy computer goes on air before the clip has been opened.
      const shown = readNumbersIfAny(file);
      const numbers = shown
        .slice(shown.findIndex((number) => number !== undefined))
        .map((number) => number ?? -1);
      assertFramesInOrder(numbers, after);
      assert.ok(numbers.length > 3 * FPS - 5, `${numbers.length} frames`);
      assert.deepEqual([after.encoder.epoch, after.outputs[0]?.sessions], [1, 1]);
    });
  }

  it('is refused where the live server does not say that it takes it, unless the output says so', async () => {
    server = await serverOf(['av01']);
    const { url, connections } = { url: server.url(), connections: server.connections };
    const run = goLive(CASES[0]?.video ?? {}, url);
    assert.equal(await run.exit(), ExitCodes.unavailable);
    assert.match(run.stderr, /does not say that it takes HEVC/);
    assert.match(run.stderr, /"codecs": \["hevc"\]/);
    assert.equal(
      connections.flatMap(({ media }) => media).filter(({ type }) => type === MessageType.video).length,
      0,
    );
    await run.end();

    const taken = goLive(CASES[0]?.video ?? {}, url, { codecs: ['hevc'] });
    await taken.until('live', ({ state }) => state === 'live');
    const client = await ControlClient.connect(taken.address);
    try {
      await assert.rejects(client.setEncoder({ video: { encoder: 'libx264' } }), {
        message: /The codec cannot change on air, from HEVC to H\.264/,
      });
    } finally {
      client.dispose();
    }
  });
});

function pick(from: unknown, names: readonly string[]): Record<string, unknown> {
  const values = from as Record<string, unknown>;
  return Object.fromEntries(names.map((name) => [name, values[name]]));
}
