import assert from 'node:assert/strict';
import { VideoSchema } from '../../../src/config/encoding-schema.js';
import { enhancedBroadcastingOf } from '../../../src/config/enhanced-broadcasting.js';
import { type RtmpConfig } from '../../../src/config/schema.js';
import { EnhancedOutput } from '../../../src/core/publish/enhanced-broadcasting/enhanced-output.js';
import type { RtmpTarget } from '../../../src/core/publish/rtmp/rtmp-target.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { ConfigurationServer, configurationOf } from '../../support/configuration-server.js';
import { avcFrame } from '../../support/flv.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';
import { FakeEncodes } from './enhanced-stream.js';
import { FakeSession } from './fake-session.js';
import { startingPoint, tag } from './tags.js';

const KEY = 'live_55201_Zq7fK2Xw9bT4mP8vRjYhLs3d';
const TRACKS = [
  { width: 1280, height: 720, bitrate: 3000 },
  { width: 640, height: 360, bitrate: 600 },
] as const;
const FPS = 10;
const TIMINGS = { settleMs: 5, holdMs: 0 };

describe('an output with Enhanced Broadcasting', function () {
  this.timeout(30_000);
  let folder: TempDir;
  let platform: ConfigurationServer;
  let encodes: FakeEncodes;
  let output: EnhancedOutput;
  let notices: string[];
  let tries: RtmpTarget[];
  let sessions: FakeSession[];
  /** Of the next tries; they are accepted when there is none. */
  let refusals: BulkheadError[];
  let frames: number;
  let feed: NodeJS.Timeout;

  before(async () => {
    folder = tempDir('enhanced-output');
    platform = await ConfigurationServer.start(folder.path, () => undefined);
  });
  after(async () => {
    await platform.stop();
    folder.dispose();
  });

  beforeEach(() => {
    encodes = new FakeEncodes();
    [notices, tries, sessions, refusals, frames] = [[], [], [], [], 0];
    platform.requests.length = 0;
    platform.reply = () => ({ body: configurationOf(TRACKS, { url: 'rtmps://tracks.example/app' }) });
  });
  afterEach(() => {
    clearInterval(feed);
    output.dispose();
  });

  function start(settings: Partial<RtmpConfig> = {}, video: object = {}): void {
    const config = {
      ...{ id: 'main', type: 'rtmp', url: 'rtmps://own.example/app', key: KEY },
      ...{
        tlsCaFile: platform.caFile,
        enhancedBroadcasting: { url: platform.url, maxTracks: 5 },
        timings: TIMINGS,
      },
      ...settings,
    } as RtmpConfig;
    const enhanced = enhancedBroadcastingOf(config.enhancedBroadcasting);
    assert.ok(enhanced !== undefined);
    const programme = VideoSchema.parse({ fps: FPS, bitrateKbps: 3000, ...video });
    const context = {
      ...{ video: programme, encodes },
      notify: (severity: string, message: string) => notices.push(`${severity}: ${message}`),
    };
    output = EnhancedOutput.create(config, enhanced, startingPoint, context, async (target) => {
      tries.push(target);
      const refusal = refusals.shift();
      if (refusal !== undefined) throw refusal;
      const session = new FakeSession();
      sessions.push(session);
      return session;
    });
    output.start();
    // The programme, and what encodes are wanted of it, twenty times as fast as in real time.
    feed = setInterval(() => put(), 5);
  }

  function put(): void {
    const ms = (frames * 1000) / FPS;
    const kind = frames % FPS === 0 ? 'keyframe' : 'interframe';
    output.push(tag(kind, ms, avcFrame(kind, frames)));
    output.push(tag('audio', ms + 10));
    for (const place of encodes.videos.keys()) {
      if (kind === 'keyframe') encodes.begin(place, ms);
      else encodes.frame(place, ms);
    }
    frames += 1;
  }
  const live = (count = 1) =>
    eventually(`session ${count}`, () => {
      const { state, sessions: lived } = output.status();
      return state === 'live' && lived >= count ? true : undefined;
    });
  const kinds = (session: FakeSession | undefined) => (session?.sent ?? []).map((sent) => sent.split(' ')[0]);
  const noticed = (wanted: RegExp) =>
    eventually(`${wanted}`, () => notices.some((notice) => wanted.test(notice)) || undefined);

  it('sends the tracks that the platform asks for, each with its header first', async () => {
    start();
    await live();
    assert.deepEqual(encodes.videos, [{ height: 360, bitrateKbps: 600 }]);
    assert.deepEqual(output.status().tracks, [
      { width: 1280, height: 720, bitrateKbps: 3000 },
      { width: 640, height: 360, bitrateKbps: 600 },
    ]);
    await eventually('frames of both', () => kinds(sessions[0]).includes('extra-interframe') || undefined);
    assert.deepEqual(kinds(sessions[0]).slice(0, 4), [
      'metadata',
      'video-header',
      'audio-header',
      'extra-video-header',
    ]);
    const video = kinds(sessions[0]).filter((kind) => kind?.endsWith('frame'));
    assert.deepEqual(video.slice(0, 4), ['keyframe', 'extra-keyframe', 'interframe', 'extra-interframe']);
    const [target] = tries;
    assert.equal(target?.host, 'tracks.example');
    assert.equal(target?.streamKey, `${KEY}?clientConfigId=config-7%2F1`);
    assert.equal(target?.multitrack, true);
    assert.equal(output.status().url, 'rtmps://own.example/app/***');
    assert.equal(platform.requests.length, 1);
    assert.equal(output.flow(), undefined, 'its bitrate follows no network');
    await output.stop(100);
    assert.deepEqual(encodes.videos, [], 'its encodes end with it');
  });

  it('keeps its tracks when a session is lost, and begins the next one with a keyframe of all', async () => {
    start();
    await live();
    sessions[0]?.serverCloses();
    await live(2);
    await eventually('frames of both', () => kinds(sessions[1]).includes('extra-interframe') || undefined);
    const video = kinds(sessions[1]).filter((kind) => kind?.endsWith('frame'));
    assert.deepEqual(video.slice(0, 2), ['keyframe', 'extra-keyframe']);
    assert.deepEqual([platform.requests.length, encodes.requests], [1, 1]);
  });

  for (const [what, reply, reason] of [
    [
      'refuses',
      { body: '{"status":{"result":"error","html_en_us":"<p>Not for you.</p>"}}' },
      /the platform says: Not for you\./,
    ],
    [
      'answers nonsense',
      { body: '{"meta":{}}' },
      /the platform's answer cannot be used: "meta.config_id" is missing/,
    ],
    ['answers with an error', { status: 403, body: 'x' }, /has answered with the HTTP status 403/],
    ['sends it elsewhere', { status: 307, body: '' }, /has answered with the HTTP status 307/],
    ['answers without end', { body: ' '.repeat(1 << 20) }, /the answer is far too long/],
    [
      'wants one track',
      { body: configurationOf(TRACKS.slice(0, 1), { url: 'rtmps://h/app' }) },
      /asks for one track only/,
    ],
    [
      'has no address with TLS',
      { body: configurationOf(TRACKS, { url: 'rtmp://h/app' }) },
      /names no RTMPS address/,
    ],
    [
      'has an address that is none',
      { body: configurationOf(TRACKS, { url: 'rtmps:///app' }) },
      /names an address that is none/,
    ],
  ] as const) {
    it(`sends the programme, and says why, where the platform ${what}`, async () => {
      platform.reply = () => reply;
      start();
      await live();
      await noticed(reason);
      assert.deepEqual(notices.filter((notice) => notice.startsWith('warning')).length, 1);
      assert.equal(tries.at(-1)?.host, 'own.example');
      assert.equal(tries.at(-1)?.streamKey, KEY);
      assert.equal(output.status().tracks, undefined);
      assert.deepEqual(encodes.videos, []);
      await eventually('frames', () => kinds(sessions.at(-1)).includes('interframe') || undefined);
      assert.ok(!kinds(sessions.at(-1)).some((kind) => kind?.startsWith('extra')));
      assert.doesNotMatch(notices.join(), /Zq7fK2/);
    });
  }

  it('does not send the key to a platform that it cannot trust, nor ask it for HEVC', async () => {
    start({ tlsCaFile: undefined });
    await live();
    await noticed(/the certificate of 127\.0\.0\.1:\d+ cannot be trusted/);
    assert.deepEqual(platform.requests, []);
    output.dispose();
    clearInterval(feed);
    notices.length = 0;
    start({}, { encoder: 'libx265' });
    await live();
    await noticed(/"video\.encoder" is none of H\.264/);
    assert.deepEqual(platform.requests, []);
  });

  it('does not ask where no encode can be made', async () => {
    encodes.spare = 0;
    start();
    await live();
    await noticed(/other outputs take the encodes/);
    assert.deepEqual(platform.requests, []);
  });

  it('asks again with each attempt while neither the platform nor the server can be reached', async () => {
    platform.reply = () => ({ status: 503, body: '' });
    refusals = [1, 2].map((n) => new BulkheadError(ErrorCodes.outputUnreachable, `down ${n}`));
    start();
    await eventually('two attempts', () => platform.requests.length >= 2 || undefined);
    assert.deepEqual(notices, [], 'nothing is said before something is published');
    platform.reply = () => ({ body: configurationOf(TRACKS, { url: 'rtmps://tracks.example/app' }) });
    await live();
    assert.equal(output.status().tracks?.length, 2);
  });

  it('sends the programme where the server refuses the tracks, or closes at once', async () => {
    refusals = [new BulkheadError(ErrorCodes.outputRefused, 'the server has refused the stream')];
    start();
    await live();
    await noticed(/is not used: the server has refused the stream/);
    assert.deepEqual(
      tries.map(({ host }) => host),
      ['tracks.example', 'own.example'],
    );
    assert.deepEqual(encodes.videos, []);
  });

  it('asks the platform anew where what has worked is refused later', async () => {
    start();
    await live();
    refusals = [new BulkheadError(ErrorCodes.outputRefused, 'expired')];
    sessions[0]?.serverCloses();
    await live(2);
    assert.deepEqual([platform.requests.length, encodes.requests], [2, 2]);
    assert.equal(output.status().tracks?.length, 2);
  });

  it('sends the programme where this computer is too slow for all tracks', async () => {
    start();
    await live();
    // Half of a track's frames are missing from now on.
    const frame = encodes.frame.bind(encodes);
    encodes.frame = (place, ms, kind) => {
      if (kind === 'keyframe' || frames % 2 === 0) frame(place, ms, kind);
    };
    await noticed(/this computer is too slow for all tracks/);
    await live(2);
    assert.equal(output.status().tracks, undefined);
    assert.deepEqual(encodes.videos, []);
    await eventually('frames', () => kinds(sessions.at(-1)).includes('interframe') || undefined);
    assert.ok(!kinds(sessions.at(-1)).some((kind) => kind?.startsWith('extra')));
  });
});
