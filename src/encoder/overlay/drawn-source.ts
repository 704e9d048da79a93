import type { Rectangle } from '../../base/geometry.js';
import type { SourceState } from '../../protocol/encoder.js';
import type { Frame, FrameLayout, FrameStore } from '../canvas/frame-pool.js';
import { NOTHING, type Source, type SourceSlot } from '../sources/source.js';

export interface DrawnSourceOptions {
  readonly layout: FrameLayout;
  readonly pool: FrameStore;
  /** The process that draws it; 0 if there is none. */
  readonly pid: () => number;
  /** Asks for it as it will be in a slot. */
  readonly tick: () => void;
  readonly onDispose: () => void;
}

/** What is drawn on one surface: its latest frame. */
export class DrawnSource implements Source {
  readonly position = undefined;
  /** All that is drawn lies in it. */
  bounds: Rectangle = { x: 0, y: 0, width: 0, height: 0 };
  private latest: Frame | undefined;
  private isNew = false;
  private isMoving = false;
  private isAsked = false;

  constructor(private readonly options: DrawnSourceOptions) {}

  get state(): SourceState {
    return this.latest === undefined ? 'starting' : 'live';
  }

  get isReady(): boolean {
    return this.latest !== undefined;
  }

  get pid(): number {
    return this.options.pid();
  }

  get layout(): FrameLayout {
    return this.options.layout;
  }

  /** Undefined before the first frame. */
  get shown(): Frame | undefined {
    return this.latest;
  }

  /** A frame to draw the next one into; undefined if there is none at present. */
  acquire(): Frame | undefined {
    return this.options.pool.acquire(this.options.layout);
  }

  /** @param frame is its to release; undefined if nothing has changed */
  show(frame: Frame | undefined, bounds: Rectangle, isMoving: boolean): void {
    this.isAsked = false;
    this.isMoving = isMoving;
    this.bounds = bounds;
    if (frame === undefined) return;
    this.latest?.release();
    this.latest = frame;
    this.isNew = true;
  }

  /** The process is another one, which knows nothing of what the one before was asked for. */
  restart(): void {
    this.isAsked = false;
  }

  take(): SourceSlot {
    if (this.isMoving && !this.isAsked) {
      this.isAsked = true;
      this.options.tick();
    }
    if (!this.isNew || this.latest === undefined) return NOTHING;
    this.isNew = false;
    return { frame: this.latest.retain(), sound: NOTHING.sound };
  }

  dispose(): void {
    this.latest?.release();
    this.latest = undefined;
    this.options.onDispose();
  }
}
