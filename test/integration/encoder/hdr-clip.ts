import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeMedia } from './test-media.js';

type Linear = readonly [number, number, number];

const WIDTH = 320;
const HEIGHT = 180;
const PATCH = 40;

/** Light of BT.709's primaries, nits: greys, then skin under white of 203 nits, then red. */
const PATCHES: readonly Linear[] = [
  ...[0, 20, 100, 203, 500, 1000].map((nits): Linear => [nits, nits, nits]),
  [203 * 0.45, 203 * 0.25, 203 * 0.17],
  [203, 0, 0],
];

/** ITU-R BT.2087, inverse. */
function toBt2020([r, g, b]: Linear): Linear {
  return [
    0.6274 * r + 0.3293 * g + 0.0433 * b,
    0.0691 * r + 0.9195 * g + 0.0114 * b,
    0.0164 * r + 0.088 * g + 0.8956 * b,
  ];
}

/** SMPTE ST 2084. */
function pq(nits: number): number {
  const y = (nits / 10_000) ** 0.1593017578125;
  return ((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y)) ** 78.84375;
}

/** ITU-R BT.2100's HLG for a display of 1000 nits: its inverse OOTF, then its OETF. */
function hlg(light: Linear): Linear {
  const [r, g, b] = light;
  const luminance = (0.2627 * r + 0.678 * g + 0.0593 * b) / 1000;
  const gain = luminance > 0 ? luminance ** ((1 - 1.2) / 1.2) : 0;
  const oetf = (nits: number) => {
    const scene = (nits / 1000) * gain;
    return scene <= 1 / 12
      ? Math.sqrt(3 * scene)
      : 0.17883277 * Math.log(12 * scene - 0.28466892) + 0.55991073;
  };
  return [oetf(r), oetf(g), oetf(b)];
}

/** A clip of 320 × 180 pixels with patches 40 pixels wide: 0, 20, 100, 203, 500, 1000 nits, skin, red. */
export async function hdrClip(folder: string, transfer: 'smpte2084' | 'arib-std-b67'): Promise<string> {
  const luma = new Uint16Array(WIDTH * HEIGHT);
  const cb = new Uint16Array((WIDTH * HEIGHT) / 4);
  const cr = new Uint16Array((WIDTH * HEIGHT) / 4);
  PATCHES.forEach((patch, n) => {
    const light = toBt2020(patch);
    const [r, g, b] = transfer === 'smpte2084' ? [pq(light[0]), pq(light[1]), pq(light[2])] : hlg(light);
    const y = 0.2627 * r + 0.678 * g + 0.0593 * b;
    for (let row = 0; row < HEIGHT; row++) {
      luma.fill(Math.round(64 + 876 * y), row * WIDTH + n * PATCH, row * WIDTH + (n + 1) * PATCH);
    }
    for (let row = 0; row < HEIGHT / 2; row++) {
      const [begin, end] = [(row * WIDTH) / 2 + (n * PATCH) / 2, (row * WIDTH) / 2 + ((n + 1) * PATCH) / 2];
      cb.fill(Math.round(512 + (896 * (b - y)) / 1.8814), begin, end);
      cr.fill(Math.round(512 + (896 * (r - y)) / 1.4746), begin, end);
    }
  });
  const raw = join(folder, `${transfer}.yuv`);
  const frame = Buffer.concat([luma, cb, cr].map((plane) => Buffer.from(plane.buffer)));
  writeFileSync(raw, Buffer.concat([frame, frame, frame]));
  return makeMedia(folder, `${transfer}.mp4`, [
    ...['-f', 'rawvideo', '-s', `${WIDTH}x${HEIGHT}`, '-pix_fmt', 'yuv420p10le', '-r', '25', '-i', raw],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '0', '-color_primaries', 'bt2020'],
    ...['-color_trc', transfer, '-colorspace', 'bt2020nc', '-color_range', 'tv'],
  ]);
}
