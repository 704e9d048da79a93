import assert from 'node:assert/strict';
import sinon from 'sinon';
import { type ReplayConfig, ReplaySchema } from '../../../src/config/replay-schema.js';
import type { MediaSocket } from '../../../src/core/media-sockets/media-sockets.js';
import { type KeptReplay, type ReplayedBroadcast, Replays } from '../../../src/core/replay/replays.js';
import type { RecorderTask } from '../../../src/core/stubs/recorder-stub.js';
import type { StreamTag, StreamTagKind } from '../../../src/media/stream-tag.js';
import { TagStreamReader } from '../../../src/media/tag-stream.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import type { FileToRecord, RecorderCommand } from '../../../src/protocol/recorder.js';
import { SILENT_LOG } from '../../support/silent-log.js';

function tag(kind: StreamTagKind, timestampMs: number): StreamTag {
  return { kind, timestampMs, payload: Buffer.alloc(10), readAtMs: 0 };
}

/** A recorder process, which notes what it is sent. */
class FakeSocket implements MediaSocket {
  readonly address = Promise.resolve({ path: '', token: '' });
  readonly seen: string[] = [];
  readonly opened: FileToRecord[] = [];
  through = 0;
  private readonly reader = new TagStreamReader();

  read(): void {}

  async send(parts: readonly Buffer[]): Promise<void> {
    for (const item of this.reader.push(Buffer.concat(parts))) {
      if ('tag' in item) this.seen.push(`${item.tag.kind} ${item.tag.timestampMs}`);
      else this.obey(item.command as RecorderCommand);
    }
  }

  retire(): void {}

  private obey(command: RecorderCommand): void {
    if (command.kind === 'sync') this.through = command.through;
    else if (command.kind === 'open') this.opened.push(command.file);
    this.seen.push(command.kind);
  }
}

describe('replays', () => {
  let clock: sinon.SinonFakeTimers;
  let replays: Replays;
  let task: RecorderTask | undefined;
  let socket: FakeSocket;
  let stops: number;
  let kept: (KeptReplay | null)[];
  let told: string[];

  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    [task, stops, kept, told] = [undefined, 0, [], []];
    replays = new Replays(
      {
        start: (started) => {
          task = started;
        },
        stop: async () => {
          stops += 1;
        },
        pid: 7,
      },
      { notice: ({ message }) => void told.push(message) },
      SILENT_LOG,
    );
  });

  afterEach(() => {
    replays.dispose();
    clock.restore();
  });

  function begin(config?: Partial<ReplayConfig>, more: Partial<ReplayedBroadcast> = {}): void {
    replays.begin({
      config: config && ReplaySchema.parse({ folder: '/replays', name: 'one {n}', ...config }),
      ...{ folder: '/rec', profile: 'default', scene: () => 'main', kept: null },
      snapshot: () => [tag('keyframe', 0)],
      keep: async (replay) => void kept.push(replay),
      ...more,
    });
  }

  /** A recorder process begins. */
  function run(): FakeSocket {
    socket = new FakeSocket();
    task?.onStart(socket);
    return socket;
  }

  /** All that it was sent is on the disk. */
  function wrote(parts = 1): void {
    const { opened, through } = socket;
    const { id = '', name = '' } = opened.at(-1) ?? {};
    const files = Array.from({ length: parts }, (_, index) => ({
      ...{ id, part: index + 1, path: `/replays/${name}${index === 0 ? '' : '-2'}.mkv` },
      ...{ bytes: 100, recordedMs: 1000, isOpen: false },
    }));
    task?.onWrote({ through, files });
  }

  const settled = () => clock.tickAsync(0);

  it('are kept where the configuration says so, and on command otherwise', async () => {
    begin();
    assert.equal(replays.status(), undefined);
    await assert.rejects(replays.saveReplay({}), { code: 'replay.state', message: /buffer is off/ });
    await replays.startReplay({ seconds: 60 });
    assert.deepEqual([replays.status()?.state, replays.status()?.seconds], ['buffering', 60]);
    await assert.rejects(replays.startReplay({}), { code: 'replay.state', message: /on already/ });
    await replays.stopReplay();
    assert.equal(replays.status()?.state, 'off');
    await assert.rejects(replays.stopReplay(), { code: 'replay.state' });
    begin({});
    assert.equal(replays.status()?.state, 'buffering');
    begin({ startWithBroadcast: false });
    assert.equal(replays.status(), undefined);
  });

  it('are written as a file of their own, and answered when it is complete', async () => {
    begin({});
    run();
    replays.push(tag('interframe', 33));
    const saving = replays.saveReplay({});
    await settled();
    assert.deepEqual(socket.seen, ['open', 'keyframe 0', 'interframe 33', 'close', 'sync']);
    assert.equal(replays.status()?.state, 'saving');
    const saved: unknown[] = [];
    const listener = replays.onDidSave(({ path }) => saved.push(path));
    wrote();
    assert.deepEqual(await saving, { path: '/replays/one 1.mkv', files: 1, durationMs: 1000, bytes: 100 });
    const { state, file, saved: count } = replays.status() ?? {};
    assert.deepEqual([state, file, count], ['buffering', '/replays/one 1.mkv', 1]);
    assert.deepEqual(saved, ['/replays/one 1.mkv']);
    assert.deepEqual(kept, [{ file: '/replays/one 1.mkv' }]);
    listener.dispose();
  });

  it('are saved one after the other, each as it was when it was asked for', async () => {
    begin({});
    run();
    const one = replays.saveReplay({});
    replays.push(tag('keyframe', 1000));
    const two = replays.saveReplay({ seconds: 1, name: 'goal' });
    await settled();
    wrote();
    await one;
    await settled();
    assert.deepEqual(socket.seen.slice(4), ['open', 'keyframe 0', 'keyframe 1000', 'close', 'sync']);
    wrote();
    assert.equal((await two).path, '/replays/goal.mkv');
  });

  it('are in several files where the stream has changed its format', async () => {
    begin({});
    run();
    const saving = replays.saveReplay({});
    await settled();
    wrote(2);
    assert.deepEqual(await saving, { path: '/replays/one 1-2.mkv', files: 2, durationMs: 2000, bytes: 200 });
  });

  it('are given to another recorder when one is lost', async () => {
    begin({});
    run();
    const saving = replays.saveReplay({});
    await settled();
    const [first] = socket.opened;
    task?.onLost(new BulkheadError(ErrorCodes.processFailed, 'killed'));
    assert.equal(run().opened[0]?.id, first?.id);
    wrote();
    assert.equal((await saving).files, 1);
    assert.equal(replays.status()?.restarts, 1);
  });

  it('fail after some recorders were lost', async () => {
    begin({});
    run();
    const saving = replays.saveReplay({});
    const failing = assert.rejects(saving, { code: 'replay.failed', message: /recorder ended: killed/ });
    await settled();
    for (let lost = 0; lost < 3; lost++) {
      task?.onLost(new BulkheadError(ErrorCodes.processFailed, 'killed'));
      run();
    }
    await failing;
    assert.match(replays.status()?.error?.message ?? '', /could not be saved/);
  });

  it('fail when the recorder does not answer, which is then replaced; the next one is saved', async () => {
    begin({});
    run();
    const saving = replays.saveReplay({});
    const failing = assert.rejects(saving, { code: 'replay.failed', message: /does not answer/ });
    await settled();
    await clock.tickAsync(12_000);
    await failing;
    assert.equal(stops, 1);
    run();
    const again = replays.saveReplay({});
    await settled();
    wrote();
    await again;
    assert.equal(replays.status()?.error, undefined);
  });

  it('fail while no recorder runs', async () => {
    begin({});
    const failing = assert.rejects(replays.saveReplay({}), { message: /recorder does not run/ });
    await clock.tickAsync(12_000);
    await failing;
  });

  it('fail when the disk is full, with a recorder that takes the next one', async () => {
    begin({});
    run();
    const saving = replays.saveReplay({});
    await settled();
    const full = { code: ErrorCodes.recordingDiskFull, message: 'the recording has ended since' };
    task?.onFailed({ error: full, files: [] });
    await assert.rejects(saving, { code: 'replay.failed', message: /its disk is full/ });
    assert.equal(stops, 1);
  });

  it('are refused for a name that climbs out, for more than is kept, and before the first keyframe', async () => {
    begin({}, { snapshot: () => [] });
    await assert.rejects(replays.saveReplay({ name: '../x' }), { code: 'config.invalid' });
    await assert.rejects(replays.saveReplay({ seconds: 31 }), {
      code: 'config.invalid',
      message: /keeps 30 s/,
    });
    await assert.rejects(replays.saveReplay({}), { code: 'replay.state', message: /no keyframe/ });
  });

  it('wait for no more than a few', async () => {
    begin({});
    run();
    const saving = [1, 2, 3].map(() => replays.saveReplay({}));
    await assert.rejects(replays.saveReplay({}), { code: 'replay.state', message: /being saved already/ });
    for (const one of saving) {
      await settled();
      wrote();
      await one;
    }
  });

  it('go on with the next core as they were commanded', async () => {
    begin({}, { kept: { isOn: false, file: '/replays/before.mkv' } });
    assert.equal(replays.status(), undefined);
    assert.equal(replays.latest, '/replays/before.mkv');
    begin(undefined, { kept: { isOn: true, seconds: 90 } });
    assert.equal(replays.status()?.seconds, 90);
    await replays.end();
    assert.deepEqual(kept, [null]);
  });

  it('follow the configuration on air', () => {
    begin();
    replays.configure(ReplaySchema.parse({ seconds: 10 }), undefined);
    assert.equal(replays.status()?.seconds, 10);
    replays.configure(undefined, undefined);
    assert.equal(replays.status()?.state, 'off');
  });

  it('are complete before the broadcast ends', async () => {
    begin({});
    run();
    const saving = replays.saveReplay({});
    const ended = replays.end();
    await settled();
    wrote();
    await Promise.all([saving, ended]);
    await assert.rejects(replays.saveReplay({}), { message: /no broadcast is on air/ });
  });
});
