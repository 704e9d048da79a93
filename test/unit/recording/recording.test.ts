import assert from 'node:assert/strict';
import sinon from 'sinon';
import type { MediaSocket } from '../../../src/core/media-sockets/media-sockets.js';
import { type RecorderView, Recording } from '../../../src/core/recording/recording.js';
import { BATCH_MS } from '../../../src/core/recording/recording-feed.js';
import { RecordingTake } from '../../../src/core/recording/recording-take.js';
import { TakeTimes } from '../../../src/core/recording/take-times.js';
import type { RecorderTask } from '../../../src/core/stubs/recorder-stub.js';
import { extraAac } from '../../../src/media/enhanced-packets.js';
import type { StreamTag, StreamTagKind } from '../../../src/media/stream-tag.js';
import { TagStreamReader } from '../../../src/media/tag-stream.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import type { FileToRecord, RecordedFileReport, RecorderCommand } from '../../../src/protocol/recorder.js';

/** One recorder process, which notes what it is sent. */
class FakeSocket implements MediaSocket {
  readonly address = Promise.resolve({ path: '', token: '' });
  readonly seen: string[] = [];
  readonly opened: FileToRecord[] = [];
  through = 0;
  isFull = false;
  private readonly reader = new TagStreamReader();

  read(): void {}

  send(parts: readonly Buffer[]): Promise<void> {
    for (const item of this.reader.push(Buffer.concat(parts))) {
      if ('tag' in item) this.seen.push(`${item.tag.kind} ${item.tag.timestampMs}`);
      else this.obey(item.command as RecorderCommand);
    }
    return this.isFull ? new Promise(() => {}) : Promise.resolve();
  }

  retire(): void {}

  private obey(command: RecorderCommand): void {
    if (command.kind === 'sync') this.through = command.through;
    else if (command.kind === 'open') this.opened.push(command.file);
    this.seen.push(command.kind === 'open' ? `open ${command.file.name}` : command.kind);
  }
}

class FakeRecorder implements RecorderView {
  task: RecorderTask | undefined;
  socket = new FakeSocket();
  pid = 7;
  restarts = 0;
  stop = sinon.stub().resolves();

  start(task: RecorderTask): void {
    this.task = task;
  }

  /** A process begins. */
  run(): FakeSocket {
    this.socket = new FakeSocket();
    this.task?.onStart(this.socket);
    return this.socket;
  }

  wrote(files: readonly RecordedFileReport[] = [], freeBytes?: number): void {
    this.task?.onWrote({
      through: this.socket.through,
      files,
      ...(freeBytes === undefined ? {} : { freeBytes }),
    });
  }
}

function tag(kind: StreamTagKind, timestampMs: number, bytes = 10): StreamTag {
  return { kind, timestampMs, payload: Buffer.alloc(bytes), readAtMs: 0 };
}

/** AAC-LC, 48 kHz, stereo. */
const AAC = Buffer.from('af001190', 'hex');

function report(id: string, more: Partial<RecordedFileReport> = {}): RecordedFileReport {
  return { id, part: 1, path: '/rec/show.mkv', bytes: 100, recordedMs: 1000, isOpen: true, ...more };
}

describe('a recording', () => {
  let clock: sinon.SinonFakeTimers;
  let recorder: FakeRecorder;
  let recording: RecordingTake;
  let told: string[];

  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    recorder = new FakeRecorder();
    told = [];
    recording = make();
  });

  afterEach(() => {
    recording.dispose();
    clock.restore();
  });

  function make(config: { splitMinutes?: number; splitMb?: number } = {}): RecordingTake {
    const times = new TakeTimes(config);
    return new RecordingTake(times, recordingOf(recorder, times), [], []);
  }

  function recordingOf(of: FakeRecorder, times: TakeTimes, feed?: string): Recording {
    return new Recording(
      of,
      'mkv',
      {
        ...{ config: { keepFreeMb: 1 }, times, feed },
        ...{ folder: '/rec', name: 'show {n}', profile: 'default', scene: () => undefined },
      },
      (severity, message) => told.push(`${severity}: ${message}`),
    );
  }

  function begin(): void {
    recording.begin(
      [tag('video-header', 0), tag('audio-header', 0), tag('keyframe', 0), tag('audio', 5)],
      () => [],
    );
  }

  /** What has been sent, without what says how far. */
  async function sent(socket = recorder.socket): Promise<string[]> {
    await clock.tickAsync(BATCH_MS);
    return socket.seen.splice(0).filter((what) => what !== 'sync');
  }

  it('begins a file with the headers and the GOP so far, and goes on with each tag', async () => {
    begin();
    recorder.run();
    recording.push(tag('interframe', 40));
    assert.deepEqual(await sent(), [
      ...['open show 1', 'video-header 0', 'audio-header 0', 'keyframe 0', 'audio 5', 'interframe 40'],
    ]);
    assert.equal(recording.status().state, 'starting');
    recorder.wrote([report(recorder.socket.opened[0]?.id ?? '')]);
    const { state, file, files, writtenBytes, recordedMs, unwrittenMs } = recording.status();
    assert.deepEqual(
      [state, file, files, writtenBytes, recordedMs, unwrittenMs],
      ['recording', '/rec/show.mkv', 1, 100, 1000, 0],
    );
    assert.deepEqual(told, ['info: Recording to /rec/show.mkv.']);
  });

  it('waits for a keyframe', async () => {
    recording.begin([tag('video-header', 0)], () => []);
    recorder.run();
    recording.push(tag('interframe', 40));
    recording.push(tag('audio', 45));
    assert.deepEqual(await sent(), []);
    recording.push(tag('keyframe', 80));
    assert.deepEqual(await sent(), ['open show 1', 'video-header 80', 'keyframe 80']);
  });

  it('gives what was not written to the next recorder, with the GOP that it was in', async () => {
    begin();
    recorder.run();
    for (const ms of [40, 80]) recording.push(tag('interframe', ms));
    await sent();
    const [file] = recorder.socket.opened;
    recorder.wrote([report(file?.id ?? '')]);
    for (const ms of [120, 160]) recording.push(tag('interframe', ms));
    await sent();
    recorder.task?.onLost(new BulkheadError(ErrorCodes.processFailed, 'The recorder was killed.'));
    recording.push(tag('interframe', 200));
    assert.deepEqual(recorder.task?.resume(), { file, part: 1, path: '/rec/show.mkv' });
    recorder.run();
    assert.deepEqual(await sent(), [
      ...['video-header 0', 'audio-header 0', 'keyframe 0', 'audio 5'],
      ...['interframe 40', 'interframe 80', 'interframe 120', 'interframe 160', 'interframe 200'],
    ]);
    assert.equal(recording.status().restarts, 1);
  });

  it('has the file begun again that no recorder has reported', async () => {
    begin();
    recorder.run();
    await sent();
    recorder.task?.onLost(new BulkheadError(ErrorCodes.processFailed, 'The recorder was killed.'));
    assert.equal(recorder.task?.resume(), undefined);
    const [first] = recorder.socket.opened;
    recorder.run();
    assert.deepEqual((await sent())[0], 'open show 1');
    assert.equal(recorder.socket.opened[0]?.id, first?.id);
  });

  it('goes on in another file where that one cannot be gone on with', async () => {
    begin();
    recorder.run();
    recording.push(tag('interframe', 40));
    await sent();
    recorder.wrote([report(recorder.socket.opened[0]?.id ?? '')]);
    recording.push(tag('interframe', 80));
    assert.equal(recorder.task?.onRefused(new BulkheadError(ErrorCodes.recordingFailed, 'it is gone')), true);
    assert.equal(recorder.task?.resume(), undefined);
    recorder.run();
    assert.deepEqual(await sent(), [
      ...['open show 2', 'video-header 0', 'audio-header 0', 'keyframe 0', 'audio 5'],
      ...['interframe 40', 'interframe 80'],
    ]);
  });

  it('gives up when one recorder after the other ends without having written', async () => {
    begin();
    for (let lost = 0; lost < 5; lost++) {
      recorder.run();
      recorder.task?.onLost(new BulkheadError(ErrorCodes.processFailed, 'The recorder was killed.'));
    }
    assert.equal(recording.status().state, 'failed');
    assert.match(recording.status().error?.message ?? '', /5 times in a row/);
    assert.ok(recorder.stop.called);
  });

  it('splits at a keyframe, by command, time and size', async () => {
    recording.dispose();
    recording = make({ splitMinutes: 0.05, splitMb: 1 });
    begin();
    recorder.run();
    await sent();
    recording.split();
    recording.push(tag('interframe', 40));
    recording.push(tag('keyframe', 80));
    assert.deepEqual(await sent(), [
      ...['interframe 40', 'open show 2', 'video-header 80', 'audio-header 80', 'keyframe 80'],
    ]);
    recording.push(tag('keyframe', 3040));
    recording.push(tag('keyframe', 3080));
    assert.equal((await sent())[1], 'open show 3');
    recording.push(tag('interframe', 3120, 1_000_000));
    recording.push(tag('keyframe', 3160));
    assert.equal((await sent())[1], 'open show 4');
  });

  it('has no gap where it was paused', async () => {
    begin();
    recorder.run();
    recording.push(tag('interframe', 40));
    recording.push(tag('audio', 50));
    recording.setPaused(true);
    assert.equal(recording.status().state, 'paused');
    await sent();
    recording.push(tag('interframe', 80));
    recording.push(tag('keyframe', 10_000));
    recording.setPaused(false);
    recording.push(tag('interframe', 10_040));
    recording.push(tag('keyframe', 10_080));
    recording.push(tag('audio', 10_085));
    recording.push(tag('audio', 10_106));
    recording.chapter(10_120, 'later');
    recording.push(tag('interframe', 10_120));
    assert.deepEqual(await sent(), ['keyframe 80', 'audio 85', 'audio 106', 'chapter', 'interframe 120']);
  });

  it('has tracks of buses begin and end with the programme, and silence where they have no sound', async () => {
    const bus = (ms: number): StreamTag => ({ ...tag('extra-audio', ms), track: 1 });
    recording.begin(
      [
        ...[tag('video-header', 0), { ...tag('audio-header', 0), payload: AAC }],
        { ...tag('extra-audio-header', 0), track: 1, payload: extraAac(1, AAC) },
        tag('keyframe', 0),
      ],
      () => [],
    );
    recorder.run();
    for (const ms of [0, 21, 43, 64, 85, 107, 128]) recording.push(tag('audio', ms));
    for (const ms of [43, 107]) recording.push(bus(ms));
    const all = await sent();
    assert.deepEqual(
      all.filter((item) => item.startsWith('extra-audio ')),
      [0, 22, 43, 64, 86, 107].map((ms) => `extra-audio ${ms}`),
    );
    recording.split();
    recording.push(tag('keyframe', 150));
    recording.push(bus(128));
    recording.push(bus(150));
    recording.push(tag('audio', 150));
    recording.push(tag('audio', 171));
    void recording.end();
    assert.deepEqual(await sent(), [
      ...['extra-audio 128', 'open show 2', 'video-header 150', 'audio-header 150'],
      ...['extra-audio-header 150', 'keyframe 150', 'extra-audio 150', 'audio 150', 'audio 171'],
      ...['extra-audio 171', 'close'],
    ]);
  });

  describe('with something besides the programme', () => {
    const CLEAN = { feed: 'clean' } as const;
    let beside: FakeRecorder;

    beforeEach(async () => {
      recording.dispose();
      beside = new FakeRecorder();
      const times = new TakeTimes({});
      const also = [{ feed: CLEAN, recording: recordingOf(beside, times, 'clean') }];
      recording = new RecordingTake(times, recordingOf(recorder, times), also, []);
      begin();
      recorder.run();
      beside.run();
      recording.pushFeed('clean', tag('video-header', 0));
      recording.pushFeed('clean', { ...tag('audio-header', 0), payload: AAC });
      await sent();
    });

    it('has it begin with the programme, showing its first frame until that', async () => {
      recording.pushFeed('clean', tag('interframe', 60));
      recording.pushFeed('clean', tag('keyframe', 64));
      recording.pushFeed('clean', tag('audio', 66));
      recording.pushFeed('other', tag('audio', 87));
      assert.deepEqual(await sent(beside.socket), [
        ...['open show 1 clean', 'video-header 0', 'audio-header 0'],
        ...['keyframe 0', 'audio 0', 'audio 21', 'audio 43', 'keyframe 64', 'audio 66'],
      ]);
      assert.deepEqual(
        recording.status().also?.map(({ feed, state }) => [feed, state]),
        [['clean', 'starting']],
      );
    });

    it('has no sound twice where it comes late, after silence in its place', async () => {
      for (const late of [tag('keyframe', 64), tag('audio', 21), tag('audio', 43), tag('audio', 64)])
        recording.pushFeed('clean', late);
      assert.deepEqual((await sent(beside.socket)).slice(-5), [
        ...['audio 0', 'audio 21', 'audio 43', 'keyframe 64', 'audio 64'],
      ]);
    });

    it('leaves out what is before the programme', async () => {
      recorder.wrote();
      recording.split();
      recording.push(tag('keyframe', 2000));
      recording.pushFeed('clean', tag('keyframe', 1990));
      recording.pushFeed('clean', tag('keyframe', 2000));
      assert.deepEqual(await sent(beside.socket), [
        ...['open show 1 clean', 'video-header 2000', 'audio-header 2000', 'keyframe 2000'],
      ]);
    });

    it('fills gaps of its sound', async () => {
      for (const ms of [0, 21, 107, 128])
        recording.pushFeed('clean', ms === 0 ? tag('keyframe', 0) : tag('audio', ms));
      const all = await sent(beside.socket);
      assert.deepEqual(
        all.slice(-6),
        ['audio 0', 'audio 21', 'audio 43', 'audio 64', 'audio 86', 'audio 107']
          .concat('audio 128')
          .slice(-6),
      );
    });

    it('splits and pauses both at the same times', async () => {
      recording.pushFeed('clean', tag('keyframe', 0));
      recording.push(tag('interframe', 40));
      recording.split();
      recording.pushFeed('clean', tag('keyframe', 60));
      recording.push(tag('keyframe', 80));
      recording.pushFeed('clean', tag('keyframe', 100));
      assert.deepEqual((await sent(beside.socket)).slice(-7), [
        ...['keyframe 60', 'open show 2 clean', 'video-header 80', 'audio-header 80'],
        ...['keyframe 80', 'audio 80', 'keyframe 100'],
      ]);
      recording.push(tag('interframe', 120));
      recording.setPaused(true);
      recording.push(tag('keyframe', 1000));
      recording.pushFeed('clean', tag('keyframe', 1000));
      recording.setPaused(false);
      recording.pushFeed('clean', tag('keyframe', 1100));
      recording.push(tag('keyframe', 1160));
      recording.pushFeed('clean', tag('interframe', 1160));
      recording.pushFeed('clean', tag('keyframe', 1200));
      assert.deepEqual((await sent()).slice(-1), ['keyframe 160']);
      assert.deepEqual((await sent(beside.socket)).slice(-1), ['keyframe 200']);
    });

    it('loses one alone', async () => {
      const disk = new BulkheadError(ErrorCodes.recordingFailed, 'broken');
      beside.task?.onFailed({ error: disk.toData(), files: [] });
      assert.deepEqual(recording.feeds, []);
      assert.equal(recording.isOver, false);
      recording.push(tag('interframe', 40));
      assert.deepEqual(await sent(), ['interframe 40']);
      const { state, also } = recording.status();
      assert.deepEqual([state, also?.[0]?.state], ['starting', 'failed']);
    });
  });

  it('ends when everything is on the disk', async () => {
    begin();
    recorder.run();
    await sent();
    let hasEnded = false;
    const ended = recording.end().then(() => {
      hasEnded = true;
    });
    assert.deepEqual(await sent(), ['close']);
    assert.deepEqual([hasEnded, recording.status().state], [false, 'stopping']);
    recorder.wrote([report(recorder.socket.opened[0]?.id ?? '', { isOpen: false })]);
    await ended;
    assert.equal(recording.status().state, 'stopped');
    assert.ok(recorder.stop.calledOnce);
  });

  it('does not wait for a disk that hangs for ever when it ends', async () => {
    begin();
    recorder.run();
    const ended = recording.end();
    await clock.tickAsync(20_000);
    await ended;
    assert.equal(recording.status().state, 'failed');
    assert.match(recording.status().error?.message ?? '', /could not be ended within 9 s/);
  });

  it('ends with the reason where the recorder cannot go on; the broadcast does', async () => {
    begin();
    recorder.run();
    await sent();
    const error = new BulkheadError(ErrorCodes.recordingDiskFull, 'the disk is full').toData();
    recorder.task?.onFailed({
      error,
      files: [report(recorder.socket.opened[0]?.id ?? '', { isOpen: false })],
    });
    recording.push(tag('interframe', 40));
    const status = recording.status();
    assert.deepEqual(
      [status.state, status.error?.code, status.file],
      ['failed', 'recording.diskFull', '/rec/show.mkv'],
    );
    await recording.end();
    assert.equal(recording.status().state, 'failed');
  });

  it('holds no more than its bound while nothing is written, and says what it leaves out', async () => {
    begin();
    const mebibyte = 1024 * 1024;
    for (let ms = 40; ms < 8000; ms += 40)
      recording.push(tag(ms % 1000 === 0 ? 'keyframe' : 'interframe', ms, mebibyte));
    assert.match(told.at(-1) ?? '', /warning: the disk does not keep up/);
    const socket = recorder.run();
    const taken = await sent(socket);
    assert.ok(taken.length <= 135, `${taken.length} were held`);
    recorder.wrote([report(socket.opened[0]?.id ?? '')]);
    recording.push(tag('interframe', 8000, 10));
    recording.push(tag('keyframe', 8040, 10));
    assert.deepEqual(await sent(socket), ['keyframe 8040']);
    const { lostMs, error } = recording.status();
    assert.ok(lostMs > 2500 && lostMs < 3500, `${lostMs} ms`);
    assert.equal(error, undefined);
    assert.match(told.at(-1) ?? '', /keeps up again; 3 s are missing/);
  });

  it('holds no more than half a minute', () => {
    begin();
    for (let ms = 1000; ms <= 40_000; ms += 1000) recording.push(tag('keyframe', ms));
    assert.ok(recording.status().unwrittenMs <= 31_000, `${recording.status().unwrittenMs} ms`);
  });

  it('sends at once what an encoder delivers late and in one piece', async () => {
    begin();
    const socket = recorder.run();
    await sent();
    for (let ms = 40; ms <= 2000; ms += 40) recording.push(tag('interframe', ms));
    // The rest follows when the first piece has been taken, without the clock.
    await clock.tickAsync(0);
    const taken = socket.seen.filter((what) => what !== 'sync').length;
    assert.ok(taken >= 44, `${taken} of 50 were sent`);
  });

  it('sends nothing more while the recorder does not read', async () => {
    begin();
    const socket = recorder.run();
    socket.isFull = true;
    recording.push(tag('interframe', 40));
    await sent();
    recording.push(tag('interframe', 80));
    assert.deepEqual(await sent(), []);
  });

  it('warns twice before the disk is full, and again only when there has been more room', async () => {
    begin();
    recorder.run();
    const minuteOf = (minutes: number) => 1_000_000 + minutes * 60_000;
    // 1 byte per ms
    const wrote = (minutes: number) =>
      recorder.wrote([report('a', { bytes: 10_000, recordedMs: 10_000 })], minuteOf(minutes));
    wrote(100);
    told.length = 0;
    for (const minutes of [9.5, 9, 11, 9, 1.5, 1, 0.5]) wrote(minutes);
    assert.deepEqual(
      told.map((text) => text.replace(/of recording.*/, '').trim()),
      ['warning: About 9 min', 'warning: About 1 min'],
    );
    for (const minutes of [60, 8]) wrote(minutes);
    assert.equal(told.length, 3);
  });

  it('says what has been repaired', () => {
    begin();
    recorder.task?.onRepaired([
      { path: '/rec/old.mkv', recordedMs: 5, cutBytes: 3, result: 'repaired' },
      { path: '/rec/empty.mkv', recordedMs: 0, cutBytes: 0, result: 'unusable' },
    ]);
    assert.deepEqual(told, [
      'info: A recording that was cut off can be played now: /rec/old.mkv.',
      'warning: Nothing in /rec/empty.mkv can be played: it was cut off at its start.',
    ]);
  });
});
