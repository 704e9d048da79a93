import { onMetadata } from '../../../media/on-metadata.js';
import { silentAacFrame } from '../../../media/silent-aac.js';
import type { StreamTagKind } from '../../../media/stream-tag.js';
import { BitWriter, nalUnit } from './bit-writer.js';

const WIDTH = 1280;
const HEIGHT = 720;
const FPS = 30;
/** In frames. */
const KEYFRAME_EVERY = 2 * FPS;
const MACROBLOCKS = (WIDTH / 16) * (HEIGHT / 16);
const SAMPLE_RATE = 48_000;
/** AAC-LC, 48 kHz, two channels. */
const AAC_CONFIG = Buffer.from([0x11, 0x90]);
const AAC_HEADER = Buffer.concat([Buffer.from([0xaf, 0]), AAC_CONFIG]);
const AAC_SILENCE = Buffer.concat([Buffer.from([0xaf, 1]), silentAacFrame(2) ?? Buffer.alloc(0)]);

export interface TestTag {
  readonly kind: StreamTagKind;
  readonly timestampMs: number;
  readonly payload: Buffer;
}

/**
 * A stream for measuring: a grey image in H.264, each frame filled up with filler data (NAL units of type 12, as encoders with a constant
 * bitrate write them), and silence. It is a valid stream, and costs no encoder.
 */
export class TestStream {
  readonly frameMs = 1000 / FPS;
  private frames = 0;
  private sounds = 0;
  private readonly frameBytes: number;

  /** @param kbps of all of it */
  constructor(private readonly kbps: number) {
    this.frameBytes = Math.round((kbps * 1000) / 8 / FPS);
  }

  /** What a session begins with. */
  begin(): TestTag[] {
    const description = { width: WIDTH, height: HEIGHT, fps: FPS, codec: 'h264' } as const;
    const sound = { audioKbps: 0, sampleRate: SAMPLE_RATE, channels: 2 };
    return [
      {
        kind: 'metadata',
        timestampMs: 0,
        payload: onMetadata({ ...description, ...sound, videoKbps: this.kbps }),
      },
      { kind: 'video-header', timestampMs: 0, payload: videoHeader() },
      { kind: 'audio-header', timestampMs: 0, payload: AAC_HEADER },
    ];
  }

  /** The next frame with the sound that belongs to it. */
  next(): TestTag[] {
    const timestampMs = Math.round(this.frames * this.frameMs);
    const inGop = this.frames % KEYFRAME_EVERY;
    const gop = this.frames / KEYFRAME_EVERY;
    const frame = inGop === 0 ? greyKeyframe(gop) : greyInterframe(inGop);
    const left = this.frameBytes - frame.length;
    const filled = left <= 8 ? frame : Buffer.concat([frame, filler(left)]);
    const video = Buffer.concat([Buffer.from([inGop === 0 ? 0x17 : 0x27, 1, 0, 0, 0]), filled]);
    this.frames += 1;
    const tags: TestTag[] = [{ kind: inGop === 0 ? 'keyframe' : 'interframe', timestampMs, payload: video }];
    for (;;) {
      const soundMs = Math.round((this.sounds * 1024 * 1000) / SAMPLE_RATE);
      if (soundMs > timestampMs) return tags;
      tags.push({ kind: 'audio', timestampMs: soundMs, payload: AAC_SILENCE });
      this.sounds += 1;
    }
  }
}

/** H.264 7.3.2.1: baseline, without reordering. */
function sequenceParameters(): Buffer {
  const bits = new BitWriter();
  bits.u(8, 66).u(8, 0xc0).u(8, 31);
  bits.ue(0).ue(4).ue(2).ue(1).u(1, 0);
  bits.ue(WIDTH / 16 - 1).ue(HEIGHT / 16 - 1);
  bits.u(1, 1).u(1, 1).u(1, 0).u(1, 0);
  return nalUnit(0x67, bits);
}

/** 7.3.2.2 */
function pictureParameters(): Buffer {
  const bits = new BitWriter();
  bits.ue(0).ue(0).u(1, 0).u(1, 0).ue(0).ue(0).ue(0).u(1, 0).u(2, 0);
  bits.ue(0).ue(0).ue(0).u(1, 0).u(1, 0).u(1, 0);
  return nalUnit(0x68, bits);
}

/** AVCDecoderConfigurationRecord, ISO/IEC 14496-15 5.2.4.1. */
function videoHeader(): Buffer {
  const [sps, pps] = [sequenceParameters(), pictureParameters()];
  const lengthOf = (unit: Buffer) => Buffer.from([unit.length >> 8, unit.length & 0xff]);
  const profile = [...sps.subarray(1, 4)];
  return Buffer.concat([
    Buffer.from([0x17, 0, 0, 0, 0, 1, ...profile, 0xff, 0xe1]),
    ...[lengthOf(sps), sps, Buffer.from([1]), lengthOf(pps), pps],
  ]);
}

/** Each macroblock: I_16x16 predicted from its neighbours' mean, without residual. Without neighbours that is grey. */
function greyKeyframe(gop: number): Buffer {
  const bits = new BitWriter();
  bits
    .ue(0)
    .ue(7)
    .ue(0)
    .u(8, 0)
    .ue(gop % 2);
  bits.u(1, 0).u(1, 0).ue(0);
  for (let block = 0; block < MACROBLOCKS; block++) bits.ue(3).ue(0).ue(0).u(1, 1);
  return withLength(nalUnit(0x65, bits));
}

/** Each macroblock as in the frame before. */
function greyInterframe(number: number): Buffer {
  const bits = new BitWriter();
  bits.ue(0).ue(5).ue(0).u(8, number);
  bits.u(1, 0).u(1, 0).u(1, 0).ue(0).ue(MACROBLOCKS);
  return withLength(nalUnit(0x41, bits));
}

/** @param bytes of it, with its length before it */
function filler(bytes: number): Buffer {
  const unit = Buffer.alloc(bytes - 4, 0xff);
  unit[0] = 12;
  unit[unit.length - 1] = 0x80;
  return withLength(unit);
}

function withLength(unit: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(unit.length);
  return Buffer.concat([length, unit]);
}
