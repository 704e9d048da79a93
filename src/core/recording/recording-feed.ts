import { commandParts, tagParts } from '../../media/tag-stream.js';
import type { RecorderCommand } from '../../protocol/recorder.js';
import type { MediaSocket } from '../media-sockets/media-sockets.js';
import { type RecordingItem, UnwrittenItems } from './unwritten-items.js';

/**
 * How often what has come is sent, ms; sooner where more media has come at once, from an encoder that catches up: it would be lost with the
 * core. With each batch the recorder writes, and waits for the disk: so this is most of what a power cut may
 * take away. Less often costs less.
 */
export const BATCH_MS = 250;

/** Sends items to the recorder in batches, and holds them until they are on the disk. */
export class RecordingFeed {
  private readonly items = new UnwrittenItems();
  private socket: MediaSocket | undefined;
  private sentNumber = 0;
  private isSending = false;
  private timer: NodeJS.Timeout | undefined;
  /** Timestamp of the first tag that was not sent, ms. */
  private unsentFromMs: number | undefined;
  private lastMs = 0;

  /** Not on the disk, bytes. */
  get bytes(): number {
    return this.items.bytes;
  }

  /** The same, ms. */
  get durationMs(): number {
    return this.items.durationMs;
  }

  get isEmpty(): boolean {
    return this.items.written === this.items.last;
  }

  push(item: RecordingItem): void {
    this.items.push(item);
    if ('tag' in item) {
      this.lastMs = item.tag.timestampMs;
      this.unsentFromMs ??= this.lastMs;
    }
    if (this.isDue) this.hurry();
    else this.timer ??= setTimeout(() => this.send(), BATCH_MS);
  }

  command(command: RecorderCommand): void {
    this.push({ command });
  }

  /** Sends what has come at once. */
  hurry(): void {
    clearTimeout(this.timer);
    this.send();
  }

  /** Another recorder takes what is held. */
  attach(socket: MediaSocket): void {
    this.socket = socket;
    this.isSending = false;
    this.write(socket, this.items.replay());
  }

  /** What is held goes into another file than it did: the file before cannot be gone on with. */
  reopen(open: RecorderCommand): void {
    const items = this.items.replay();
    this.items.clear();
    this.items.push({ command: open });
    for (const item of items) this.items.push(item);
  }

  detach(): void {
    this.socket = undefined;
  }

  /** @returns whether anything was not known to be on the disk before */
  acknowledge(number: number): boolean {
    const before = this.items.written;
    this.items.acknowledge(number);
    return this.items.written > before;
  }

  /** Nothing that is held has to be written. */
  clear(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.detach();
    this.items.clear();
  }

  private get isDue(): boolean {
    if (this.socket === undefined || this.isSending) return false;
    return this.unsentFromMs !== undefined && this.lastMs - this.unsentFromMs >= BATCH_MS;
  }

  private send(): void {
    this.timer = undefined;
    const { socket } = this;
    // What is held goes to the next recorder, or with the next batch.
    if (socket !== undefined && !this.isSending) this.write(socket, this.items.after(this.sentNumber));
  }

  private write(socket: MediaSocket, items: readonly RecordingItem[]): void {
    this.sentNumber = this.items.last;
    this.unsentFromMs = undefined;
    const parts = items.flatMap((item) => ('tag' in item ? tagParts(item.tag) : commandParts(item.command)));
    const sync: RecorderCommand = { kind: 'sync', through: this.sentNumber };
    this.isSending = true;
    void socket.send([...parts, ...commandParts(sync)]).then(() => {
      if (this.socket !== socket) return;
      this.isSending = false;
      if (this.isDue) this.hurry();
      else if (this.items.last > this.sentNumber) this.timer ??= setTimeout(() => this.send(), BATCH_MS);
    });
  }
}
