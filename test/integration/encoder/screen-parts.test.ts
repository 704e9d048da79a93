import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { BroadcastConfigInput } from '../../../src/config/schema.js';
import { resolveFfmpeg } from '../../../src/encoder/ffmpeg-resolver.js';
import { EncoderStopRequest } from '../../../src/protocol/encoder.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';
import { startXServer, TestWindows, type XServer } from '../../support/x-server.js';
import { EncoderSession, encodeSettings } from './encoder-session.js';

const { candidates } = resolveFfmpeg();
const OLD_FFMPEG = candidates.find(({ origin }) => origin === '@ffmpeg-installer/ffmpeg')?.path ?? '';
const NEW_FFMPEG = candidates.find(({ origin }) => origin === 'PATH')?.path ?? '';
const BOTH = { 'ffmpeg of 2018': OLD_FFMPEG, 'ffmpeg on the PATH': NEW_FFMPEG };
const RED = 0xff0000;
const BLUE = 0x0000ff;

type ScreenSettings = Omit<
  Extract<NonNullable<BroadcastConfigInput['input']>, { type: 'screen' }>,
  'type' | 'display'
>;

describe('a part of the screen', function () {
  this.timeout(60_000);
  let dir: TempDir;
  let server: XServer;
  let windows: TestWindows;
  let session: EncoderSession;
  let file: string;

  before(async () => {
    dir = tempDir('screen-parts');
    server = await startXServer('1280x720');
  });
  beforeEach(async () => {
    windows = await TestWindows.open(server.display);
    file = join(dir.path, 'screen.flv');
    session = EncoderSession.inProcess({ cacheFolder: join(dir.path, 'cache') }, file);
  });
  afterEach(() => {
    session.dispose();
    windows.dispose();
  });
  after(async () => {
    await server.stop();
    dir.dispose();
  });

  function start(of: ScreenSettings, ffmpeg = NEW_FFMPEG) {
    return session.start(
      encodeSettings({ input: { type: 'screen', display: server.display, ...of } }),
      ffmpeg,
    );
  }

  /** The colours of the last frame, at the left edge and in the middle: which of red, green and blue are bright. */
  async function lastColours(): Promise<string[]> {
    await session.connection.sendRequest(EncoderStopRequest.type, {});
    await session.recorded;
    const args = [
      '-v',
      'error',
      '-i',
      file,
      '-vf',
      'scale=320:180',
      '-f',
      'rawvideo',
      '-pix_fmt',
      'rgb24',
      '-',
    ];
    const frames = execFileSync(NEW_FFMPEG, args, { maxBuffer: 1e9 });
    const frame = frames.subarray(-320 * 180 * 3);
    return [3, 160].map((x) => {
      const at = (90 * 320 + x) * 3;
      return ['red', 'green', 'blue'].filter((_, index) => (frame[at + index] ?? 0) > 128).join('+');
    });
  }

  for (const [name, ffmpeg] of Object.entries(BOTH)) {
    it(`is a region (${name})`, async () => {
      await windows.show('red', { x: 640, y: 360, width: 320, height: 180 }, RED);
      await start({ region: { x: 640, y: 360, width: 320, height: 180 } }, ffmpeg);
      await session.hasPlayed(0.5);
      assert.deepEqual(await lastColours(), ['red', 'red']);
    });

    it(`must not reach outside the screen (${name})`, async () => {
      await start({ region: { x: 1000, y: 600, width: 640, height: 360 } }, ffmpeg);
      const { error } = await session.exited;
      assert.equal(error?.code, 'input.invalid');
      assert.equal(
        error.message,
        'The region reaches outside the screen: it ends at 1640 × 960 pixels, and the screen has 1280 × 720.',
      );
    });
  }

  it('is a window, found by a part of its title, and a region of it', async () => {
    await windows.show('Notes – editor', { x: 20, y: 20, width: 320, height: 180 }, BLUE);
    await windows.show('Spiel – Müller', { x: 400, y: 300, width: 320, height: 180 }, RED);
    await start({ window: 'MÜLLER', region: { x: 0, y: 0, width: 160, height: 90 } });
    await session.hasPlayed(0.5);
    assert.deepEqual(await lastColours(), ['red', 'red']);
  });

  it('is of the size that the window has got', async () => {
    const id = await windows.show('growing', { x: 20, y: 20, width: 320, height: 180 }, RED);
    await start({ window: 'growing' });
    await session.hasPlayed(0.5);
    const { pid } = await eventually('a process', () => session.source);
    await windows.resize(id, 320, 320);
    await eventually('another process', () =>
      session.source?.state === 'live' && session.source.pid !== pid ? true : undefined,
    );
    await session.hasPlayed(session.playedMs / 1000 + 0.7);
    assert.deepEqual(session.problems, []);
    assert.deepEqual(await lastColours(), ['', 'red'], 'bars beside a square');
  });

  it('is a window that is closed and opened again, by another title for a while', async () => {
    const id = await windows.show('Chat', { x: 20, y: 20, width: 320, height: 180 }, BLUE);
    await start({ window: 'chat' });
    await session.hasPlayed(0.5);
    const { pid } = await eventually('a process', () => session.source);
    await windows.setTitle(id, 'other');
    const second = await windows.show('Chat', { x: 400, y: 20, width: 320, height: 180 }, BLUE);
    await session.hasPlayed(3.5);
    assert.deepEqual([session.source?.state, session.source?.pid], ['live', pid]);
    await windows.close(second);
    await windows.close(id);
    const { error } = await eventually('lost', () =>
      session.source?.state === 'retrying' && session.source.error !== undefined ? session.source : undefined,
    );
    assert.match(error?.message ?? '', /^The window "chat" is (gone|closed)/);
    await windows.show('Chat again', { x: 400, y: 300, width: 320, height: 180 }, RED);
    await eventually('found', () => (session.source?.state === 'live' ? true : undefined));
    await session.hasPlayed(session.playedMs / 1000 + 0.7);
    assert.deepEqual(await lastColours(), ['red', 'red']);
  });

  it('is not found, with the titles that there are', async () => {
    await windows.show('Notes', { x: 20, y: 20, width: 320, height: 180 }, BLUE);
    await assert.rejects(start({ window: 'Gmae' }), {
      code: 'input.notFound',
      message: 'There is no window with "Gmae" in its title.',
      remedy: 'Open it, or name one of these: "Notes".',
    });
  });

  it('must not be minimized', async () => {
    const id = await windows.show('hidden', { x: 20, y: 20, width: 320, height: 180 }, BLUE);
    await windows.map(id, false);
    await assert.rejects(start({ window: 'hidden' }), {
      code: 'input.unreachable',
      message: 'The window "hidden" is minimized.',
    });
  });

  it('is no window for an ffmpeg that cannot capture one', async () => {
    await windows.show('Notes', { x: 20, y: 20, width: 320, height: 180 }, BLUE);
    await assert.rejects(start({ window: 'notes' }, OLD_FFMPEG), {
      code: 'ffmpeg.unsupported',
      where: OLD_FFMPEG,
    });
  });
});
