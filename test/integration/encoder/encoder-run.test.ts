import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { resolveFfmpeg } from '../../../src/encoder/ffmpeg-resolver.js';
import { EncoderStopRequest } from '../../../src/protocol/encoder.js';
import { allGone, childrenOf } from '../../support/children.js';
import { freePort } from '../../support/ports.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';
import { EncoderSession, encodeSettings, startedOf } from './encoder-session.js';
import { decode, inspectFlv, missingSlots, steps } from './flv-report.js';
import { clip, garbage } from './test-media.js';

const PATTERN = encodeSettings({ input: { type: 'test-pattern' } });
const NEW_FFMPEG = resolveFfmpeg().candidates.find(({ origin }) => origin === 'PATH')?.path;

describe('an encoder run', function () {
  this.timeout(30_000);
  let dir: TempDir;
  let session: EncoderSession;
  /** Shared by all tests, so that ffmpeg is probed once; a fake one is a different one each time. */
  let cache: TempDir;
  const recording = () => join(dir.path, 'recording.flv');

  /** A program in place of ffmpeg. */
  function fakeFfmpeg(script: string): string {
    const path = join(dir.path, 'ffmpeg');
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  before(() => {
    cache = tempDir('cache');
  });
  after(() => cache.dispose());
  beforeEach(() => {
    dir = tempDir('run');
    session = EncoderSession.inProcess({ cacheFolder: cache.path, startupMs: 8000 }, recording());
  });
  afterEach(() => {
    session.dispose();
    dir.dispose();
  });

  /** The ffmpegs of the run, by what is in their command line. */
  const ffmpegsWith = (part: string) =>
    childrenOf(process.pid)
      .filter(({ command }) => command.includes(part))
      .map(({ pid }) => pid);

  it('returns the encoding processes, and reports its progress', async () => {
    const { processes, ffmpegPath } = await session.start(PATTERN, NEW_FFMPEG);
    assert.equal(ffmpegPath, NEW_FFMPEG);
    const progress = await eventually('a report of the encoders in reserve', () =>
      session.progress.find((report) => startedOf(report.processes).length === 4),
    );
    assert.ok(progress.frames > 0 && progress.bitrateKbps > 0);
    const { videoPid, audioPid, heldVideoPid, heldAudioPid } = progress.processes;
    assert.deepEqual([videoPid, audioPid], [processes.videoPid, processes.audioPid]);
    assert.deepEqual(new Set([videoPid, heldVideoPid]), new Set(ffmpegsWith('libx264')));
    assert.deepEqual(new Set([audioPid, heldAudioPid]), new Set(ffmpegsWith('-c:a aac')));
  });

  it('lets prepared encoders wait until it is started', async () => {
    await session.prepare(PATTERN);
    const waiting = await eventually('two', () => {
      const pids = ffmpegsWith('libx264');
      return pids.length === 2 ? pids : undefined;
    });
    assert.deepEqual(ffmpegsWith('testsrc2'), [], 'it opens no input');
    const { processes } = await session.start(PATTERN);
    assert.ok(waiting.includes(processes.videoPid));
    await session.hasPlayed(0.5);
    await session.connection.sendRequest(EncoderStopRequest.type, {});
    assert.equal((await session.exited).finished, true);
  });

  it('ends if the core closes its media connection, so that it is replaced', async () => {
    const closed = new Promise((resolve) => session.connection.onDidClose(resolve));
    await session.prepare(PATTERN);
    session.loseMedia();
    await closed;
  });

  it('starts with an input that was missing during preparation', async () => {
    const path = join(dir.path, 'later.mp4');
    const settings = encodeSettings({ input: { type: 'file', path, loop: false } });
    await assert.rejects(session.prepare(settings), { code: 'input.notFound' });
    await clip(dir.path, 'later.mp4', 1);
    await session.start(settings);
    assert.equal((await session.exited).finished, true);
  });

  it('refuses to start with other settings than it was prepared for', async () => {
    await session.prepare(PATTERN);
    await assert.rejects(
      session.start(encodeSettings({ video: { fps: 15 } })),
      /prepared for other settings/,
    );
  });

  it('stops in order, with a complete stream', async () => {
    const { processes } = await session.start(PATTERN);
    await session.hasPlayed(0.5);
    await session.connection.sendRequest(EncoderStopRequest.type, {});
    assert.deepEqual(await session.exited, { exitCode: 0, signal: null, finished: true });
    assert.deepEqual(await allGone(startedOf(processes), 5000), []);
    await session.recorded;
    assert.equal(await decode(recording()), '');
    await session.connection.sendRequest(EncoderStopRequest.type, {});
  });

  it('stops while its encoders hang', async () => {
    const { processes } = await session.start(PATTERN);
    await session.hasPlayed(0.3);
    for (const pid of startedOf(processes)) process.kill(pid, 'SIGSTOP');
    await session.connection.sendRequest(EncoderStopRequest.type, {});
    assert.equal((await session.exited).finished, true);
    assert.deepEqual(await allGone(startedOf(processes), 5000), []);
  });

  for (const { path, origin } of resolveFfmpeg().candidates) {
    if (path === undefined || !existsSync(path)) continue;
    it(`loses no frame when an encoder is killed: ${origin}`, async () => {
      const { processes } = await session.start(PATTERN, path);
      await session.hasPlayed(0.4);
      process.kill(processes.videoPid, 'SIGKILL');
      process.kill(processes.audioPid, 'SIGKILL');
      await session.hasPlayed(1.5);
      await session.connection.sendRequest(EncoderStopRequest.type, {});
      await session.recorded;
      assert.equal(await decode(recording()), '');
      const { video, audio } = await inspectFlv(recording());
      assert.equal(missingSlots(video.times), session.skippedSlots, 'slots without a frame');
      assert.ok(steps(audio.times).longest <= 22, 'sound without a hole');
    });
  }

  it('does not need the core for its media once it is prepared', async () => {
    await session.prepare(PATTERN);
    await session.stopListening();
    await session.start(PATTERN);
    await session.hasPlayed(0.2);
  });

  it('fails if the core does not listen, and can be retried', async () => {
    await session.stopListening();
    await assert.rejects(session.prepare(PATTERN), { code: 'process.failed' });
    await assert.rejects(session.start(PATTERN), { code: 'process.failed' });
  });

  it('leaves no ffmpeg behind when it is disposed', async () => {
    await session.start(PATTERN);
    await session.hasPlayed(0.3);
    const pids = ffmpegsWith('-loglevel');
    assert.ok(pids.length >= 4, `${pids.length} processes`);
    session.dispose();
    assert.deepEqual(await allGone(pids, 5000), []);
  });

  it('runs once', async () => {
    await session.start(PATTERN);
    await assert.rejects(session.start(PATTERN), { message: /runs only once/ });
  });

  /** An ffmpeg that notes the arguments of each of its processes. */
  function notingFfmpeg(): { readonly path: string; calls(): readonly string[] } {
    const calls = join(dir.path, 'calls');
    return {
      path: fakeFfmpeg(`echo "$@" >> ${calls}; exec ${NEW_FFMPEG} "$@"`),
      calls: () => readFileSync(calls, 'utf8').trim().split('\n'),
    };
  }

  it('asks ffmpeg for nothing before the test pattern is on air, even with an empty cache', async () => {
    const { path, calls } = notingFfmpeg();
    await session.start(PATTERN, path);
    await session.hasPlayed(0.3);
    const others = calls().filter((call) => !/libx264|-c:a aac|testsrc2|sine=/.test(call));
    assert.deepEqual(others, []);
  });

  it('inspects a file once, until it changes', async () => {
    const { path, calls } = notingFfmpeg();
    const inspections = () => calls().filter((call) => call.endsWith('clip.mp4')).length;
    const settings = encodeSettings({ input: { type: 'file', path: await clip(dir.path, 'clip.mp4', 1) } });
    await session.start(settings, path);
    await session.hasPlayed(0.2);
    session.dispose();
    assert.equal(inspections(), 1);
    session = EncoderSession.inProcess({ cacheFolder: cache.path });
    await session.start(settings, path);
    await session.hasPlayed(0.3);
    assert.equal(inspections(), 1);
  });

  it('detects an ffmpeg that delivers nothing', async () => {
    session.dispose();
    session = EncoderSession.inProcess({ cacheFolder: cache.path, startupMs: 300 });
    const { processes } = await session.start(PATTERN, fakeFfmpeg('exec sleep 60'));
    const { finished, error } = await session.exited;
    assert.equal(finished, false);
    assert.equal(error?.code, 'encoder.silent');
    assert.match(error.message, /no frame in [\d.]+ s/);
    assert.deepEqual(await allGone(startedOf(processes), 5000), []);
  });

  it('goes on with libx264 without the hardware of its encoder, and says so', async () => {
    const video = { encoder: 'h264_nvenc' };
    await session.start(encodeSettings({ input: { type: 'test-pattern' }, video }), NEW_FFMPEG);
    await session.hasPlayed(0.5);
    const [problem] = session.problems;
    assert.equal(problem?.code, 'encoder.unknown');
    assert.match(problem.message, /NVIDIA/);
  });

  it('can be stopped while it inspects its input', async () => {
    const settings = encodeSettings({ input: { type: 'file', path: await clip(dir.path, 'clip.mp4', 1) } });
    const started = session.start(settings, fakeFfmpeg('exec sleep 60'));
    const refused = assert.rejects(started, { code: 'broadcast.state' });
    await session.connection.sendRequest(EncoderStopRequest.type, {});
    await refused;
  });

  describe('fails in plain words:', () => {
    const cases: [string, () => Promise<Parameters<typeof encodeSettings>[0]>, string, RegExp][] = [
      [
        'a missing file',
        async () => ({ input: { type: 'file', path: join(dir.path, 'nope.mp4') } }),
        'input.notFound',
        /does not exist/,
      ],
      ['a folder', async () => ({ input: { type: 'image', path: dir.path } }), 'input.invalid', /folder/],
      [
        'a file that is no media',
        async () => ({ input: { type: 'file', path: garbage(dir.path, 'a.mp4') } }),
        'input.invalid',
        /not media that ffmpeg can read/,
      ],
      [
        'an image that is none',
        async () => ({ input: { type: 'image', path: garbage(dir.path, 'a.png') } }),
        'input.invalid',
        /not media that ffmpeg can read/,
      ],
      [
        'an address where nothing listens',
        async () => ({ input: { type: 'url', url: `rtmp://127.0.0.1:${await freePort()}/a/b` } }),
        'input.unreachable',
        /Nothing is listening/,
      ],
      [
        'an encoder that ffmpeg has not',
        async () => ({ input: { type: 'test-pattern' }, video: { encoder: 'h264_nosuch' } }),
        'encoder.unknown',
        /h264_nosuch/,
      ],
      [
        'no such camera',
        async () => ({ input: { type: 'camera', device: '/dev/video99' } }),
        'input.notFound',
        /camera \/dev\/video99/,
      ],
      [
        'no such microphone',
        async () => ({ input: { type: 'microphone', device: 'hw:99,0' } }),
        'input.notFound',
        /microphone hw:99,0/,
      ],
      [
        'no such display',
        async () => ({ input: { type: 'screen', display: ':9999' } }),
        'input.notFound',
        /display cannot be opened/,
      ],
    ];
    for (const [name, config, code, message] of cases) {
      it(name, async () => {
        const started = session.start(encodeSettings(await config()), NEW_FFMPEG);
        // Some are detected before ffmpeg runs, others by it.
        const error = await started.then(
          async () => (await session.exited).error,
          (thrown) => thrown,
        );
        assert.equal(error?.code, code);
        assert.match(error.message, message);
        assert.ok(error.remedy);
      });
    }

    it('a program that is not ffmpeg', async () => {
      const screen = encodeSettings({ input: { type: 'screen', display: ':0' } });
      await assert.rejects(session.start(screen, fakeFfmpeg('exit 3')), { code: 'ffmpeg.failedToStart' });
    });

    it('a missing ffmpeg', async () => {
      await assert.rejects(session.start(PATTERN, join(dir.path, 'nope')), { code: 'ffmpeg.notFound' });
    });

    it('a source that accepts and sends nothing', async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const sockets = new Set<import('node:net').Socket>();
      server.on('connection', (socket) => {
        sockets.add(socket);
        socket.on('error', () => {});
      });
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : 0;
      try {
        const input = { type: 'url', url: `http://127.0.0.1:${port}/x` } as const;
        session.dispose();
        session = EncoderSession.inProcess({ cacheFolder: cache.path, startupMs: 500 });
        await session.start(encodeSettings({ input }));
        const { error } = await session.exited;
        assert.equal(error?.code, 'encoder.silent');
        assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${port}.*delivered no frame`));
      } finally {
        for (const socket of sockets) socket.destroy();
        await new Promise((resolve) => server.close(resolve));
      }
    });
  });
});
