import type { ContainerSink, ReadableFile } from '../../src/media/containers/container.js';
import { containers } from '../../src/media/containers/containers.js';
import { STREAM_TAG_KINDS as KINDS, type StreamTag, type StreamTagKind } from '../../src/media/stream-tag.js';
import { AAC_HEADER, aacFrame, avcFrame } from '../../test/support/flv.js';
import { avcHeaderOf, SPS_720P30 } from '../../test/support/sps.js';
import type { Target } from '../target.js';

/** A scan and a whole file: not in the core, but in the recorder's process. */
const MAX_CPU_MS = 200;
const MAX_BYTES = 64 << 10;
const MAX_TAGS = 500;

class SmallFile implements ContainerSink, ReadableFile {
  private readonly parts: Buffer[];

  constructor(bytes: Buffer = Buffer.alloc(0)) {
    this.parts = [bytes];
  }

  get bytes(): Buffer {
    const bytes = Buffer.concat(this.parts.splice(0));
    this.parts.push(bytes);
    return bytes;
  }

  get size(): number {
    return this.bytes.length;
  }

  append(bytes: Buffer): void {
    this.parts.push(bytes);
  }

  patch(position: number, bytes: Buffer): void {
    bytes.copy(this.bytes, position);
  }

  async read(position: number, length: number): Promise<Buffer> {
    return this.bytes.subarray(position, position + length);
  }
}

const tag = (kind: StreamTagKind, timestampMs: number, payload: Buffer): StreamTag => ({
  ...{ kind, timestampMs, payload, readAtMs: 0 },
  ...(kind.startsWith('extra') ? { track: 1 } : {}),
});
const BROADCAST: readonly StreamTag[] = [
  tag('video-header', 0, avcHeaderOf(SPS_720P30)),
  tag('audio-header', 0, AAC_HEADER),
  ...Array.from({ length: 20 }, (_, n) => [
    tag(
      n % 5 === 0 ? 'keyframe' : 'interframe',
      n * 100,
      avcFrame(n % 5 === 0 ? 'keyframe' : 'interframe', n, 66),
    ),
    tag('audio', n * 100, aacFrame(n)),
  ]).flat(),
];

/** Scans the file, and goes on with what is whole. */
const scans = Object.entries(containers).map(([name, container]): Target => {
  const file = new SmallFile();
  const writer = container.begin(file);
  for (const each of BROADCAST) writer.write(each);
  writer.chapter(500, 'a chapter');
  writer.flush();
  const cutOff = Buffer.from(file.bytes);
  writer.end();
  return {
    name: `file-${name}`,
    seeds: [cutOff, file.bytes],
    maxBytes: MAX_BYTES,
    maxCpuMs: MAX_CPU_MS,
    run: async (input) => {
      const found = new SmallFile(input);
      const scanned = await container.scan(found);
      if (scanned === undefined) return;
      if (scanned.wholeBytes > input.length) throw new Error('more was found than there is');
      const resumed = new SmallFile(Buffer.from(input.subarray(0, scanned.wholeBytes)));
      const going = container.resume(resumed, scanned);
      for (const each of BROADCAST) going.write({ ...each, timestampMs: each.timestampMs + 2000 });
      going.end();
    },
  };
});

/** A tag as bytes: its kind, its time, its size and its payload. */
function toBytes({ kind, timestampMs, payload }: StreamTag): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt8(KINDS.indexOf(kind), 0);
  head.writeUInt32BE(timestampMs, 1);
  head.writeUIntBE(payload.length, 5, 3);
  return Buffer.concat([head, payload]);
}

function fromBytes(bytes: Buffer): StreamTag[] {
  const tags: StreamTag[] = [];
  for (let at = 0; at + 8 <= bytes.length && tags.length < MAX_TAGS; ) {
    const end = at + 8 + bytes.readUIntBE(at + 5, 3);
    const kind = KINDS[bytes.readUInt8(at) % KINDS.length] ?? 'audio';
    tags.push(tag(kind, bytes.readUInt32BE(at + 1), bytes.subarray(at + 8, end)));
    at = end;
  }
  return tags;
}

/** Any tags, which a publisher may have sent. */
const tags: Target = {
  name: 'recorded-tags',
  seeds: [
    Buffer.concat(BROADCAST.map(toBytes)),
    Buffer.concat(
      [
        tag('video-header', 0, Buffer.from('9061763031810004000a0b00000004479e3fffb6', 'hex')),
        tag('keyframe', 0, Buffer.from('91617630310a0b', 'hex')),
        tag('extra-audio-header', 0, Buffer.from('95006d703461011190', 'hex')),
        tag('extra-audio', 40, Buffer.from('95016d70346101aabbcc', 'hex')),
      ].map(toBytes),
    ),
  ],
  maxBytes: MAX_BYTES,
  maxCpuMs: MAX_CPU_MS,
  run: async (input) => {
    for (const container of Object.values(containers)) {
      const file = new SmallFile();
      let writer = container.begin(file);
      for (const each of fromBytes(input)) {
        if (!writer.accepts(each)) {
          writer.end();
          writer = container.begin(new SmallFile());
        }
        writer.write(each);
      }
      writer.end();
      const scanned = await container.scan(file);
      if (file.size > 0 && scanned?.isComplete !== true) throw new Error('an ended file is not complete');
    }
  },
};

export const recordingTargets: readonly Target[] = [...scans, tags];
