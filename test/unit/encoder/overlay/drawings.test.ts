import assert from 'node:assert/strict';
import sinon from 'sinon';
import { FrameMemory } from '../../../../src/encoder/canvas/frame-memory.js';
import { alphaFrameBytes, FramePool } from '../../../../src/encoder/canvas/frame-pool.js';
import { loadKernels } from '../../../../src/encoder/compositor/kernels.js';
import { Drawings } from '../../../../src/encoder/overlay/drawings.js';
import type { DrawnSource } from '../../../../src/encoder/overlay/drawn-source.js';
import type { SurfaceParams } from '../../../../src/encoder/overlay/messages.js';
import type { OverlayProcessOptions } from '../../../../src/encoder/overlay/overlay-process.js';
import type { Region } from '../../../../src/encoder/overlay/region-stream.js';
import type { BulkheadError } from '../../../../src/protocol/errors.js';

const SIZE = { width: 16, height: 8 };
const WHOLE = { x: 0, y: 0, ...SIZE };
const NOTHING = { x: 0, y: 0, width: 0, height: 0 };
const PIXELS = SIZE.width * SIZE.height;
const BYTES = alphaFrameBytes(SIZE);

/** A process that draws when the test says so. */
class FakeProcess {
  readonly asked: SurfaceParams[] = [];
  readonly removed: number[] = [];
  readonly ticks: number[] = [];
  private readonly answers: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  over = false;

  constructor(
    readonly pid: number,
    readonly options: OverlayProcessOptions,
  ) {}

  set(params: SurfaceParams): Promise<void> {
    this.asked.push(params);
    return new Promise((resolve, reject) => this.answers.push({ resolve, reject }));
  }

  remove(surface: number): void {
    this.removed.push(surface);
  }

  tick(surface: number): void {
    this.ticks.push(surface);
  }

  /** Answers all that was asked. */
  answer(): void {
    for (const { resolve } of this.answers.splice(0)) resolve();
  }

  end(why = 'ended with SIGKILL'): void {
    this.over = true;
    for (const { reject } of this.answers.splice(0)) reject(new Error('the connection is closed'));
    this.options.onExit(why);
  }

  dispose(): void {
    this.over = true;
  }

  /** Draws in one colour: R, G, B and alpha. */
  draw(surface: number, colour: readonly number[], { area = WHOLE, ...more }: Partial<Region> = {}): void {
    const pixels = Buffer.alloc(area.width * area.height * 4, Uint8Array.from(colour));
    const region = { surface, size: SIZE, area, bounds: WHOLE, isFirst: true, isLast: true, isMoving: false };
    this.options.onRegion({ ...region, ...more }, pixels);
  }
}

describe('drawings', () => {
  let clock: sinon.SinonFakeTimers;
  let memory: FrameMemory;
  let pool: FramePool;
  let processes: FakeProcess[];
  let problems: BulkheadError[];
  let log: string[];
  let drawings: Drawings;

  beforeEach(async () => {
    memory = new FrameMemory(Drawings.memoryBytes + FramePool.memoryBytes(BYTES, 4));
    pool = new FramePool(BYTES, 4, memory);
    [processes, problems, log] = [[], [], []];
    const kernels = await loadKernels(memory);
    clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
    drawings = new Drawings({
      ...{ memory, kernels, fps: 25, ownProcessGroup: false, mostBytes: 1000 },
      onProblem: (error) => problems.push(error),
      onLog: (message) => log.push(message),
      launch: (options) => {
        const process = new FakeProcess(processes.length + 1, options);
        processes.push(process);
        return process;
      },
    });
  });
  afterEach(() => {
    drawings.dispose();
    clock.restore();
  });

  const settled = () => clock.tickAsync(0);
  const open = () => drawings.open({ ...SIZE, elements: [], sinceMs: 0 }, { where: 'overlays.a', pool });
  const process = () => processes.find(({ pid }) => pid === drawings.pid) ?? assert.fail('no process');
  const RED = [255, 0, 0, 255];
  const CLEAR = [0, 0, 0, 0];
  /** Luma and alpha of a pixel of what it shows. */
  const at = (source: DrawnSource, x: number, y: number) => {
    const bytes = source.shown?.bytes ?? assert.fail('nothing is shown');
    return [bytes[y * SIZE.width + x], bytes[1.5 * PIXELS + y * SIZE.width + x]];
  };
  const RED_YUV = [63, 255];
  const EMPTY = [16, 0];

  it('need no process before there is something to draw, and one for all', () => {
    assert.deepEqual([processes.length, drawings.pid], [0, 0]);
    const first = open();
    open();
    assert.deepEqual([processes.length, drawings.pid, first.pid], [1, 1, 1]);
    assert.deepEqual(
      process().asked.map(({ surface }) => surface),
      [1, 2],
    );
  });

  it('show what was drawn once it is complete, and the rest transparent', () => {
    const source = open();
    assert.deepEqual([source.state, source.isReady], ['starting', false]);
    process().draw(1, RED, { area: { x: 0, y: 0, width: 16, height: 2 }, isLast: false });
    assert.equal(source.isReady, false);
    process().draw(1, RED, { area: { x: 0, y: 2, width: 4, height: 2 }, isFirst: false });
    assert.deepEqual([source.state, source.isReady], ['live', true]);
    assert.deepEqual(
      [at(source, 15, 1), at(source, 3, 3), at(source, 4, 3), at(source, 0, 4)],
      [...[RED_YUV, RED_YUV, EMPTY, EMPTY]],
    );
    const { frame } = source.take();
    assert.ok(frame);
    assert.equal(source.take().frame, undefined, 'there is no newer one');
    frame.release();
  });

  it('change only where something has changed, in another frame than the one that is shown', () => {
    const source = open();
    process().draw(1, RED);
    const { frame } = source.take();
    process().draw(1, CLEAR, { area: { x: 4, y: 4, width: 4, height: 4 }, isFirst: false });
    assert.deepEqual([at(source, 0, 0), at(source, 5, 5)], [RED_YUV, [16, 0]]);
    assert.equal(frame?.bytes[1.5 * PIXELS + 5 * SIZE.width + 5], 255);
    frame?.release();
    process().draw(1, [], { area: NOTHING, isFirst: false });
    source.take().frame?.release();
    assert.equal(source.take().frame, undefined, 'nothing has changed');
  });

  it('have no use for what comes of a surface that is no more, or had another size', () => {
    const source = open();
    process().draw(1, RED, { size: { width: 8, height: 8 }, area: { ...NOTHING, width: 8, height: 8 } });
    process().draw(7, RED);
    assert.equal(source.isReady, false);
    source.dispose();
    process().draw(1, RED);
    assert.deepEqual([process().removed, pool.inUse], [[1], 0]);
  });

  it('are drawn again as a whole when there was no frame for them', async () => {
    const source = open();
    const taken = [pool.acquire(), pool.acquire(), pool.acquire(), pool.acquire()];
    process().draw(1, RED, { isLast: false });
    process().draw(1, RED, { isFirst: false });
    assert.deepEqual([source.isReady, process().removed], [false, [1]]);
    for (const frame of taken) frame?.release();
    await clock.tickAsync(300);
    assert.equal(process().asked.length, 2);
    process().draw(1, RED);
    assert.equal(source.isReady, true);
  });

  it('stay as they are while another process takes the place of one that is lost, at once', async () => {
    const source = open();
    const other = open();
    process().draw(1, RED);
    process().draw(2, RED, { isLast: false });
    process().answer();
    await clock.tickAsync(5000);
    process().end();
    await clock.tickAsync(0);
    assert.deepEqual([processes.length, process().asked.map(({ surface }) => surface)], [2, [1, 2]]);
    assert.deepEqual([at(source, 0, 0), other.isReady], [RED_YUV, false]);
    assert.match(log.join(), /ended with SIGKILL; it is started again/);
    process().draw(1, CLEAR);
    assert.deepEqual(at(source, 0, 0), [16, 0]);
    assert.deepEqual(problems, []);
  });

  it('that end process after process are given up, the others are drawn on', async () => {
    const [healthy, poison] = [open(), open()];
    for (let crash = 0; crash < 3; crash++) {
      process().draw(1, RED);
      process().asked.length = 0;
      const [answered] = [process()];
      // The first one is drawn, the second one is being drawn.
      (answered as unknown as { answers: { resolve: () => void }[] }).answers.shift()?.resolve();
      await settled();
      process().end('ended with SIGSEGV');
      await clock.tickAsync(10_000);
    }
    assert.deepEqual(
      process().asked.map(({ surface }) => surface),
      [1],
    );
    assert.deepEqual([problems.length, problems[0]?.where], [1, 'overlays.a']);
    assert.match(problems[0]?.message ?? '', /^overlays.a cannot be drawn: .* SIGSEGV/);
    assert.deepEqual([healthy.isReady, poison.isReady], [true, false]);
    drawings.set(poison, { ...SIZE, elements: [], sinceMs: 1 });
    assert.deepEqual(process().asked.at(-1)?.sinceMs, 1, 'changed, it is tried again');
  });

  it('wait longer each time when processes end as soon as they are started', async () => {
    open();
    const startedMs: number[] = [];
    for (let crash = 0; crash < 6; crash++) {
      startedMs.push(clock.now);
      process().answer();
      await settled();
      process().end('ended with exit code 1');
      const before = processes.length;
      while (processes.length === before) await clock.tickAsync(10);
    }
    const waits = startedMs.slice(1).map((ms, index) => ms - (startedMs[index] ?? 0));
    assert.ok((waits[0] ?? 99) <= 20 && (waits[4] ?? 0) >= 1000, waits.join());
  });

  it('go over to another process when one holds too much memory, once that has drawn everything', async () => {
    const source = open();
    const [first = assert.fail()] = processes;
    first.draw(1, RED, { isMoving: true });
    first.answer();
    first.options.onMemory(1000);
    assert.equal(processes.length, 1);
    first.options.onMemory(1001);
    first.options.onMemory(1002);
    assert.equal(processes.length, 2);
    source.take().frame?.release();
    assert.deepEqual([first.over, drawings.pid, first.ticks], [false, 1, [1]]);
    const next = processes[1] ?? assert.fail();
    next.draw(1, RED, { isMoving: true });
    next.answer();
    await settled();
    assert.deepEqual([first.over, drawings.pid], [true, 2]);
    source.take().frame?.release();
    assert.deepEqual(next.ticks, [1], 'what moves is asked of it');
  });

  it('are drawn on by a process that waits, of which there is always one', async () => {
    open();
    process().answer();
    await clock.tickAsync(999);
    assert.equal(processes.length, 1, 'not before everything has been drawn for a while');
    await clock.tickAsync(1);
    const [, spare = assert.fail()] = processes;
    assert.deepEqual([drawings.pid, spare.asked], [1, []]);
    process().end();
    await settled();
    assert.deepEqual([drawings.pid, spare.asked.length, processes.length], [2, 1, 2]);
    process().answer();
    await clock.tickAsync(1000);
    assert.equal(processes.length, 3);
    processes[2]?.end();
    assert.deepEqual([drawings.pid, log.length], [2, 1], 'nothing is lost with it');
    await clock.tickAsync(10_000);
    assert.equal(processes.length, 4);
    drawings.dispose();
    assert.ok(processes[3]?.over);
  });

  it('say of each thing that is missing where it is, once until something else is drawn', () => {
    const source = open();
    const problem = {
      surface: 1,
      element: 'title',
      message: 'there is no font "X"',
      remedy: 'Set another one.',
    };
    process().options.onProblem(problem);
    process().options.onProblem(problem);
    process().options.onProblem({ ...problem, surface: 9 });
    assert.deepEqual(
      problems.map(({ where, message }) => [where, message]),
      [['overlays.a.title', `overlays.a.title: ${problem.message}`]],
    );
    drawings.set(source, { ...SIZE, elements: [], sinceMs: 0 });
    process().options.onProblem(problem);
    assert.equal(problems.length, 2);
  });

  it('end their processes with themselves, and give their memory back', async () => {
    const source = open();
    process().draw(1, RED, { isLast: false });
    source.dispose();
    drawings.dispose();
    assert.deepEqual([processes[0]?.over, pool.inUse], [true, 0]);
    await clock.tickAsync(20_000);
    assert.equal(processes.length, 1);
    pool.dispose();
    memory.reserve(memory.buffer.byteLength);
  });
});
