import type { Disposable } from 'vscode-jsonrpc';
import { Backoff } from '../../base/backoff.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { FrameMemory, MemoryRegion } from '../canvas/frame-memory.js';
import type { Frame, FrameStore } from '../canvas/frame-pool.js';
import { convertRgba } from '../compositor/convert-rgba.js';
import type { Kernels } from '../compositor/kernels.js';
import { planesOf } from '../compositor/planes.js';
import { DrawnSource } from './drawn-source.js';
import type { Drawing, DrawingProblem } from './messages.js';
import { OverlayProcess, type OverlayProcessOptions } from './overlay-process.js';
import { MOST_REGION_BYTES, type Region } from './region-stream.js';

export interface DrawingsOptions {
  /** Of all frames; it needs {@link Drawings.memoryBytes} for itself. */
  readonly memory: FrameMemory;
  readonly kernels: Kernels;
  readonly fps: number;
  readonly ownProcessGroup: boolean;
  /** Something cannot be drawn; everything else is. */
  readonly onProblem: (error: BulkheadError) => void;
  readonly onLog: (message: string) => void;
  /** Of the process, above which it is replaced. */
  readonly mostBytes?: number;
  /** Starts a process; for tests. */
  readonly launch?: (options: OverlayProcessOptions) => DrawingProcess;
}

/** A process that draws, for those that do not end it. */
type DrawingProcess = Pick<OverlayProcess, 'pid' | 'set' | 'remove' | 'tick' | 'dispose'>;

export interface DrawingTarget {
  /** For people and mistakes: `overlays.title`. */
  readonly where: string;
  readonly pool: FrameStore;
  readonly onClose?: () => void;
}

const MOST_BYTES = 400 * 1024 * 1024;
const RETRY = { baseMs: 250, capMs: 10_000, jitter: 0.2 } as const;
/** A process that has drawn for so long was not ended by what it draws, ms. */
const HEALTHY_MS = 1000;
/** A drawing that has ended so many processes is not drawn any more. */
const MOST_CRASHES = 3;
/** When the process that waits to take over is started, after everything has been drawn, and how often it is tried again, ms. */
const SPARE_MS = 1000;
const SPARE_RETRY_MS = 10_000;
/** How far the slot that a tick is for lies ahead, slots. */
const SLOTS_AHEAD = 2;

interface Surface {
  readonly source: DrawnSource;
  readonly where: string;
  drawing: Drawing;
  /** Not answered yet: if the process ends now, it may be because of it. */
  pending: number;
  crashes: number;
  /** There was no frame to draw into: what comes until it is drawn as a whole is of no use. */
  isIncomplete: boolean;
  /** Problems that have been reported of what is drawn now. */
  readonly told: Set<string>;
}

/**
 * What is drawn for scenes, by a process of its own. When that is lost, another one draws everything again, and what was drawn stays
 * meanwhile.
 */
export class Drawings implements Disposable {
  private readonly surfaces = new Map<number, Surface>();
  private readonly region: MemoryRegion;
  private readonly backoff = new Backoff(RETRY);
  /** What is being drawn into, of each process. */
  private readonly halves = new Map<DrawingProcess, Map<number, Frame>>();
  private current: DrawingProcess | undefined;
  private next: DrawingProcess | undefined;
  /** Waits to take over: it takes a while to start up. */
  private spare: DrawingProcess | undefined;
  private startedMs = 0;
  private timer: NodeJS.Timeout | undefined;
  private spareTimer: NodeJS.Timeout | undefined;
  private surfaceCount = 0;

  constructor(private readonly options: DrawingsOptions) {
    this.region = options.memory.reserve(Drawings.memoryBytes);
  }

  /** Bytes of memory that it takes besides frames. */
  static readonly memoryBytes = MOST_REGION_BYTES;

  /** Process id; 0 if there is none. */
  get pid(): number {
    return this.current?.pid ?? 0;
  }

  /** Draws something new. Width and height are even. */
  open(drawing: Drawing, { where, pool, onClose }: DrawingTarget): DrawnSource {
    this.surfaceCount += 1;
    const id = this.surfaceCount;
    const { width, height } = drawing;
    const source = new DrawnSource({
      ...{ layout: { width, height, hasAlpha: true }, pool },
      pid: () => this.pid,
      tick: () => this.current?.tick(id, Date.now() + (SLOTS_AHEAD * 1000) / this.options.fps),
      onDispose: () => {
        this.remove(id);
        onClose?.();
      },
    });
    const surface: Surface = {
      source,
      where,
      drawing,
      pending: 0,
      crashes: 0,
      isIncomplete: false,
      told: new Set(),
    };
    this.surfaces.set(id, surface);
    if (this.current === undefined) this.start();
    else void this.draw(this.current, id, surface);
    return source;
  }

  /** Draws something else in its place, of the same size. */
  set(source: DrawnSource, drawing: Drawing): void {
    for (const [id, surface] of this.surfaces) {
      if (surface.source !== source) continue;
      surface.drawing = drawing;
      surface.crashes = 0;
      surface.told.clear();
      for (const process of [this.current, this.next])
        if (process !== undefined) void this.draw(process, id, surface);
    }
  }

  private remove(id: number): void {
    this.surfaces.delete(id);
    for (const process of [this.current, this.next]) process?.remove(id);
    for (const halves of this.halves.values()) {
      halves.get(id)?.release();
      halves.delete(id);
    }
  }

  /** Also when there is nothing to draw any more: something may be soon. */
  private start(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.startedMs = performance.now();
    const process = this.waiting();
    this.current = process;
    for (const { source } of this.surfaces.values()) source.restart();
    void this.drawAll(process).then(() => {
      if (process === this.current) this.holdSpare(SPARE_MS);
    });
  }

  private waiting(): DrawingProcess {
    const process = this.spare ?? this.launch();
    this.spare = undefined;
    return process;
  }

  private holdSpare(afterMs: number): void {
    clearTimeout(this.spareTimer);
    this.spareTimer = setTimeout(() => {
      this.spare ??= this.launch();
    }, afterMs);
  }

  private launch(): DrawingProcess {
    const { launch = (options) => new OverlayProcess(options) } = this.options;
    const process: DrawingProcess = launch({
      ownProcessGroup: this.options.ownProcessGroup,
      onRegion: (region, pixels) => this.take(region, pixels, process),
      onProblem: (problem) => this.report(problem),
      onExit: (why) => this.lost(process, why),
      onMemory: (bytes) => {
        const most = this.options.mostBytes ?? MOST_BYTES;
        if (process === this.current && bytes > most) void this.replace(bytes);
      },
    });
    this.halves.set(process, new Map());
    return process;
  }

  /** Rejects never: a process that fails is lost, which is seen elsewhere. */
  private async drawAll(process: DrawingProcess): Promise<void> {
    await Promise.all([...this.surfaces].map(([id, surface]) => this.draw(process, id, surface)));
  }

  private async draw(process: DrawingProcess, id: number, surface: Surface): Promise<void> {
    if (surface.crashes >= MOST_CRASHES) return;
    surface.pending += 1;
    try {
      await process.set({ ...surface.drawing, surface: id });
      surface.crashes = 0;
    } catch {
      // The process has ended: see lost().
    } finally {
      surface.pending -= 1;
    }
  }

  /** Another process takes its place when it has drawn everything. */
  private async replace(bytes: number): Promise<void> {
    if (this.next !== undefined) return;
    const { current } = this;
    this.options.onLog(
      `the process that draws overlays is replaced: it holds ${Math.round(bytes / 2 ** 20)} MB`,
    );
    const next = this.waiting();
    this.next = next;
    await this.drawAll(next);
    if (this.next !== next) return;
    this.next = undefined;
    this.current = next;
    this.startedMs = performance.now();
    for (const { source } of this.surfaces.values()) source.restart();
    if (current !== undefined) this.forget(current);
    this.holdSpare(SPARE_MS);
  }

  private lost(process: DrawingProcess, why: string): void {
    this.forget(process);
    if (process === this.next) this.next = undefined;
    if (process === this.spare) {
      this.spare = undefined;
      this.holdSpare(SPARE_RETRY_MS);
    }
    if (process !== this.current) return;
    clearTimeout(this.spareTimer);
    this.current = undefined;
    this.options.onLog(`the process that draws overlays ${why}; it is started again`);
    for (const surface of this.surfaces.values()) {
      if (surface.pending === 0) continue;
      surface.crashes += 1;
      if (surface.crashes === MOST_CRASHES) this.options.onProblem(undrawable(surface.where, why));
    }
    if (performance.now() - this.startedMs >= HEALTHY_MS) this.backoff.reset();
    this.timer = setTimeout(() => this.start(), this.backoff.next());
  }

  private forget(process: DrawingProcess): void {
    process.dispose();
    for (const frame of this.halves.get(process)?.values() ?? []) frame.release();
    this.halves.delete(process);
  }

  private take(region: Region, pixels: Buffer, from: DrawingProcess): void {
    const surface = this.surfaces.get(region.surface);
    const halves = this.halves.get(from);
    if (surface === undefined || halves === undefined) return;
    const { source } = surface;
    const { layout } = source;
    if (layout.width !== region.size.width || layout.height !== region.size.height) return;
    if (region.isFirst) surface.isIncomplete = false;
    if (surface.isIncomplete) return;
    const { area, isFirst, isLast } = region;
    const hasPixels = area.width > 0;
    const frame = halves.get(region.surface) ?? (hasPixels || isFirst ? begun(source, isFirst) : undefined);
    if (frame === undefined && hasPixels) {
      this.drawLater(from, region.surface, surface);
      return;
    }
    if (frame !== undefined) {
      halves.set(region.surface, frame);
      if (hasPixels) this.put(frame, region, pixels);
    }
    if (!isLast) return;
    halves.delete(region.surface);
    source.show(frame, region.bounds, region.isMoving);
  }

  /** As a whole, when there may be a frame again. */
  private drawLater(process: DrawingProcess, id: number, surface: Surface): void {
    surface.isIncomplete = true;
    process.remove(id);
    setTimeout(() => {
      if (this.surfaces.get(id) === surface && this.halves.has(process)) void this.draw(process, id, surface);
    }, RETRY.baseMs);
  }

  private put(frame: Frame, { area, size }: Region, pixels: Buffer): void {
    const { memory, kernels } = this.options;
    const { address } = this.region;
    new Uint8Array(memory.buffer, address, pixels.length).set(pixels);
    const planes = planesOf(frame.bytes.byteOffset, size);
    convertRgba(kernels, planes, address, area);
  }

  private report({ surface, element, message, remedy }: DrawingProblem): void {
    const known = this.surfaces.get(surface);
    if (known === undefined || known.told.has(message)) return;
    known.told.add(message);
    const where = `${known.where}.${element}`;
    this.options.onProblem(
      new BulkheadError(ErrorCodes.configInvalid, `${where}: ${message}`, { where, remedy }),
    );
  }

  dispose(): void {
    clearTimeout(this.timer);
    clearTimeout(this.spareTimer);
    for (const process of [this.current, this.next, this.spare])
      if (process !== undefined) this.forget(process);
    this.current = undefined;
    this.next = undefined;
    this.spare = undefined;
    this.region.dispose();
  }
}

/** A frame to draw into, with what is shown now in it; undefined if there is none at present. */
function begun(source: DrawnSource, isNew: boolean): Frame | undefined {
  const frame = source.acquire();
  const before = source.shown;
  if (frame === undefined) return undefined;
  if (isNew || before === undefined) clear(frame, source.layout);
  else frame.bytes.set(before.bytes);
  return frame;
}

/** Transparent. */
function clear(
  { bytes }: Frame,
  { width, height }: { readonly width: number; readonly height: number },
): void {
  const pixels = width * height;
  bytes.fill(16, 0, pixels);
  bytes.fill(128, pixels, pixels * 1.5);
  bytes.fill(0, pixels * 1.5, pixels * 2.5);
}

function undrawable(where: string, why: string): BulkheadError {
  const message = `${where} cannot be drawn: each process that draws it ${why}`;
  return new BulkheadError(ErrorCodes.configInvalid, message, {
    where,
    remedy: 'Change it: an image may be damaged.',
  });
}
