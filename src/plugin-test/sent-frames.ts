import type { SourceFrame } from '@bulkhead/extension-api';
import type { FrameEncoder } from '../core/broadcast/collection/plugin-frames.js';
import type { SourceState } from '../protocol/encoder.js';
import type { PluginPresence, PluginSourceId } from '../protocol/plugin-frames.js';

type Feed = NonNullable<FrameEncoder['frames']>;

/** Frames of each source that are kept for the test. */
const MOST_FRAMES = 100;

/** In the place of an encoder that shows what the plugin sends: keeps it for the test. */
export class SentFrames implements Feed {
  private readonly frames = new Map<string, SourceFrame[]>();
  private readonly absent = new Map<string, PluginPresence>();

  /** @param onChange A source has another state. */
  constructor(private readonly onChange: () => void) {}

  /** The newest last. */
  of(source: string): readonly SourceFrame[] {
    return [...(this.frames.get(source) ?? [])];
  }

  /** A broadcast begins. */
  clear(): void {
    this.frames.clear();
    this.absent.clear();
  }

  /** As the encoder would report it of a source that is open. */
  stateOf(source: string): SourceState {
    const presence = this.absent.get(source);
    if (presence === 'gone') return 'retrying';
    if (!this.frames.has(source)) return 'starting';
    return presence === 'awaited' ? 'stalled' : 'live';
  }

  sendFrame({ source, width, height }: Parameters<Feed['sendFrame']>[0], { bytes }: { bytes: Buffer }): void {
    const before = this.frames.get(source) ?? [];
    const frame = { width, height, rgba: Uint8Array.from(bytes) };
    this.frames.set(source, [...before, frame].slice(-MOST_FRAMES));
    const isNews = before.length === 0 || this.absent.has(source);
    this.absent.delete(source);
    if (isNews) this.onChange();
  }

  sendPresence({ source }: PluginSourceId, presence: PluginPresence): void {
    if (this.absent.get(source) === presence) return;
    this.absent.set(source, presence);
    this.onChange();
  }
}
