import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { checkDevices } from '../../../src/cli/doctor/device-checks.js';
import { loadConfig } from '../../../src/config/load-config.js';
import { listDevices } from '../../../src/encoder/devices.js';
import { DiskCache } from '../../../src/encoder/disk-cache.js';
import { knownCapabilities, probeCapabilities } from '../../../src/encoder/ffmpeg-capabilities.js';
import { resolveFfmpeg } from '../../../src/encoder/ffmpeg-resolver.js';
import { screenSize } from '../../../src/encoder/screen-size.js';
import { EncoderStopRequest } from '../../../src/protocol/encoder.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';
import { EncoderSession, encodeSettings } from './encoder-session.js';
import { analyse, decode, inspectFlv } from './flv-report.js';

const { candidates } = resolveFfmpeg();
const OLD_FFMPEG = candidates.find(({ origin }) => origin === '@ffmpeg-installer/ffmpeg')?.path ?? '';
const NEW_FFMPEG = candidates.find(({ origin }) => origin === 'PATH')?.path ?? '';

describe('capabilities', function () {
  this.timeout(30_000);
  let dir: TempDir;
  before(() => {
    dir = tempDir('capabilities');
  });
  after(() => dir.dispose());

  it('are determined once for the ffmpeg on the PATH, and cached', async () => {
    const cache = new DiskCache(dir.path);
    assert.equal(knownCapabilities(NEW_FFMPEG, cache), undefined);
    const probed = await probeCapabilities(NEW_FFMPEG, { cache });
    assert.match(probed.version, /^\d+\.\d+/);
    assert.ok(probed.libavformatMajor >= 59);
    for (const encoder of ['libx264', 'aac']) assert.ok(probed.encoders.includes(encoder));
    for (const filter of ['drawtext', 'testsrc2']) assert.ok(probed.filters.includes(filter));
    for (const protocol of ['rtmp', 'https', 'srt']) assert.ok(probed.protocols.includes(protocol));
    for (const device of ['x11grab', 'v4l2', 'alsa', 'pulse']) assert.ok(probed.devices.includes(device));
    assert.equal(probed.capturesWholeScreen, true);
    assert.equal(probed.capturesWindows, true);
    assert.deepEqual(knownCapabilities(NEW_FFMPEG, cache), probed);
  });

  it('show what the ffmpeg of 2018 lacks', async () => {
    const probed = await probeCapabilities(OLD_FFMPEG);
    assert.equal(probed.libavformatMajor, 58);
    assert.equal(probed.protocols.includes('srt'), false);
    assert.equal(probed.devices.includes('pulse'), false);
    assert.equal(probed.capturesWholeScreen, false);
    assert.equal(probed.capturesWindows, false);
  });

  it('are rejected for a program that is not ffmpeg', async () => {
    await assert.rejects(probeCapabilities('/bin/true'), /not an ffmpeg/);
  });
});

describe('screen capture', function () {
  this.timeout(60_000);
  let dir: TempDir;
  let server: ChildProcess;
  let display: string;

  before(async () => {
    dir = tempDir('capture');
    // -displayfd: the server chooses a free display and reports its number.
    server = spawn('Xvfb', ['-displayfd', '3', '-wr', '-screen', '0', '1280x720x24', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    const [number] = (await once(server.stdio[3] as Readable, 'data')) as [Buffer];
    display = `:${number.toString().trim()}`;
  });
  after(async () => {
    const gone = once(server, 'exit');
    server.kill();
    await gone;
    dir.dispose();
  });

  for (const [name, ffmpeg] of Object.entries({
    'ffmpeg of 2018': OLD_FFMPEG,
    'ffmpeg on the PATH': NEW_FFMPEG,
  })) {
    it(`captures the whole screen (${name})`, async () => {
      const file = join(dir.path, 'screen.flv');
      const session = EncoderSession.inProcess({ cacheFolder: join(dir.path, 'cache') }, file);
      try {
        await session.start(encodeSettings({ input: { type: 'screen', display } }), ffmpeg);
        await session.hasPlayed(1.2);
        await session.connection.sendRequest(EncoderStopRequest.type, {});
        await session.recorded;
      } finally {
        session.dispose();
      }
      assert.equal(await decode(file), '');
      const { video, audio } = await inspectFlv(file);
      assert.deepEqual([video.width, video.height], [320, 180]);
      assert.ok(video.times.length > 25, `${video.times.length} frames`);
      assert.ok(audio.times.length > 40, `${audio.times.length} frames of sound`);
      // The screen is white, and 16:9: if only 640 × 480 pixels of it were captured, there would be black bars at
      // the sides.
      const crop = await analyse(file, ['-vf', 'cropdetect=limit=100:round=2:skip=0']);
      assert.match(crop, /crop=320:180/);
    });
  }

  it('gets its size from ffmpeg', async () => {
    assert.equal(await screenSize(OLD_FFMPEG, display, new AbortController().signal), '1280x720');
  });

  it('reports a missing display, even if ffmpeg crashes because of it', async () => {
    const session = EncoderSession.inProcess({ cacheFolder: join(dir.path, 'cache') });
    try {
      const settings = encodeSettings({ input: { type: 'screen', display: ':9999' } });
      await assert.rejects(session.start(settings, OLD_FFMPEG), { code: 'input.notFound', where: ':9999' });
    } finally {
      session.dispose();
    }
  });

  it('says that its display is lost, and goes on', async () => {
    const lost = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '320x180x24', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    const gone = once(lost, 'exit');
    const session = EncoderSession.inProcess({ cacheFolder: join(dir.path, 'cache') });
    try {
      const [number] = (await once(lost.stdio[3] as Readable, 'data')) as [Buffer];
      const input = { type: 'screen', display: `:${number.toString().trim()}` } as const;
      await session.start(encodeSettings({ input }), NEW_FFMPEG);
      await session.hasPlayed(0.5);
      lost.kill('SIGKILL');
      const { error } = await eventually('lost', () =>
        session.source?.state === 'retrying' && session.source.error !== undefined
          ? session.source
          : undefined,
      );
      assert.match(error?.code ?? '', /^input\./);
      await session.hasPlayed(2.5);
    } finally {
      session.dispose();
      lost.kill('SIGKILL');
      await gone;
    }
  });

  it('is tested by the doctor, which reports a missing microphone', async () => {
    const tried = async (input: { type: 'screen'; display: string; microphone?: string }) => {
      const { config } = loadConfig(undefined, {}, dir.path);
      const findings = await checkDevices(NEW_FFMPEG, { ...config, input });
      return findings
        .filter(({ subject }) => subject === 'input')
        .map(({ verdict, message }) => [verdict, message]);
    };
    const number = display.slice(1);
    assert.deepEqual(await tried({ type: 'screen', display: number }), [
      ['ok', 'the screen can be captured'],
    ]);
    assert.deepEqual(await tried({ type: 'screen', display, microphone: 'hw:31,7' }), [
      ['problem', 'The microphone hw:31,7 was not found.'],
    ]);
  });

  it('is listed', async () => {
    const { screens } = await listDevices(NEW_FFMPEG);
    assert.ok(screens.some(({ id }) => id === display));
  });
});
