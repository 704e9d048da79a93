// What it costs to put three minutes of a broadcast into each container of recordings, beside `ffmpeg -c copy` on the same FLV: 720p30 that was
// encoded before, at 6 Mbit/s, in turn. Ours without the start of a process, which a recorder has once for all its files; ffmpeg's start by
// itself is measured too.
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type ContainerName, containers } from '../../src/media/containers/containers.js';
import { FlvDemuxer } from '../../src/media/flv-demuxer.js';
import { FLV_PREAMBLE, flvTag } from '../../src/media/flv-writer.js';
import { carrierOf, type StreamTag } from '../../src/media/stream-tag.js';
import { parseVideoPayload } from '../../src/media/video-payload.js';
import { recordedTags } from '../../test/support/recorded-tags.js';
import { tempDir } from '../../test/support/temp.js';
import { median, summary } from '../support/statistics.js';
import { atMost } from '../support/targets.js';
import { treeCpuSeconds } from '../support/tree-cpu.js';

const ROUNDS = Number(process.argv[2] ?? 5);
const WARM_UP_ROUNDS = 3;
const SECONDS = 180;
const CLIP_S = 10;
const KBPS = 6000;
/** As much as arrives at once. */
const CHUNK_BYTES = 64 << 10;
const MAX_RATIO = 2;
const MUXERS: Readonly<Record<ContainerName, readonly string[]>> = {
  mkv: ['-f', 'matroska'],
  'fragmented-mp4': [
    '-f',
    'mp4',
    '-movflags',
    'frag_keyframe+empty_moov+default_base_moof',
    '-frag_duration',
    '500000',
  ],
  'hybrid-mp4': ['-f', 'mp4'],
};

const folder = tempDir('containers');
const source = join(folder.path, 'source.flv');
const output = join(folder.path, 'output');

/** One clip again and again. */
async function record(): Promise<void> {
  const clip = await recordedTags({ seconds: CLIP_S, size: '1280x720', gop: 60, kbps: KBPS });
  const isHeader = ({ kind }: StreamTag) => kind.endsWith('header');
  const frames = clip.filter((tag) => !isHeader(tag));
  const tags = [...clip.filter(isHeader)];
  for (let ms = 0; ms < SECONDS * 1000; ms += CLIP_S * 1000)
    tags.push(...frames.map((tag) => ({ ...tag, timestampMs: tag.timestampMs + ms })));
  const bytes = tags.map(({ kind, timestampMs, payload }) => flvTag(carrierOf(kind), timestampMs, payload));
  writeFileSync(source, Buffer.concat([FLV_PREAMBLE, ...bytes]));
}

/** As a recorder does it, but for the time. */
function write(name: ContainerName): void {
  const [input, file] = [openSync(source, 'r'), openSync(output, 'w')];
  const writer = containers[name].begin({
    append: (bytes) => writeSync(file, bytes),
    patch: (position, bytes) => writeSync(file, bytes, 0, bytes.length, position),
  });
  const demuxer = new FlvDemuxer(({ kind: type, timestampMs, payload }) => {
    if (type === 'script') return;
    const isHeader = type === 'audio' && payload.readUInt8(1) === 0;
    const kind =
      type === 'audio' ? (isHeader ? 'audio-header' : 'audio') : videoKind(parseVideoPayload(payload).kind);
    if (kind !== undefined) writer.write({ kind, timestampMs, payload, readAtMs: 0 });
  });
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const length = readSync(input, chunk);
    if (length === 0) break;
    demuxer.push(chunk.subarray(0, length));
  }
  writer.end();
  closeSync(file);
  closeSync(input);
}

function videoKind(kind: ReturnType<typeof parseVideoPayload>['kind']): StreamTag['kind'] | undefined {
  return kind === 'header' ? 'video-header' : kind === 'other' ? undefined : kind;
}

function copy(name: ContainerName, seconds: number): void {
  const args = [
    '-nostdin',
    '-v',
    'error',
    '-y',
    '-t',
    String(seconds),
    '-i',
    source,
    '-map',
    '0',
    '-c',
    'copy',
  ];
  const { status } = spawnSync('ffmpeg', [...args, ...MUXERS[name], output], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`ffmpeg ended with ${status}`);
}

function cpuMs(work: () => void): number {
  const before = treeCpuSeconds(process.pid);
  const own = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(own);
  const children = treeCpuSeconds(process.pid) - before;
  // Its own time is known more exactly than in ticks of 10 ms.
  return Math.max(children * 1000, (user + system) / 1000);
}

await record();
console.log(`${SECONDS} s at ${KBPS} kbit/s, ms of CPU, ${ROUNDS} rounds:`);
for (const name of Object.keys(containers) as ContainerName[]) {
  const [ours, theirs, starts]: [number[], number[], number[]] = [[], [], []];
  // A recorder works for hours: what compiling its code takes does not count.
  for (let round = 0; round < WARM_UP_ROUNDS; round++) write(name);
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(cpuMs(() => write(name)));
    theirs.push(cpuMs(() => copy(name, SECONDS)));
    starts.push(cpuMs(() => copy(name, 0.1)));
  }
  const whole = median(ours) / median(theirs);
  const bare = median(ours) / (median(theirs) - median(starts));
  console.log(
    `${name}: ${summary(ours)}; ffmpeg -c copy ${summary(theirs)}, of which its start ${summary(starts)};`,
    `${whole.toFixed(2)} of it ${atMost(whole, MAX_RATIO)}, ${bare.toFixed(2)} without its start`,
  );
}
folder.dispose();
