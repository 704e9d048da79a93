import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { resolveFfmpeg } from '../../../src/encoder/ffmpeg-resolver.js';
import { EncoderCommandRequest, EncoderStopRequest } from '../../../src/protocol/encoder.js';
import { allGone, childrenOf, isAlive } from '../../support/children.js';
import { freePort } from '../../support/ports.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';
import { EncoderSession, encodeSettings } from './encoder-session.js';
import { decode, meanVolume } from './flv-report.js';
import { clip, garbage } from './test-media.js';

const PATTERN = encodeSettings({ input: { type: 'test-pattern' } });
const OLD_FFMPEG = resolveFfmpeg().candidates.find(
  ({ origin }) => origin === '@ffmpeg-installer/ffmpeg',
)?.path;
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

  it('returns the encoding process, and reports its progress', async () => {
    const { ffmpegPid, ffmpegPath } = await session.start(PATTERN, NEW_FFMPEG);
    assert.equal(ffmpegPath, NEW_FFMPEG);
    await session.hasPlayed(1.5);
    assert.match(readFileSync(`/proc/${ffmpegPid}/cmdline`, 'utf8'), /testsrc2/);
    assert.ok((session.progress[0]?.frames ?? 0) > 0);
    assert.ok(session.log.some((line) => line.startsWith('ffmpeg: ')));
  });

  it('lets a prepared ffmpeg wait until it is started', async () => {
    await session.prepare(PATTERN);
    const [held] = await eventually('ffmpeg waits', () => {
      const found = childrenOf(process.pid).filter(({ command }) => command.includes('testsrc2'));
      return found.length > 0 && found[0]?.state === 'S' ? found : undefined;
    });
    const before = session.log.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(session.log.length, before, 'it opens no input');
    const { ffmpegPid } = await session.start(PATTERN);
    assert.equal(ffmpegPid, held?.pid);
    await session.hasPlayed(0.5);
    await session.connection.sendRequest(EncoderStopRequest.type, {});
    assert.equal((await session.exited).finished, true);
  });

  it('ends if its prepared ffmpeg exits, so that it is replaced', async () => {
    const closed = new Promise((resolve) => session.connection.onDidClose(resolve));
    await session.prepare(PATTERN);
    for (const { pid, command } of childrenOf(process.pid)) {
      if (command.includes('testsrc2')) process.kill(pid, 'SIGKILL');
    }
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
    const { ffmpegPid } = await session.start(PATTERN);
    await session.hasPlayed(0.5);
    await session.connection.sendRequest(EncoderStopRequest.type, {});
    assert.equal(isAlive(ffmpegPid), false);
    assert.deepEqual(await session.exited, { exitCode: 0, signal: null, finished: true });
    await session.recorded;
    assert.equal(await decode(recording()), '');
    await session.connection.sendRequest(EncoderStopRequest.type, {});
  });

  it('stops an ffmpeg that hangs', async () => {
    const { ffmpegPid } = await session.start(PATTERN);
    process.kill(ffmpegPid, 'SIGSTOP');
    await session.connection.sendRequest(EncoderStopRequest.type, {});
    const { signal, finished } = await session.exited;
    assert.deepEqual({ signal, finished }, { signal: 'SIGKILL', finished: true });
  });

  for (const { path, origin } of resolveFfmpeg().candidates) {
    if (path === undefined || !existsSync(path)) continue;
    it(`reports that ffmpeg was killed, and ends its media: ${origin}`, async () => {
      const { ffmpegPid } = await session.start(PATTERN, path);
      await session.hasPlayed(0.2);
      process.kill(ffmpegPid, 'SIGKILL');
      const { finished, signal, error } = await session.exited;
      assert.deepEqual(
        { finished, signal, code: error?.code },
        { finished: false, signal: 'SIGKILL', code: 'encoder.crashed' },
      );
      await session.recorded;
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
    const { ffmpegPid } = await session.start(PATTERN);
    session.dispose();
    assert.deepEqual(await allGone([ffmpegPid], 5000), []);
  });

  it('runs once', async () => {
    await session.start(PATTERN);
    await assert.rejects(session.start(PATTERN), { message: /runs only once/ });
  });

  it('runs only the encoder for the test pattern, even with an empty cache', async () => {
    const calls = join(dir.path, 'calls');
    await session.start(PATTERN, fakeFfmpeg(`echo run >> ${calls}; exec ${NEW_FFMPEG} "$@"`));
    await session.hasPlayed(0.3);
    assert.equal(readFileSync(calls, 'utf8'), 'run\n');
  });

  it('inspects a file once, until it changes', async () => {
    const calls = join(dir.path, 'calls');
    const ffmpeg = fakeFfmpeg(`echo run >> ${calls}; exec ${NEW_FFMPEG} "$@"`);
    const settings = encodeSettings({ input: { type: 'file', path: await clip(dir.path, 'clip.mp4', 1) } });
    await session.start(settings, ffmpeg);
    await session.hasPlayed(0.2);
    session.dispose();
    assert.equal(readFileSync(calls, 'utf8'), 'run\nrun\n');
    session = EncoderSession.inProcess({ cacheFolder: cache.path });
    await session.start(settings, ffmpeg);
    await session.hasPlayed(0.3);
    assert.equal(readFileSync(calls, 'utf8'), 'run\nrun\nrun\n');
  });

  it('detects an ffmpeg that delivers nothing', async () => {
    session.dispose();
    session = EncoderSession.inProcess({ cacheFolder: cache.path, startupMs: 300 });
    const { ffmpegPid } = await session.start(PATTERN, fakeFfmpeg('exec sleep 60'));
    const { finished, error } = await session.exited;
    assert.equal(finished, false);
    assert.equal(error?.code, 'encoder.silent');
    assert.match(error.message, /no frame in 0\.3 s/);
    assert.equal(isAlive(ffmpegPid), false);
  });

  it('can be stopped while it inspects its input', async () => {
    const settings = encodeSettings({ input: { type: 'file', path: await clip(dir.path, 'clip.mp4', 1) } });
    const started = session.start(settings, fakeFfmpeg('exec sleep 60'));
    const refused = assert.rejects(started, { code: 'broadcast.state' });
    await session.connection.sendRequest(EncoderStopRequest.type, {});
    await refused;
  });

  for (const [name, ffmpeg] of Object.entries({
    'ffmpeg of 2018': OLD_FFMPEG,
    'ffmpeg on the PATH': NEW_FFMPEG,
  })) {
    it(`live commands: the volume changes while it runs (${name})`, async () => {
      await session.start(PATTERN, ffmpeg);
      await session.hasPlayed(0.3);
      const send = (target: string, argument: string) =>
        session.connection.sendRequest(EncoderCommandRequest.type, { target, command: 'volume', argument });
      const answers = await Promise.all([send('volume@main', '0'), send('nosuch@filter', '1')]);
      assert.equal(answers[0]?.code, 0);
      assert.notEqual(answers[1]?.code, 0);
      await session.hasPlayed(2.5);
      await session.connection.sendRequest(EncoderStopRequest.type, {});
      await session.recorded;
      assert.ok((await meanVolume(recording(), 1.8)) < -80, 'silent after the command');
      assert.ok((await meanVolume(recording(), 0)) > -60, 'and audible before it');
    });
  }

  it('refuses a live command before it runs, and a broken one', async () => {
    const send = (argument: string) =>
      session.connection.sendRequest(EncoderCommandRequest.type, {
        target: 'volume@main',
        command: 'volume',
        argument,
      });
    await assert.rejects(send('1'), { code: 'broadcast.state' });
    await session.start(PATTERN);
    await assert.rejects(send('1\nq'), { code: 'config.invalid' });
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
        'a hardware encoder without its hardware',
        async () => ({ input: { type: 'test-pattern' }, video: { encoder: 'h264_nvenc' } }),
        'encoder.unknown',
        /NVIDIA/,
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
        await assert.rejects(session.start(encodeSettings({ input })), { code: 'input.unreachable' });
      } finally {
        for (const socket of sockets) socket.destroy();
        await new Promise((resolve) => server.close(resolve));
      }
    });
  });
});
