import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeSettingsOf } from '../../../../src/config/ingests.js';
import { BroadcastConfigSchema, type SourceConfig } from '../../../../src/config/schema.js';
import { FramePool, frameBytes } from '../../../../src/encoder/canvas/frame-pool.js';
import type { EncodeContext } from '../../../../src/encoder/encode-context.js';
import { findFfmpeg } from '../../../../src/encoder/ffmpeg-resolver.js';
import { SocketPairs } from '../../../../src/encoder/sources/socket-pairs.js';
import { StudioSources } from '../../../../src/encoder/sources/studio-sources.js';
import type { SourcePosition } from '../../../../src/protocol/encoder.js';
import { BulkheadError, ErrorCodes } from '../../../../src/protocol/errors.js';
import { type TempDir, tempDir } from '../../../support/temp.js';
import { eventually } from '../../../support/wait.js';

const FORMAT = { sampleRate: 48_000, channels: 2 };
const SAMPLES = 1920;
const FILE: SourceConfig = { type: 'file', path: '/nowhere.mp4', loop: true };
const OTHER: SourceConfig = { type: 'image', path: '/nowhere.png' };
const RESUME: SourcePosition = { item: 0, positionMs: 4000 };
const CLIP = { hasVideo: true, hasAudio: true, durationS: 9 };

describe('StudioSources', () => {
  const { video, ...settings } = encodeSettingsOf(
    BroadcastConfigSchema.parse({ video: { width: 64, height: 36, fps: 25 } }),
  );
  let pairs: SocketPairs;
  let pool: FramePool;
  let problems: string[];
  let failures: BulkheadError[];
  let sources: StudioSources;
  /** Whether a source can be looked at. */
  let exists: boolean;
  /** No process can be started with that one. */
  let ffmpegPath: string;
  let folder: TempDir;
  let programs = 0;

  before(() => {
    pairs = new SocketPairs();
    folder = tempDir('studio-sources');
  });
  beforeEach(() => {
    pool = new FramePool(frameBytes(video), 10);
    problems = [];
    failures = [];
    exists = false;
    ffmpegPath = '/nowhere/ffmpeg';
  });
  afterEach(() => {
    sources.dispose();
    assert.equal(pool.inUse, 0, 'every frame is given back');
  });
  after(() => {
    pairs.dispose();
    folder.dispose();
  });

  function make(
    input: SourceConfig,
    options: { fallback?: SourceConfig; resume?: SourcePosition; warm?: boolean } = {},
  ): void {
    const { fallback, resume, warm = false } = options;
    const contextOf = async (of: SourceConfig): Promise<EncodeContext> => {
      const where = 'path' in of ? of.path : undefined;
      if (!exists) throw new BulkheadError(ErrorCodes.inputNotFound, `There is no ${of.type}.`, { where });
      return { platform: 'linux', capabilities: undefined, media: CLIP, display: ':0' };
    };
    sources = new StudioSources({
      settings: {
        ...{ ...settings, video, input, inputId: 'cam' },
        ...(fallback === undefined ? {} : { fallback: { id: 'brb', input: fallback, warm } }),
      },
      site: {
        ffmpeg: { path: ffmpegPath, ownProcessGroup: false, onLog: () => {} },
        ...{ pairs, pool, video, format: FORMAT, contextOf },
      },
      resume,
      onProblem: ({ message }) => problems.push(message),
      onFailure: (error) => failures.push(error),
    });
  }
  /** An ffmpeg that does what a shell script says. */
  function program(script: string): string {
    const path = join(folder.path, `ffmpeg-${++programs}`);
    writeFileSync(path, `#!/bin/sh${script}\n`, { mode: 0o755 });
    return path;
  }
  const stateOf = (id: string) => sources.status().find((source) => source.id === id);
  const inTime = (what: string, probe: () => boolean) =>
    eventually(what, () => (probe() ? true : undefined), 5000);

  it('does not open what cannot be opened, and says why, before it was on air', async () => {
    make(FILE);
    await assert.rejects(sources.open(), /There is no file/);
  });

  it('has what was on air before opened again, with the reason in its status and its position, behind its fallback', async () => {
    make(FILE, { resume: RESUME, fallback: { type: 'colour' } });
    const stage = await sources.open();
    await inTime('the reason', () => stateOf('cam')?.error !== undefined);
    assert.deepEqual(stateOf('cam'), {
      ...{ id: 'cam', type: 'file', state: 'failed', pid: 0, positionMs: 4000, item: 0 },
      error: { ...stateOf('cam')?.error, code: 'input.notFound', message: 'There is no file.' },
    });
    assert.equal(stateOf('brb')?.state, 'cold');
    await inTime('that it can begin', () => stage.isReady);
    stage.take(SAMPLES).frame?.release();
    await inTime('its fallback', () => stateOf('brb')?.state === 'live');
    const { frame } = stage.take(SAMPLES);
    assert.ok(frame);
    frame.release();
    assert.deepEqual([failures, problems], [[], []]);
  });

  it('opens a fallback before it is needed if it is to be warm, and otherwise not', async () => {
    for (const warm of [true, false]) {
      make({ type: 'colour' }, { fallback: { type: 'colour' }, warm });
      const stage = await sources.open();
      stage.take(SAMPLES).frame?.release();
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(stateOf('brb')?.state, warm ? 'live' : 'cold');
      sources.dispose();
    }
  });

  it('reports a fallback that cannot be opened once, however often it is tried', async () => {
    make(FILE, { resume: RESUME, fallback: OTHER });
    const stage = await sources.open();
    const fallback = () => stateOf('brb')?.error;
    await inTime('its error', () => {
      stage.take(SAMPLES).frame?.release();
      return fallback() !== undefined;
    });
    await new Promise((resolve) => setTimeout(resolve, 1300));
    assert.equal(fallback()?.message, 'There is no image.');
    assert.equal(stateOf('brb')?.state, 'failed');
    assert.deepEqual(problems, ['There is no image.']);
    assert.deepEqual(failures, []);
  });

  it('begins without what may not be published yet, and says why it delivers nothing', async () => {
    exists = true;
    make({ type: 'ingest', ingest: 'main', url: 'rtmp://127.0.0.1:1/ingest-play/main' });
    const stage = await sources.open();
    assert.equal(stage.isReady, false);
    await inTime('that the broadcast can begin', () => stage.isReady);
    await inTime('the reason', () => stateOf('cam')?.error !== undefined);
    assert.deepEqual([stateOf('cam')?.type, stateOf('cam')?.state, failures], ['ingest', 'failed', []]);
    const { frame } = stage.take(SAMPLES);
    assert.ok(frame, 'a plain frame');
    frame.release();
  });

  it('begins with the fallback of a live source that is not there, and says why', async () => {
    make({ type: 'camera' }, { fallback: { type: 'colour' } });
    const stage = await sources.open();
    await inTime('the reason', () => stateOf('cam')?.error !== undefined);
    assert.equal(stage.isReady, false);
    await inTime('that the broadcast can begin', () => stage.isReady);
    assert.deepEqual([stateOf('cam')?.state, failures], ['retrying', []]);
    stage.take(SAMPLES).frame?.release();
    await inTime('its fallback', () => stateOf('brb')?.state === 'live');
  });

  it('has failed while it cannot be read, and is live without an error as soon as it can', async () => {
    ffmpegPath = findFfmpeg();
    make({ type: 'test-pattern' }, { resume: RESUME });
    const stage = await sources.open();
    await inTime('the failure', () => stateOf('cam')?.state === 'failed');
    assert.equal(stateOf('cam')?.error?.message, 'There is no test-pattern.');
    exists = true;
    await inTime('that it is back', () => {
      stage.take(SAMPLES).frame?.release();
      return stateOf('cam')?.state === 'live';
    });
    assert.equal(stateOf('cam')?.error, undefined);
  });

  it('is retrying where a process that has delivered is lost, whatever it says of its last packet', async () => {
    exists = true;
    // Its first two, for frames and sound, deliver some and fail; those after them hang.
    ffmpegPath = program(`
      mkdir "$0.1" 2>&- || mkdir "$0.2" 2>&- || exec sleep 20
      '${findFfmpeg()}' "$@" 2>&- | head -c 40000
      echo '[error] Invalid data found when processing input' >&2
      exit 1`);
    make({ type: 'test-pattern' }, { resume: RESUME });
    const stage = await sources.open();
    const isLost = () => {
      stage.take(SAMPLES).frame?.release();
      const { state, error } = stateOf('cam') ?? {};
      return state !== 'live' && error !== undefined;
    };
    await inTime('that it is on air', () => !isLost() && stateOf('cam')?.state === 'live');
    await inTime('that it is lost', isLost);
    assert.deepEqual([stateOf('cam')?.state, stateOf('cam')?.error?.code], ['retrying', 'input.invalid']);
  });

  it('has the error of a screen in its status, rather than that of the microphone beside it', async () => {
    exists = true;
    ffmpegPath = program(`
      case "$*" in
        *x11grab*) echo '[error] Cannot open display :0' >&2 ;;
        *) sleep 0.2; echo '[error] Permission denied' >&2 ;;
      esac
      exit 1`);
    make({ type: 'screen', microphone: 'default' }, { resume: RESUME });
    await sources.open();
    await inTime('the loss of the microphone', () => problems.length > 0);
    assert.match(problems[0] ?? '', /not accessible/);
    assert.deepEqual([stateOf('cam')?.state, stateOf('cam')?.error?.code], ['retrying', 'input.notFound']);
  });

  it('has failed where nothing of a playlist can be read', async () => {
    make(
      { type: 'playlist', items: ['/a/one.mp4', '/a/two.mp4'], loop: true, imageSeconds: 10, shuffle: false },
      { resume: RESUME },
    );
    await sources.open();
    await inTime('the failure', () => stateOf('cam')?.state === 'failed');
    assert.match(stateOf('cam')?.error?.message ?? '', /There is no file/);
  });

  it('says which round it is of a shuffled playlist, and of no other', async () => {
    const playlist = { type: 'playlist', items: ['/a/one.mp4', '/a/two.mp4'], loop: true, imageSeconds: 10 };
    make({ ...playlist, shuffle: true } as SourceConfig, { resume: { ...RESUME, round: 7 } });
    await sources.open();
    await inTime('the round', () => stateOf('cam')?.round === 7);
    sources.dispose();
    make({ ...playlist, shuffle: false } as SourceConfig, { resume: { ...RESUME, round: 7 } });
    await sources.open();
    await inTime('no round', () => stateOf('cam')?.round === undefined);
  });

  it('names a file of a playlist that is left out, once, however often the playlist comes to it', async () => {
    make(
      { type: 'playlist', items: ['/a/one.mp4', '/a/two.mp4'], loop: true, imageSeconds: 10, shuffle: false },
      { resume: RESUME },
    );
    await sources.open();
    await inTime('both', () => problems.length === 2);
    await new Promise((resolve) => setTimeout(resolve, 900));
    assert.deepEqual(problems.sort(), [
      'one.mp4 is left out: There is no file.',
      'two.mp4 is left out: There is no file.',
    ]);
  });

  it('reports a microphone that is lost beside a screen, once', async () => {
    exists = true;
    make({ type: 'screen', microphone: 'default' }, { resume: RESUME });
    await sources.open();
    await inTime('the loss', () => problems.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 900));
    assert.equal(problems.length, 1);
    sources.dispose();
    problems.length = 0;
    make({ type: 'microphone' }, { resume: RESUME });
    await sources.open();
    await inTime('its error', () => stateOf('cam')?.error !== undefined);
    assert.deepEqual(problems, [], 'alone, its state says so');
  });

  it('fails where no process can be started, unless it was on air before: then it is in the status', async () => {
    exists = true;
    make(FILE);
    await sources.open();
    await inTime('the failure', () => failures.length > 0);
    assert.match(failures[0]?.code ?? '', /^ffmpeg\./);
    sources.dispose();
    failures.length = 0;
    make(FILE, { resume: RESUME });
    await sources.open();
    await inTime('its error', () => stateOf('cam')?.error !== undefined);
    assert.equal(stateOf('cam')?.error?.code.startsWith('ffmpeg.'), true);
    assert.equal(stateOf('cam')?.state, 'failed');
    assert.deepEqual([failures, stateOf('cam')?.positionMs], [[], 4000]);
  });
});
