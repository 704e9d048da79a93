import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import type { StreamTagKind } from '../../../src/media/stream-tag.js';
import { commandParts, tagParts } from '../../../src/media/tag-stream.js';
import { BulkheadError } from '../../../src/protocol/errors.js';
import type {
  FileToRecord,
  RecordedFileReport,
  RecorderCommand,
  RecorderWroteParams,
  RepairedFile,
} from '../../../src/protocol/recorder.js';
import { Recorder } from '../../../src/recorder/recorder.js';
import { MemoryDisk } from '../../support/memory-disk.js';
import { textContainer } from '../../support/text-container.js';
import { eventually } from '../../support/wait.js';

const CONTAINERS = { mkv: textContainer, 'fragmented-mp4': textContainer, 'hybrid-mp4': textContainer };
const FILE: FileToRecord = { id: 'one', folder: '/rec', name: 'show', format: 'mkv', keepFreeBytes: 0 };
const PATH = '/rec/show.mkv';

class Run {
  readonly stream = new PassThrough();
  readonly wrote: RecorderWroteParams[] = [];
  readonly repaired: RepairedFile[] = [];
  failure: { readonly error: BulkheadError; readonly files: readonly RecordedFileReport[] } | undefined;
  readonly recorder: Recorder;
  done: Promise<void> = Promise.resolve();
  private syncs = 0;

  constructor(disk: MemoryDisk) {
    this.recorder = new Recorder(
      { disk, containers: CONTAINERS },
      {
        onWrote: (report) => this.wrote.push(report),
        onFailed: (failure) => {
          this.failure = failure;
        },
        onRepaired: (files) => this.repaired.push(...files),
      },
    );
  }

  take(): this {
    this.done = this.recorder.take(this.stream);
    return this;
  }

  tag(kind: StreamTagKind, timestampMs: number, text = 'x'): void {
    for (const part of tagParts({ kind, timestampMs, payload: Buffer.from(text), readAtMs: 0 }))
      this.stream.write(part);
  }

  command(command: RecorderCommand): void {
    for (const part of commandParts(command)) this.stream.write(part);
  }

  begin(file: Partial<FileToRecord> = {}, header = 'a'): void {
    this.command({ kind: 'open', file: { ...FILE, ...file } });
    this.tag('video-header', 0, header);
  }

  /** Resolves with the report that everything until now is on the disk. */
  async sync(): Promise<RecorderWroteParams> {
    this.syncs += 1;
    const through = this.syncs;
    this.command({ kind: 'sync', through });
    return eventually('written', () => this.wrote.find((report) => report.through === through));
  }

  async end(): Promise<void> {
    this.stream.end();
    await this.done;
  }
}

describe('the recorder', () => {
  let disk: MemoryDisk;
  let run: Run;

  beforeEach(() => {
    disk = new MemoryDisk();
    run = new Run(disk).take();
  });

  afterEach(() => run.end());

  it('reports what the disk has confirmed', async () => {
    run.begin();
    run.tag('keyframe', 40);
    run.tag('audio', 50);
    const { files } = await run.sync();
    assert.equal(disk.text(PATH), 'video-header a\nkeyframe 40\naudio 50\n');
    assert.deepEqual(files, [
      { id: 'one', part: 1, path: PATH, bytes: disk.files.get(PATH)?.length, recordedMs: 10, isOpen: true },
    ]);
    const last = (call: string) => disk.calls.lastIndexOf(`${call} ${PATH}`);
    assert.ok(last('sync') > last('write'), disk.calls.join());
  });

  it('ends the file on command, and only then removes its journal', async () => {
    run.begin();
    run.tag('keyframe', 0);
    await run.sync();
    assert.ok(disk.files.has(`${PATH}.recording`));
    run.command({ kind: 'close' });
    const { files } = await run.sync();
    assert.deepEqual(
      files.map(({ isOpen }) => isOpen),
      [false],
    );
    assert.equal(disk.text(PATH), 'video-header a\nkeyframe 0\nend\n');
    assert.deepEqual([...disk.files.keys()], [PATH]);
  });

  it('ends the file when the core is gone', async () => {
    run.begin();
    run.tag('keyframe', 0);
    await run.end();
    assert.equal(disk.text(PATH), 'video-header a\nkeyframe 0\nend\n');
    assert.deepEqual([...disk.files.keys()], [PATH]);
  });

  it('leaves no file without a frame', async () => {
    run.command({ kind: 'open', file: FILE });
    await run.end();
    assert.ok(!disk.files.has(`${PATH}.recording`));
  });

  it('overwrites no file, nor one that another process records', async () => {
    disk.files.set(PATH, Buffer.from('mine'));
    await disk.lock('/rec/show-2.mkv');
    run.begin();
    run.tag('keyframe', 0);
    const { files } = await run.sync();
    assert.equal(files[0]?.path, '/rec/show-3.mkv');
    assert.equal(disk.text(PATH), 'mine');
  });

  it('begins a file anew that it had begun and could not report', async () => {
    run.begin();
    run.tag('keyframe', 0);
    await run.sync();
    disk.dropLocks();
    const next = new Run(disk).take();
    next.begin();
    next.tag('keyframe', 10);
    const { files } = await next.sync();
    assert.equal(files[0]?.path, PATH);
    assert.equal(disk.text(PATH), 'video-header a\nkeyframe 10\n');
    await next.end();
  });

  it('goes on with the file that another one has left, without what was not whole, each frame once', async () => {
    run.begin();
    run.tag('keyframe', 0);
    run.tag('interframe', 10);
    await run.sync();
    disk.files.set(
      PATH,
      Buffer.concat([disk.files.get(PATH) ?? Buffer.alloc(0), Buffer.from('interframe 2')]),
    );
    disk.dropLocks();
    const next = new Run(disk);
    await next.recorder.resume({ file: FILE, part: 1, path: PATH });
    next.take();
    next.tag('video-header', 0, 'a');
    for (const [kind, ms] of [
      ['keyframe', 0],
      ['interframe', 10],
      ['interframe', 20],
    ] as const)
      next.tag(kind, ms);
    next.command({ kind: 'close' });
    const { files } = await next.sync();
    assert.deepEqual(
      files.map(({ path, recordedMs }) => [path, recordedMs]),
      [[PATH, 20]],
    );
    assert.equal(disk.text(PATH), 'video-header a\nkeyframe 0\ninterframe 10\ninterframe 20\nend\n');
    await next.end();
  });

  it('says that a file cannot be gone on with', async () => {
    const resume = (path: string) => new Run(disk).recorder.resume({ file: FILE, part: 1, path });
    await assert.rejects(resume('/rec/none.mkv'), { code: 'recording.failed', message: /was removed/ });
    disk.files.set(PATH, Buffer.from('other'));
    await assert.rejects(resume(PATH), { code: 'recording.failed', message: /nothing in it can be played/ });
  });

  it('begins another file where the stream changes', async () => {
    run.begin();
    run.tag('keyframe', 0);
    run.tag('video-header', 10, 'b');
    run.tag('keyframe', 10);
    run.tag('interframe', 20);
    const { files } = await run.sync();
    assert.deepEqual(
      files.map(({ part, path, isOpen }) => [part, path, isOpen]),
      [
        [1, PATH, false],
        [2, '/rec/show-2.mkv', true],
      ],
    );
    assert.equal(disk.text('/rec/show-2.mkv'), 'video-header b\nkeyframe 10\ninterframe 20\n');
  });

  it('ends the file in order before the disk is full', async () => {
    disk.freeBytes = 1000;
    run.begin({ keepFreeBytes: 500 });
    run.tag('keyframe', 0);
    await run.sync();
    disk.freeBytes = 400;
    // The disk is asked once a second.
    await eventually('the disk is full', async () => {
      run.tag('interframe', 10);
      run.command({ kind: 'sync', through: 1 });
      await new Promise((resolve) => setTimeout(resolve, 50));
      return run.failure;
    });
    assert.equal(run.failure?.error.code, 'recording.diskFull');
    assert.match(disk.text(PATH), /interframe 10\nend\n$/);
    assert.deepEqual([...disk.files.keys()], [PATH]);
  });

  it('keeps what is whole when the disk is full at once', async () => {
    run.begin();
    run.tag('keyframe', 0);
    await run.sync();
    disk.room = 5;
    disk.freeBytes = 1_000_000;
    run.tag('interframe', 10);
    run.command({ kind: 'sync', through: 9 });
    await eventually('it fails', () => run.failure);
    assert.equal(run.failure?.error.code, 'recording.diskFull');
    assert.equal(disk.text(PATH), 'video-header a\nkeyframe 0\nend\n');
  });

  it('keeps what is whole when the disk fails, and does not end it over what is missing', async () => {
    run.begin();
    run.tag('keyframe', 0);
    await run.sync();
    disk.failures.push('EIO');
    run.tag('interframe', 10);
    run.command({ kind: 'sync', through: 9 });
    await eventually('it fails', () => run.failure);
    assert.match(run.failure?.error.message ?? '', /the disk reports an error/);
    assert.equal(disk.text(PATH), 'video-header a\nkeyframe 0\nend\n');
  });

  it('acknowledges nothing while the disk hangs, and goes on after it', async () => {
    run.begin();
    run.tag('keyframe', 0);
    await run.sync();
    disk.hang();
    run.tag('interframe', 10);
    run.command({ kind: 'sync', through: 2 });
    await eventually('it waits for the disk', () => (disk.isAwaited ? true : undefined));
    assert.equal(run.wrote.length, 1);
    disk.goOn();
    await eventually('written', () => run.wrote[1]);
    assert.equal(disk.text(PATH), 'video-header a\nkeyframe 0\ninterframe 10\n');
  });

  it('says what is wrong with the disk', async () => {
    disk.failure = 'EACCES';
    run.begin();
    await eventually('it fails', () => run.failure);
    assert.equal(run.failure?.error.code, 'recording.failed');
    assert.match(run.failure?.error.sentence ?? '', /no permission to write.*Choose another folder/);
  });

  it('repairs what was left in the folder, but not what is being recorded', async () => {
    run.begin();
    run.tag('keyframe', 0);
    await run.sync();
    // A power cut: there is no process any more.
    disk.dropLocks();
    disk.files.set(PATH, Buffer.concat([disk.files.get(PATH) ?? Buffer.alloc(0), Buffer.from('interfr')]));
    const next = new Run(disk).take();
    next.begin({ id: 'two' });
    next.tag('keyframe', 5);
    const { files } = await next.sync();
    await eventually('repaired', () => (next.repaired.length > 0 ? true : undefined));
    assert.deepEqual(
      next.repaired.map(({ path, cutBytes, result }) => [path, cutBytes, result]),
      [[PATH, 7, 'repaired']],
    );
    assert.equal(disk.text(PATH), 'video-header a\nkeyframe 0\nend\n');
    assert.equal(disk.text(files[0]?.path ?? ''), 'video-header a\nkeyframe 5\n');
    await next.end();
  });
});
