import type { Size } from '../../base/geometry.js';
import { SpareBuffers } from '../../base/spare-buffers.js';
import type { SourceState } from '../../protocol/encoder.js';
import { type PluginPresence, pluginFrameBytes } from '../../protocol/plugin-frames.js';
import type { Frame, FrameStore } from '../canvas/frame-pool.js';
import { NOTHING, type Source, type SourceSlot } from './source.js';

export interface PluginSourceOptions {
  readonly pool: FrameStore;
  /** Converts RGBA of a size into a frame of it. */
  readonly convert: (pixels: Uint8Array, size: Size, frame: Frame) => void;
  /** Whether somebody can make its frames has changed. */
  readonly onPresence: (presence: PluginPresence) => void;
  readonly onDispose: () => void;
}

/**
 * What a plugin sends: its newest frame, which is shown until the next one. A plugin that draws rarely is as live as one that draws all the
 * time, as long as its host runs.
 */
export class PluginSource implements Source {
  readonly pid = 0;
  readonly position = undefined;
  private readonly spares = new SpareBuffers();
  private next: (Size & { readonly pixels: Buffer }) | undefined;
  private hasFrames = false;
  private current: SourceState = 'starting';

  constructor(private readonly options: PluginSourceOptions) {}

  get state(): SourceState {
    return this.current;
  }

  get isReady(): boolean {
    return this.hasFrames;
  }

  /** A frame comes. @returns where its pixels are to be written */
  begin(size: Size): Buffer {
    return this.spares.take(pluginFrameBytes(size));
  }

  /** It has come as a whole, and takes the place of one that has not been shown. */
  show({ width, height }: Size, pixels: Buffer): void {
    if (this.next !== undefined) this.spares.give(this.next.pixels);
    this.next = { width, height, pixels };
    this.hasFrames = true;
    this.current = 'live';
  }

  /** The plugin does not run any more, or again and has not drawn since. */
  note(presence: PluginPresence): void {
    const awaited = this.hasFrames ? 'stalled' : 'starting';
    this.current = presence === 'gone' ? 'retrying' : awaited;
    this.options.onPresence(presence);
  }

  take(): SourceSlot {
    const { next, options } = this;
    if (next === undefined) return NOTHING;
    const { width, height, pixels } = next;
    const frame = options.pool.acquire({ width, height, hasAlpha: true });
    // There is one again when an earlier one is no longer shown.
    if (frame === undefined) return NOTHING;
    this.next = undefined;
    options.convert(pixels, next, frame);
    this.spares.give(pixels);
    return { frame, sound: NOTHING.sound };
  }

  dispose(): void {
    this.next = undefined;
    this.options.onDispose();
  }
}
