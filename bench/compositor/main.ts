// CPU time that the compositor's kernels take for a frame of 1080p: each in turn, in many short rounds.
// `node dist/bench/compositor/main.js [rounds]`
import { cpus, loadavg } from 'node:os';
import type { Size } from '../../src/base/geometry.js';
import { FrameMemory } from '../../src/encoder/canvas/frame-memory.js';
import { alphaFrameBytes, FramePool, frameBytes } from '../../src/encoder/canvas/frame-pool.js';
import { blendPlanes } from '../../src/encoder/compositor/blend-planes.js';
import { Compositor } from '../../src/encoder/compositor/compositor.js';
import { convertRgba } from '../../src/encoder/compositor/convert-rgba.js';
import { loadKernels } from '../../src/encoder/compositor/kernels.js';
import type { Layer } from '../../src/encoder/compositor/layer.js';
import { planesOf } from '../../src/encoder/compositor/planes.js';
import { Scaler } from '../../src/encoder/compositor/scaler.js';
import { median, summary } from '../support/statistics.js';
import { atMost } from '../support/targets.js';

const ROUNDS = Number(process.argv[2] ?? 100);
const CALLS = 5;
/** Until the engine has optimized all of it. */
const WARM_UP_CALLS = 100;
const CANVAS = { width: 1920, height: 1080 };
const WHOLE = { x: 0, y: 0, ...CANVAS };
const FRAMES = 8;

const bytes = frameBytes(CANVAS);
const imageBytes = 4 * CANVAS.width * CANVAS.height;
const memory = new FrameMemory(
  FramePool.memoryBytes(bytes, FRAMES) +
    FramePool.memoryBytes(alphaFrameBytes(CANVAS), FRAMES) +
    2 * FrameMemory.regionBytes(imageBytes) +
    FrameMemory.regionBytes(Scaler.memoryBytes) +
    Compositor.memoryBytes(CANVAS),
);
const kernels = await loadKernels(memory);
const pool = new FramePool(bytes, FRAMES, memory);
const alphaPool = new FramePool(alphaFrameBytes(CANVAS), FRAMES, memory);
const compositor = new Compositor({ size: CANVAS, pool, kernels });
const scaler = new Scaler(kernels, memory, memory.reserve(Scaler.memoryBytes));

/** Bytes that cannot be foreseen. */
const noise = (index: number) => (Math.imul(index, 0x9e3779b1) >>> 13) & 255;

/** Every byte is written: pages that never were are all one, which a processor reads much faster than frames. */
function frameOf(from: FramePool, byte: (index: number) => number) {
  const frame = from.acquire();
  if (frame === undefined) throw new Error('the pool is too small');
  for (let index = 0; index < frame.bytes.length; index++) frame.bytes[index] = byte(index);
  return { frame, address: frame.bytes.byteOffset, planes: planesOf(frame.bytes.byteOffset, CANVAS) };
}

function imageOf(alpha: (pixel: number) => number) {
  const { address } = memory.reserve(imageBytes);
  const image = Buffer.from(memory.buffer, address, imageBytes);
  for (let at = 0; at < imageBytes; at++) image[at] = at % 4 === 3 ? alpha(at >> 2) : noise(at);
  return address;
}

const first = frameOf(pool, noise);
const second = frameOf(pool, (index) => noise(index + 1e7));
const target = frameOf(pool, () => 0);
/** Most of it clear, the rest opaque, and few pixels between, as in text. */
const textAlpha = (pixel: number) => (pixel % 200 < 160 ? 0 : pixel % 200 < 195 ? 255 : noise(pixel));
const translucent = frameOf(alphaPool, (index) => 1 + (noise(index) % 254));
const text = frameOf(alphaPool, (index) => (index < bytes ? noise(index) : textAlpha(index)));
const converted = frameOf(alphaPool, () => 0);
const [opaqueImage, textImage] = [imageOf(() => 255), imageOf(textAlpha)];

function blend({ planes }: typeof text, opacity = 256): void {
  blendPlanes(kernels, target.planes, planes, opacity);
}

function scale(to: Size): void {
  const wanted = { x: 0, y: 0, ...to };
  scaler.scale({ from: CANVAS, to, wanted }, planesOf(target.address, to), first.planes, false);
}

function mix(weight: number): void {
  kernels.mixPlane(target.address, bytes, first.address, bytes, second.address, bytes, bytes, 1, weight);
}

function layer({ frame }: typeof text, hasAlpha: boolean, area = WHOLE): Layer {
  return { frame, size: CANVAS, hasAlpha, area, opacity: 1 };
}
const scene = [
  layer(first, false),
  layer(second, false, { x: 1400, y: 80, width: 480, height: 270 }),
  layer(text, true),
];

const TASKS: readonly { name: string; run: () => void; target?: number }[] = [
  {
    name: 'copy',
    run: () => kernels.copyPlane(target.address, bytes, first.address, bytes, bytes, 1),
    target: 0.1,
  },
  { name: 'fill', run: () => kernels.fillPlane(target.address, bytes, bytes, 1, 16) },
  { name: 'fade', run: () => mix(77), target: 0.4 },
  { name: 'blend, every pixel translucent', run: () => blend(translucent), target: 0.8 },
  { name: 'the same, with an opacity', run: () => blend(translucent, 100) },
  { name: 'blend, as of text', run: () => blend(text), target: 0.8 },
  { name: 'scale to 1280x720', run: () => scale({ width: 1280, height: 720 }), target: 3 },
  { name: 'scale to 960x540', run: () => scale({ width: 960, height: 540 }), target: 3 },
  { name: 'scale to 480x270', run: () => scale({ width: 480, height: 270 }), target: 3 },
  { name: 'RGBA to YUVA, opaque', run: () => convertRgba(kernels, converted.planes, opaqueImage, WHOLE) },
  { name: 'RGBA to YUVA, as of text', run: () => convertRgba(kernels, converted.planes, textImage, WHOLE) },
  { name: 'a scene: video, 480x270, text', run: () => compositor.compose(scene)?.release() },
];

/** CPU time, since what else the machine does is no part of it. */
function msPerCall(run: () => void, calls: number): number {
  const before = process.cpuUsage();
  for (let call = 0; call < calls; call++) run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / calls;
}

for (const { run } of TASKS) msPerCall(run, WARM_UP_CALLS);
const measured = TASKS.map((task) => ({ ...task, values: [] as number[] }));
for (let round = 0; round < ROUNDS; round++) {
  for (const { run, values } of measured) values.push(msPerCall(run, CALLS));
}

const load = loadavg()[0]?.toFixed(1);
console.log(
  `node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, load ${load}; ` +
    `CPU ms for a frame of 1080p, median of ${ROUNDS} rounds (smallest–largest)\n`,
);
for (const { name, values, target } of measured) {
  const shown = target === undefined ? '' : atMost(median(values), target);
  console.log(`${name.padEnd(32)} ${summary(values, 3)} ${shown}`.trimEnd());
}
