import assert from 'node:assert/strict';
import { join } from 'node:path';
import { EncoderStopRequest } from '../../../src/protocol/encoder.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { type Publisher, publish } from '../../support/publisher.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { EncoderSession, encodeSettings } from './encoder-session.js';
import { decode, inspectFlv, meanVolume, steps } from './flv-report.js';

const PICTURE = [
  ...['-re', '-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=25'],
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', '12'],
];
const PICTURE_AND_SOUND = [
  ...PICTURE.slice(0, 5),
  '-re',
  '-f',
  'lavfi',
  '-i',
  'sine=frequency=880',
  ...PICTURE.slice(5),
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
    session.dispose();
    await publisher.kill();
    await server.stop();
    dir.dispose();
  });

  const begin = async (source: readonly string[], recording?: string) => {
    const url = server.url('live', 'source');
    publisher = publish(url, source);
    session = EncoderSession.inProcess({ cacheFolder: join(dir.path, 'cache') }, recording);
    return session.start(encodeSettings({ input: { type: 'url', url } }));
  };

  it('without sound gets silence, and the configured size and frame rate', async () => {
    const file = join(dir.path, 'recording.flv');
    await begin(PICTURE, file);
    await session.hasPlayed(1.5);
    await session.connection.sendRequest(EncoderStopRequest.type, {});
    await session.recorded;
    const { video, audio } = await inspectFlv(file);
    assert.deepEqual([video.width, video.height, video.frameRate], [320, 180, '30/1']);
    assert.ok(steps(video.times).longest <= 34);
    assert.ok(steps(audio.times).longest <= 22);
    assert.ok((await meanVolume(file)) < -90);
    assert.equal(await decode(file), '');
  });

  it('that has gained sound is heard from the next start on', async () => {
    await begin(PICTURE);
    session.dispose();
    await publisher.kill();
    const file = join(dir.path, 'recording.flv');
    await begin(PICTURE_AND_SOUND);
    await session.hasPlayed(0.3);
    session.dispose();
    session = EncoderSession.inProcess({ cacheFolder: join(dir.path, 'cache') }, file);
    await session.start(encodeSettings({ input: { type: 'url', url: server.url('live', 'source') } }));
    await session.hasPlayed(1);
    await session.connection.sendRequest(EncoderStopRequest.type, {});
    await session.recorded;
    assert.ok((await meanVolume(file)) > -60);
  });

  it('that goes silent is found, and told', async () => {
    await begin(PICTURE_AND_SOUND);
    await session.hasPlayed(0.3);
    for (const pid of server.pids()) process.kill(pid, 'SIGSTOP');
    const { finished, error } = await session.exited;
    assert.equal(finished, false);
    assert.equal(error?.code, 'input.unreachable');
    assert.ok(error.remedy);
  });
});
