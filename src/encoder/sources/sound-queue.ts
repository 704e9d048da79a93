import type { OnReadOpts, Socket } from 'node:net';
import type { AudioFormat } from '../tracks/audio-encoder.js';
import { BYTES_PER_SAMPLE } from '../tracks/audio-encoder.js';
import { ArrivalLead } from './arrival-lead.js';
import { NutTrack } from './nut-track.js';
import { StampSkew } from './stamp-skew.js';

export interface SoundQueueOptions {
  readonly format: AudioFormat;
  /** Seconds that wait to be taken at most. */
  readonly limitS: number;
  /** Whether reading pauses at the limit until half of it is left; otherwise the oldest sound is dropped there. */
  readonly waits: boolean;
}

interface Chunk {
  /** Number of its first sample since its process began. */
  readonly at: number;
  readonly pcm: Buffer;
}

const SCRATCH_BYTES = 65_536;
const MAX_PACKET_BYTES = 4 * 1024 * 1024;
/** A timestamp that differs less than this from the samples so far is not a gap, s: containers round to 1 ms, and more. */
const JITTER_S = 0.02;

/** PCM of one process, by the number of the sample. */
export class SoundQueue {
  private readonly chunks: Chunk[] = [];
  private readonly track: NutTrack;
  private readonly frameBytes: number;
  /** The sample after the last one. */
  private next = 0;
  private packets = 0;
  private filling = true;
  private readonly lead = new ArrivalLead();
  /** Of a source that does not wait; others are never off for long. */
  private readonly stampSkew: StampSkew | undefined;

  constructor(private readonly options: SoundQueueOptions) {
    this.frameBytes = options.format.channels * BYTES_PER_SAMPLE;
    if (!options.waits) this.stampSkew = new StampSkew(options.format.sampleRate);
    const queue = this;
    this.track = new NutTrack(
      {
        place: (bytes) => (bytes > MAX_PACKET_BYTES ? undefined : Buffer.allocUnsafe(bytes)),
        take: (timestampS, pcm) => this.push(timestampS, pcm),
        get wantsMore() {
          return !options.waits || queue.wantsMore();
        },
      },
      SCRATCH_BYTES,
    );
  }

  get onread(): OnReadOpts {
    return this.track.onread;
  }

  get ended(): boolean {
    return this.track.ended;
  }

  /** See {@link NutTrack.quietSinceMs}. */
  get quietSinceMs(): number {
    return this.track.quietSinceMs;
  }

  get isEmpty(): boolean {
    return this.chunks.length === 0;
  }

  /** Packets that have arrived so far. */
  get arrived(): number {
    return this.packets;
  }

  /** The first sample that waits. */
  get start(): number {
    return this.chunks[0]?.at ?? this.next;
  }

  /** The sample after the last one that has arrived. */
  get end(): number {
    return this.next;
  }

  /** Time of {@link end} by the timestamps, s. */
  get endS(): number {
    return (this.next + this.skew) / this.options.format.sampleRate;
  }

  /** How many samples fewer have arrived than their timestamps say, where the clock that these are from runs differently. */
  get skew(): number {
    return this.stampSkew?.samples ?? 0;
  }

  /** See {@link ArrivalLead.take}. */
  takeLeadS(): number | undefined {
    return this.lead.take();
  }

  attach(socket: Socket): void {
    this.track.attach(socket);
  }

  /** Takes the samples from `from` on to `target`, as far as they are there, and drops what lies before. */
  take(from: number, target: Buffer): void {
    this.read(from, target);
    this.drop(from + target.length / this.frameBytes);
  }

  /** Copies the samples from `from` on to `target`, as far as they are there. */
  read(from: number, target: Buffer): void {
    const { frameBytes } = this;
    const to = from + target.length / frameBytes;
    for (const chunk of this.chunks) {
      if (chunk.at >= to) break;
      const begin = Math.max(0, from - chunk.at) * frameBytes;
      if (begin >= chunk.pcm.length) continue;
      chunk.pcm.copy(target, Math.max(0, chunk.at - from) * frameBytes, begin, (to - chunk.at) * frameBytes);
    }
  }

  /** Drops the samples before `to`. */
  drop(to: number): void {
    const { frameBytes, chunks } = this;
    for (;;) {
      const [chunk] = chunks;
      if (chunk === undefined || chunk.at >= to) break;
      const end = (to - chunk.at) * frameBytes;
      if (end < chunk.pcm.length) {
        chunks[0] = { at: to, pcm: chunk.pcm.subarray(end) };
        break;
      }
      chunks.shift();
    }
    if (!this.filling && this.waitingS < this.options.limitS / 2) {
      this.filling = true;
      this.track.resume();
    }
  }

  close(): void {
    this.track.close();
    this.chunks.length = 0;
  }

  private get waitingS(): number {
    return (this.next - this.start) / this.options.format.sampleRate;
  }

  /** Reading in long stretches lets both processes sleep in between. */
  private wantsMore(): boolean {
    if (this.waitingS >= this.options.limitS) this.filling = false;
    return this.filling;
  }

  private push(timestampS: number, pcm: Buffer): void {
    const { frameBytes, chunks, options } = this;
    const { sampleRate } = options.format;
    this.packets += 1;
    const stamped = Math.round(timestampS * sampleRate);
    const isFirst = this.packets === 1;
    const offS = (stamped - this.next - (this.stampSkew?.mean ?? 0)) / sampleRate;
    const jumped = isFirst || Math.abs(offS) > JITTER_S;
    const at = jumped ? Math.round(stamped - this.skew) : this.next;
    if (jumped) this.stampSkew?.restart();
    else this.stampSkew?.note(stamped - this.next, pcm.length / frameBytes);
    const known = Math.max(0, isFirst ? 0 : this.next - at);
    const fresh = pcm.subarray(known * frameBytes);
    if (fresh.length === 0) return;
    chunks.push({ at: at + known, pcm: fresh });
    this.next = at + known + fresh.length / frameBytes;
    this.lead.note(this.endS);
    while (!options.waits && chunks.length > 1 && this.waitingS > options.limitS) chunks.shift();
  }
}
