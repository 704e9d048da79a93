import type { Writable } from 'node:stream';
import type { Disposable } from 'vscode-jsonrpc';
import { FfmpegChild } from '../../encoder/ffmpeg-child.js';
import type { FfmpegExit } from '../../encoder/ffmpeg-errors.js';
import type { FfmpegLogLine } from '../../encoder/log-line.js';
import { flvTag } from '../../media/flv-writer.js';
import { NutDemuxer } from '../../media/nut-demuxer.js';

/** Of Opus in WebRTC, whatever is encoded. @see RFC 7587 4.1 */
export const OPUS_RATE = 48_000;
const BITRATE = 128_000;
/** Bytes read at once. */
const READ_BYTES = 4096;
/** What may wait for an ffmpeg that does not read, bytes: ten seconds of sound at most bitrates. */
const MOST_WAITING = 512 * 1024;
/**
 * A receiver plays sound from its first packet on, and would keep what comes at once as a delay: what ffmpeg gets while it starts is left
 * out, until a packet is no further behind what came in than this, s. A computer that is too slow for that is not waited for.
 */
const PROMPT_S = 0.1;
const MOST_LEFT_OUT = 100;
/** An FLV header for sound alone. */
const PREAMBLE = Buffer.from([0x46, 0x4c, 0x56, 1, 0b100, 0, 0, 0, 9, 0, 0, 0, 0]);

export interface OpusOptions {
  readonly ffmpeg: string;
  /** Body of the tag with the sequence header. */
  readonly header: Buffer;
  readonly onLog: (line: FfmpegLogLine) => void;
  /** A packet of Opus, whose first sample is at this time. */
  readonly onPacket: (packet: Buffer, seconds: number) => void;
}

/** Encodes the sound anew, as WebRTC needs it, by an ffmpeg; the times stay. */
export class OpusEncoder implements Disposable {
  /** Resolves when ffmpeg has ended. Never rejects. */
  readonly ended: Promise<FfmpegExit>;
  private readonly child: FfmpegChild;
  private begun = false;
  private latestS = 0;
  private leftOut = 0;
  private isPrompt = false;

  /** @throws errors of the spawn */
  constructor(private readonly options: OpusOptions) {
    const { ffmpeg, onLog } = options;
    this.child = new FfmpegChild({
      path: ffmpeg,
      args: opusArguments(),
      stdin: 'pipe',
      stdout: 'pipe',
      ownProcessGroup: false,
      onLog,
    });
    const demuxer = new NutDemuxer(
      {
        place: (_, bytes) => Buffer.allocUnsafe(bytes),
        take: (_, seconds, packet) => this.take(packet, seconds),
        fail: () => this.child.kill(),
        wantsMore: true,
      },
      READ_BYTES,
    );
    this.ended = this.child.read((chunk) => demuxer.push(chunk));
  }

  get pid(): number {
    return this.child.pid;
  }

  /** @param payload a tag's body with sound */
  push(payload: Buffer, timestampMs: number): void {
    const stdin = this.child.child.stdin as Writable;
    if (stdin.destroyed || stdin.writableLength > MOST_WAITING) return;
    if (!this.begun)
      stdin.write(Buffer.concat([PREAMBLE, flvTag('audio', timestampMs, this.options.header)]));
    this.begun = true;
    this.latestS = timestampMs / 1000;
    stdin.write(flvTag('audio', timestampMs, payload));
  }

  dispose(): void {
    this.child.kill();
  }

  private take(packet: Buffer, seconds: number): void {
    this.isPrompt ||= this.latestS - seconds < PROMPT_S || this.leftOut === MOST_LEFT_OUT;
    if (this.isPrompt) this.options.onPacket(packet, seconds);
    else this.leftOut += 1;
  }
}

/** Times are those of the input; where sound is missing, there is silence. */
export function opusArguments(): string[] {
  return [
    ...['-probesize', '1000', '-analyzeduration', '0', '-copyts', '-f', 'flv', '-i', 'pipe:0'],
    ...['-map', '0:a', '-af', `aresample=${OPUS_RATE}:async=1`, '-ac', '2'],
    ...['-c:a', 'libopus', '-b:a', String(BITRATE)],
    ...['-flush_packets', '1', '-f', 'nut', 'pipe:1'],
  ];
}
