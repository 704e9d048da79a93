import assert from 'node:assert/strict';
import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { MediaListener } from '../../../src/core/media-sockets/media-listener.js';
import type { MediaSocket } from '../../../src/core/media-sockets/media-sockets.js';
import { FfmpegProcess } from '../../../src/encoder/ffmpeg-process.js';
import { connectMedia } from '../../../src/process-host/media-connection.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const O_NONBLOCK = 0o4000;

describe("an ffmpeg's connection to the core", () => {
  let dir: TempDir;
  let listener: MediaListener;
  let run: MediaSocket;
  let media: string;
  let ended: Promise<void>;
  let ffmpeg: FfmpegProcess | undefined;

  beforeEach(() => {
    dir = tempDir('ffmpeg');
    const log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
    listener = new MediaListener({ address: join(dir.path, 'core.sock') }, log);
    run = listener.open();
    media = '';
    ended = new Promise((resolve) => {
      run.read(
        (chunk) => {
          media += chunk.toString();
        },
        () => resolve(),
      );
    });
  });

  afterEach(() => {
    ffmpeg?.dispose();
    run.retire();
    listener.dispose();
    dir.dispose();
  });

  /** A program in place of ffmpeg. */
  async function start(script: string, relays = false): Promise<FfmpegProcess> {
    const connection = await connectMedia(await run.address);
    ffmpeg = new FfmpegProcess({ path: '/bin/sh', args: ['-c', script], media: connection, relays });
    return ffmpeg;
  }

  it('is its standard output, which blocks, and ends with it', async () => {
    const { pid } = await start('printf FLV; exec sleep 60');
    await eventually('the media', () => (media === 'FLV' ? true : undefined));
    assert.match(readlinkSync(`/proc/${pid}/fd/1`), /^socket:/);
    const [, flags = ''] = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/1`, 'ascii')) ?? [];
    assert.equal(Number.parseInt(flags, 8) & O_NONBLOCK, 0);
    process.kill(pid, 'SIGKILL');
    await ended;
  });

  it('is kept by the encoder if the program cannot have it, and ends with the program as well', async () => {
    const { pid } = await start('printf FLV; exec sleep 60', true);
    await eventually('the media', () => (media === 'FLV' ? true : undefined));
    process.kill(pid, 'SIGKILL');
    await ended;
  });

  it('is closed if ffmpeg cannot be started', async () => {
    const connection = await connectMedia(await run.address);
    assert.throws(() => new FfmpegProcess({ path: '/bin/sh\0', args: [], media: connection }));
    await ended;
  });
});
