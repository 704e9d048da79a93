import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Status } from '../../../src/protocol/status/status.js';
import { MessageType, type RtmpMessage } from '../../../src/rtmp/messages.js';
import { Bulkhead } from '../../support/bulkhead.js';
import { ConfigurationServer, configurationOf } from '../../support/configuration-server.js';
import { ENCODINGS, findSecret } from '../../support/encodings.js';
import { type FlvInput, flvFile } from '../../support/flv.js';
import { orderOf, readNumbersIfAny, writeNumberedClip } from '../../support/numbered-frames.js';
import { RtmpPeer } from '../../support/rtmp-peer.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const KEY = 'live_55201_Zq7fK2Xw9bT4mP8vRjYhLs3d';
const FPS = 15;
const ASKED = [
  { width: 320, height: 180, bitrate: 800, fps: FPS, keyframeSeconds: 1 },
  { type: 'jim_nvenc', width: 212, height: 120, bitrate: 300, fps: FPS, keyframeSeconds: 1 },
  { width: 160, height: 90, bitrate: 200, fps: FPS },
] as const;

/** A video packet of the stream, read here and not by the product. */
interface VideoPacket {
  readonly track: number;
  readonly isHeader: boolean;
  readonly isKeyframe: boolean;
  readonly ms: number;
  /** After the composition time. */
  readonly body: Buffer;
  readonly composition: Buffer;
}

/** @see Enhanced RTMP v2, "Enhanced Video"; FLV specification E.4.3 */
function videoOf({ type, payload, timestamp: ms }: RtmpMessage): VideoPacket[] {
  if (type !== MessageType.video) return [];
  const first = payload[0] ?? 0;
  const isKeyframe = ((first >> 4) & 7) === 1;
  if (first < 0x80) {
    assert.equal(first & 0x0f, 7, 'the first track is H.264');
    const [composition, body] = [payload.subarray(2, 5), payload.subarray(5)];
    return [{ track: 0, isHeader: payload[1] === 0, isKeyframe, ms, composition, body }];
  }
  assert.equal(first & 0x0f, 6, 'a multitrack packet');
  const second = payload[1] ?? 0;
  assert.equal(second >> 4, 0, 'of one track');
  assert.equal(payload.toString('latin1', 2, 6), 'avc1');
  const isHeader = (second & 0x0f) === 0;
  if (!isHeader) assert.equal(second & 0x0f, 1, 'coded frames, with a composition time');
  return [
    {
      ...{ track: payload[6] ?? -1, isHeader, isKeyframe, ms },
      composition: isHeader ? Buffer.alloc(3) : payload.subarray(7, 10),
      body: payload.subarray(isHeader ? 7 : 10),
    },
  ];
}

describe('Enhanced Broadcasting', function () {
  this.timeout(180_000);
  let folder: TempDir;
  let platform: ConfigurationServer;
  let peer: RtmpPeer;
  let run: Bulkhead | undefined;

  before(async () => {
    folder = tempDir('enhanced');
    peer = await RtmpPeer.start();
    platform = await ConfigurationServer.start(folder.path, () => ({ body: answer() }));
    writeNumberedClip(join(folder.path, 'clip.mp4'), {
      ...{ size: '320x180', fps: FPS, seconds: 60, sampleRate: 44_100 },
    });
    writeFileSync(join(folder.path, 'key'), `${KEY}?bandwidthtest=true\n`, { mode: 0o600 });
  });
  afterEach(async () => {
    await run?.end();
    run = undefined;
    peer.connections.length = 0;
  });
  after(async () => {
    await Promise.all([platform?.stop(), peer?.stop()]);
    folder?.dispose();
  });

  const answer = () => configurationOf(ASKED, { url: peer.url('elsewhere') });

  function goLive(video: object = {}): Bulkhead {
    const config = join(folder.path, 'show.json');
    writeFileSync(
      config,
      JSON.stringify({
        input: { type: 'file', path: 'clip.mp4', loop: true },
        video: {
          ...{ width: 320, height: 180, fps: FPS, bitrateKbps: 800, keyframeIntervalSeconds: 1 },
          ...{ preset: 'ultrafast', ...video },
        },
        outputs: [
          {
            ...{ id: 'twitch', platform: 'twitch', url: peer.url('own'), key: 'file:key' },
            ...{ tlsCaFile: 'platform.pem', enhancedBroadcasting: { url: platform.url } },
          },
        ],
      }),
    );
    run = new Bulkhead(['live', config]);
    return run;
  }
  const video = () => peer.connections.flatMap(({ media }) => media.flatMap(videoOf));
  const frames = (track: number) => video().filter((packet) => packet.track === track && !packet.isHeader);
  const keyframes = (track: number) =>
    frames(track).flatMap(({ isKeyframe, ms }) => (isKeyframe ? [ms] : []));
  /** A computer that is too busy at the moment publishes one track, as it should: then once more. */
  async function goLiveWithTracks(count: number): Promise<Bulkhead> {
    for (;;) {
      const bulkhead = goLive();
      const hasAll = await eventually(`${count} frames of each track`, () => {
        if (ASKED.every((_, track) => frames(track).length >= count)) return true;
        return /computer (may be|is) too slow/.test(bulkhead.stdout) ? false : undefined;
      }).catch((error: Error) => {
        throw new Error(`${error.message}; ${bulkhead.stdout.slice(-2000)}`);
      });
      if (hasAll) return bulkhead;
      await bulkhead.end();
      peer.connections.length = 0;
    }
  }

  /** Writes a track as an ordinary stream, and has ffmpeg decode it. */
  function decode(track: number): {
    readonly numbers: readonly (number | undefined)[];
    readonly size: string;
  } {
    const tags = video()
      .filter((packet) => packet.track === track)
      .map(({ isHeader, isKeyframe, ms, composition, body }): FlvInput => {
        const head = Buffer.from([isKeyframe || isHeader ? 0x17 : 0x27, isHeader ? 0 : 1]);
        return { kind: 'video', ms, payload: Buffer.concat([head, composition, body]) };
      });
    const file = join(folder.path, `track-${track}.flv`);
    writeFileSync(file, flvFile(tags));
    const probe = ['-v', 'error', '-count_frames', '-show_entries', 'stream=width,height,nb_read_frames'];
    const { stdout, stderr } = spawnSync('ffprobe', [...probe, '-of', 'csv=p=0', file], { encoding: 'utf8' });
    assert.equal(stderr, '', `track ${track}`);
    const [width, height, count] = stdout.trim().split(',');
    assert.equal(Number(count), frames(track).length, `frames of track ${track} that can be decoded`);
    return { numbers: readNumbersIfAny(file), size: `${width}x${height}` };
  }

  function assertKeyHidden(text: string): void {
    for (const encode of Object.values(ENCODINGS)) assert.ok(!text.includes(encode(KEY)), 'the key is shown');
    const said = text.split('\n').filter((line) => /the platform says/i.test(line));
    assert.deepEqual(findSecret(said.join(), KEY), []);
  }

  it('sends all tracks in one session, with keyframes at the same times, also after encoders were lost', async () => {
    const bulkhead = await goLiveWithTracks(4 * FPS);
    const { outputs, encoder } = await bulkhead.until(
      'held encoders',
      (status) => status.encoder.renditions?.every(({ heldVideoPid }) => heldVideoPid > 0) === true,
    );
    assert.deepEqual(outputs[0]?.tracks, [
      { width: 320, height: 180, bitrateKbps: 800 },
      { width: 214, height: 120, bitrateKbps: 300 },
      { width: 160, height: 90, bitrateKbps: 200 },
    ]);
    assert.equal(encoder.renditions?.length, 2, 'the first track is the programme');
    for (const [track, times] of ASKED.map((_, track) => [track, keyframes(track).slice(0, 4)] as const))
      assert.deepEqual(times, keyframes(0).slice(0, 4), `keyframes of track ${track}`);

    process.kill(encoder.renditions?.[0]?.videoPid ?? 0, 'SIGKILL');
    await bulkhead.until('another one', (status) => isReplaced(status, encoder));
    process.kill(encoder.videoPid, 'SIGKILL');
    const since = frames(0).at(-1)?.ms ?? 0;
    await eventually(
      'keyframes at the same times again',
      () => {
        const recent = ASKED.map((_, track) =>
          keyframes(track)
            .filter((ms) => ms > since + 1000)
            .slice(-4, -1),
        );
        const [first = []] = recent;
        return (first.length === 3 && recent.every((times) => times.join() === first.join())) || undefined;
      },
      60_000,
    );
    const status = await bulkhead.status();
    await bulkhead.stop();
    assertKeyHidden(bulkhead.stdout + bulkhead.stderr + JSON.stringify(status));

    assert.equal(peer.connections.length, 1);
    for (const kind of [MessageType.video, MessageType.audio]) {
      const times = peer.last.media.flatMap(({ type, timestamp }) => (type === kind ? [timestamp] : []));
      for (const [index, time] of times.entries())
        assert.ok(time >= (times[index - 1] ?? 0), `messages of the type ${kind} go back at ${time} ms`);
    }
    const decoded = ASKED.map((_, track) => decode(track));
    assert.deepEqual(
      decoded.map(({ size }) => size),
      ['320x180', '214x120', '160x90'],
    );
    const leftOut =
      status.encoder.skippedSlots + sum(status.encoder.renditions?.map((one) => one.skippedSlots));
    const byTime = decoded.map(
      ({ numbers }, track) => new Map(frames(track).map(({ ms }, index) => [ms, numbers[index]])),
    );
    for (const [track, { numbers }] of decoded.entries()) {
      const seen = numbers.filter((number) => number !== undefined);
      assert.ok(seen.length > 8 * FPS, `${seen.length} frames of track ${track} have a number`);
      const { missing, backwards } = orderOf(seen);
      assert.ok(
        missing <= leftOut,
        `${missing} frames are missing of track ${track}, ${leftOut} were left out`,
      );
      assert.ok(backwards <= 1, 'the clip is looped');
      for (const [ms, number] of byTime[track] ?? []) {
        if (byTime[0]?.has(ms))
          assert.equal(number, byTime[0].get(ms), `the frame at ${ms} ms of track ${track}`);
      }
    }
  });

  it('asks the platform once, with the key in the body alone, and publishes where it says', async () => {
    const bulkhead = await goLiveWithTracks(FPS);
    platform.requests.splice(0, platform.requests.length - 1);
    await bulkhead.said(/Enhanced Broadcasting with 3 video tracks: 320x180 at 800 kbit\/s/);
    peer.last.reset();
    await eventually('another session', () => (peer.connections.length === 2 ? true : undefined));
    await eventually('its tracks', () => {
      const own = peer.last.media.flatMap(videoOf);
      return (
        ASKED.every((_, track) =>
          own.some((packet) => packet.track === track && packet.isKeyframe && !packet.isHeader),
        ) || undefined
      );
    });
    const [first] = peer.last.media.flatMap(videoOf).filter(({ isHeader }) => !isHeader);
    assert.equal(
      first?.isKeyframe && first.track === 0,
      true,
      'it begins with a keyframe of the first track',
    );
    assert.equal(platform.requests.length, 1);
    const asked = JSON.parse(platform.requests[0] ?? '') as Record<string, unknown>;
    assert.equal(asked['authentication'], `${KEY}?bandwidthtest=true`);
    assert.deepEqual(asked['preferences'], {
      ...{ width: 320, height: 180, canvas_width: 320, canvas_height: 180 },
      ...{ framerate: { numerator: FPS, denominator: 1 }, maximum_video_tracks: 5, vod_track_audio: false },
    });
    assertKeyHidden(platform.heads.join());
    const connect = JSON.stringify(peer.last.command('connect')?.args ?? []);
    assert.match(connect, /"capsEx":3/);
    assert.match(connect, /"app":"elsewhere"/);
    const name = peer.last.command('publish')?.args[1];
    assert.equal(name, `${KEY}?bandwidthtest=true&clientConfigId=config-7%2F1`);
    const { outputs } = await bulkhead.status();
    assert.equal(outputs[0]?.url, `${peer.url('own')}/***`);
  });

  it('publishes one track, and says why, where the platform wants no more', async () => {
    const html = `<p>Your account is <b>not eligible</b> for Enhanced Broadcasting.<script>alert("${KEY}")</script> ${KEY}</p>`;
    platform.reply = () => ({ body: JSON.stringify({ status: { result: 'error', html_en_us: html } }) });
    const bulkhead = goLive();
    await eventually('frames', () => frames(0).length > FPS || undefined, 40_000);
    await bulkhead.said(/Enhanced Broadcasting is not used: the platform says: Your account is not eligible/);
    const status = await bulkhead.status();
    await bulkhead.stop();
    assert.equal(status.outputs[0]?.tracks, undefined);
    assert.equal(status.encoder.renditions, undefined);
    assert.equal(peer.last.command('publish')?.args[1], `${KEY}?bandwidthtest=true`);
    assert.ok(video().every(({ track }) => track === 0));
    assertKeyHidden(bulkhead.stdout + bulkhead.stderr + JSON.stringify(status));
    const { logFile } = status.core;
    if (logFile !== undefined) assertKeyHidden(readFileSync(logFile, 'utf8'));
  });
});

function isReplaced({ encoder }: Status, before: Status['encoder']): boolean {
  const [now] = encoder.renditions ?? [];
  return now !== undefined && now.videoPid !== 0 && now.videoPid !== before.renditions?.[0]?.videoPid;
}

function sum(values: readonly number[] = []): number {
  return values.reduce((total, value) => total + value, 0);
}
