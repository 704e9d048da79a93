import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../../base/event.js';
import { onUnexpectedError } from '../../../base/unexpected-error.js';
import type { StreamTag } from '../../../media/stream-tag.js';
import { BulkheadError } from '../../../protocol/errors.js';
import type { OutputReport } from '../../../protocol/report.js';
import type { OutputStatus } from '../../../protocol/status/output-status.js';
import type { OutputSlot } from './output-slot.js';

/** Removed outputs that are reported on. */
const MOST_REMOVED = 100;

/** All outputs of a broadcast that is on air, and what they are together. */
export class OutputSlots implements Disposable {
  private slots: readonly OutputSlot[] = [];
  private removed: readonly OutputReport[] = [];
  private readonly changeEmitter = new Emitter<OutputSlot>();
  /** Fires with the one that has changed, was added or was removed. */
  readonly onDidChange: Event<OutputSlot> = this.changeEmitter.event;
  /** The streamer has changed outputs on air, and sees what becomes of them: their failure does not end the broadcast. */
  isSupervised = false;
  private hasBeenLive = false;

  get all(): readonly OutputSlot[] {
    return this.slots;
  }

  find(id: string): OutputSlot | undefined {
    return this.slots.find((slot) => slot.id === id);
  }

  add(slot: OutputSlot): void {
    this.slots = [...this.slots, slot];
    slot.onDidChange(() => this.changed(slot));
    this.changed(slot);
  }

  remove(slot: OutputSlot): void {
    if (!this.slots.includes(slot)) return;
    this.slots = this.slots.filter((other) => other !== slot);
    this.removed = [...this.removed, { ...slot.report(), state: 'stopped' as const }].slice(-MOST_REMOVED);
    slot.dispose();
    this.changed(slot);
  }

  /** @param rendition what the tag is of: see `renditionKey`; undefined for the programme */
  push(tag: StreamTag, rendition?: string): void {
    for (const slot of this.slots) {
      if (slot.rendition !== rendition) continue;
      try {
        slot.push(tag);
      } catch (error) {
        // The others get it all the same.
        onUnexpectedError(error);
      }
    }
  }

  /**
   * What the outputs make of the broadcast: `live` when one of them is, `paused` when the streamer has stopped or removed all of
   * them, `reconnecting` when one has been live before.
   */
  get state(): 'starting' | 'live' | 'paused' | 'reconnecting' {
    const states = this.slots.map((slot) => slot.status().state);
    if (states.includes('live')) return 'live';
    if (states.every((state) => state === 'stopped')) return 'paused';
    return this.hasBeenLive ? 'reconnecting' : 'starting';
  }

  /** Why the broadcast cannot go live: set where no output will be tried again, and none has ever been live. */
  get failure(): BulkheadError | undefined {
    if (this.hasBeenLive || this.isSupervised) return undefined;
    const statuses = this.statuses();
    const [first] = statuses;
    if (first?.error === undefined || statuses.some(({ state }) => state !== 'failed')) return undefined;
    return BulkheadError.fromData(first.error);
  }

  statuses(): OutputStatus[] {
    return this.slots.map((slot) => slot.status());
  }

  /** What has become of them, those included that were removed. */
  reports(): OutputReport[] {
    return [...this.removed, ...this.slots.map((slot) => slot.report())];
  }

  /** To be called once a second. */
  measure(nowMs: number): void {
    for (const slot of this.slots) slot.measure(nowMs);
  }

  takeTransitTimes(): number[] {
    return this.slots.flatMap((slot) => slot.takeTransitTimes());
  }

  /** Ends the stream of every output in order, within `deadlineMs`. */
  async endStreams(deadlineMs: number): Promise<void> {
    await Promise.all(this.slots.map((slot) => slot.end(deadlineMs)));
  }

  private changed(slot: OutputSlot): void {
    if (slot.status().state === 'live') this.hasBeenLive = true;
    this.changeEmitter.fire(slot);
  }

  dispose(): void {
    for (const slot of this.slots) slot.dispose();
    this.changeEmitter.dispose();
  }
}
