import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EncoderStopRequest } from '../../../src/protocol/encoder.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { type Publisher, publish } from '../../support/publisher.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';
import { EncoderSession, encodeSettings } from './encoder-session.js';
import { decode, inspectFlv, meanVolume, missingSlots, steps } from './flv-report.js';

const FRAME = [
  ...['-re', '-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=25'],
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', '12'],
];
const FRAME_AND_SOUND = [
  ...FRAME.slice(0, 5),
  '-re',
  '-f',
  'lavfi',
  '-i',
  'sine=frequency=880',
  ...FRAME.slice(5),
  '-c:a',
  'aac',
];

describe('a live source on an RTMP server', function () {
  this.timeout(60_000);
  let dir: TempDir;
  let server: NginxRtmp;
  let publisher: Publisher;
  let session: EncoderSession;

  beforeEach(async () => {
    dir = tempDir('source');
    server = await startNginxRtmp();
  });
  afterEach(async () => {
    for (const each of sessions.splice(0)) each.dispose();
    await publisher.kill();
    await server.stop();
    dir.dispose();
  });

  const sessions: EncoderSession[] = [];
  const begin = (recording?: string) => {
    session = EncoderSession.inProcess({ cacheFolder: join(dir.path, 'cache') }, recording);
    sessions.push(session);
    return session.start(encodeSettings({ input: { type: 'url', url: server.url('live', 'source') } }));
  };
  const stop = async () => {
    await session.connection.sendRequest(EncoderStopRequest.type, {});
    await session.recorded;
  };

  it('without sound gets silence', async () => {
    const mute = join(dir.path, 'mute.flv');
    publisher = publish(server.url('live', 'source'), FRAME);
    await begin(mute);
    await session.hasPlayed(1.2);
    await stop();
    const { video, audio } = await inspectFlv(mute);
    assert.deepEqual([video.width, video.height, video.frameRate], [320, 180, '30/1']);
    assert.equal(missingSlots(video.times), session.skippedSlots, 'slots without a frame');
    assert.ok(steps(audio.times).longest <= 22);
    assert.ok((await meanVolume(mute)) < -90);
    assert.equal(await decode(mute), '');
  });

  it('has its own sound', async () => {
    publisher = publish(server.url('live', 'source'), FRAME_AND_SOUND);
    const recording = join(dir.path, 'recording.flv');
    await begin(recording);
    await session.hasPlayed(0.8);
    await stop();
    assert.ok((await meanVolume(recording)) > -60);
  });

  it('is back as soon as another publisher is, whose timestamps begin anew on the same connection', async () => {
    const url = server.url('live', 'source');
    publisher = publish(url, FRAME_AND_SOUND);
    await begin();
    await session.hasPlayed(10);
    await publisher.kill();
    await eventually('stalled', () => (session.source?.state === 'stalled' ? true : undefined));
    await delay(1000);
    publisher = publish(url, FRAME_AND_SOUND);
    await eventually('live', () => (session.source?.state === 'live' ? true : undefined), 6000);
  });

  it('that goes silent is reported, and what is on air goes on', async () => {
    publisher = publish(server.url('live', 'source'), FRAME_AND_SOUND);
    await begin();
    await session.hasPlayed(0.3);
    assert.equal(session.source?.state, 'live');
    for (const pid of server.pids()) process.kill(pid, 'SIGSTOP');
    await eventually('stalled', () => (session.source?.state === 'stalled' ? true : undefined));
    await session.hasPlayed(2.5);
  });
});
