import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { FrameMemory } from '../../../src/encoder/canvas/frame-memory.js';
import {
  alphaFrameBytes,
  type Frame,
  FramePool,
  frameBytes,
} from '../../../src/encoder/canvas/frame-pool.js';
import { Compositor } from '../../../src/encoder/compositor/compositor.js';
import { convertRgba } from '../../../src/encoder/compositor/convert-rgba.js';
import { type Kernels, loadKernels } from '../../../src/encoder/compositor/kernels.js';
import type { Layer } from '../../../src/encoder/compositor/layer.js';
import { planesOf } from '../../../src/encoder/compositor/planes.js';

const CANVAS = { width: 640, height: 360 };
const WHOLE = { x: 0, y: 0, ...CANVAS };
const PIXELS = CANVAS.width * CANVAS.height;
const LEAST_DB = 50;
/** ffmpeg's scaler, with chroma where H.264 has it; by default it takes it for centred between columns. */
const SCALER =
  'flags=bilinear+accurate_rnd:in_h_chr_pos=0:out_h_chr_pos=0:in_v_chr_pos=128:out_v_chr_pos=128';

/** The first frame that ffmpeg's graph makes of a test pattern, [under], and of these raw frames, [over]. */
function golden(graph: string, over: Buffer = Buffer.alloc(frameBytes(CANVAS)), format = 'yuv420p'): Buffer {
  const raw = ['-f', 'rawvideo', '-pix_fmt', format, '-s', '640x360', '-i', 'pipe:0'];
  const pattern = 'testsrc2=size=640x360,format=yuv420p[under];[0]null[over]';
  const filters = ['-filter_complex', `${pattern};${graph}[out]`, '-map', '[out]'];
  const { status, stdout, stderr } = spawnSync(
    'ffmpeg',
    ['-nostdin', '-v', 'error', ...raw, ...filters, '-frames:v', '1', '-f', 'rawvideo', 'pipe:1'],
    { input: over, maxBuffer: 64 * 1024 * 1024, timeout: 20_000 },
  );
  assert.equal(status, 0, stderr?.toString());
  return stdout;
}

/** Over all planes. */
function assertAlike(bytes: Buffer, expected: Buffer): void {
  assert.equal(bytes.length, expected.length);
  const error = bytes.reduce((sum, byte, index) => sum + (byte - (expected[index] ?? 0)) ** 2, 0);
  const psnr = 10 * Math.log10(255 ** 2 / (error / bytes.length));
  assert.ok(psnr >= LEAST_DB, `${psnr.toFixed(1)} dB`);
}

describe('the compositor beside ffmpeg', () => {
  let memory: FrameMemory;
  let kernels: Kernels;
  let compositor: Compositor;
  let background: Frame;
  let foreground: Frame;
  /** The foreground as a disc, clear outside, with a soft edge. */
  let disc: Frame;

  before(async () => {
    memory = new FrameMemory(16 * 1024 * 1024);
    kernels = await loadKernels(memory);
    const pool = new FramePool(frameBytes(CANVAS), 2, memory);
    compositor = new Compositor({ size: CANVAS, pool, kernels });
    background = frameOf(golden('[over]nullsink;[under]null'));
    foreground = frameOf(golden('[over]nullsink;[under]nullsink;testsrc=size=640x360,format=yuv420p'));
    const alpha = Array.from({ length: PIXELS }, (_, at) => {
      const distance = Math.hypot((at % 640) - 200, Math.floor(at / 640) - 120);
      return Math.min(255, Math.max(0, 3 * (150 - distance)));
    });
    disc = frameOf(Buffer.concat([foreground.bytes, Buffer.from(alpha)]));
  });

  function frameOf(bytes: Buffer): Frame {
    const frame = new FramePool(bytes.length, 1, memory).acquire();
    assert.ok(frame);
    bytes.copy(frame.bytes);
    return frame;
  }

  function layer(frame: Frame, changes: Partial<Layer> = {}): Layer {
    return { frame, size: CANVAS, hasAlpha: false, area: WHOLE, opacity: 1, ...changes };
  }

  function assertComposed(over: Layer, expected: Buffer): void {
    const frame = compositor.compose([layer(background), over]);
    assert.ok(frame);
    assertAlike(frame.bytes, expected);
    frame.release();
  }

  it('blends as its overlay does, also at an edge', () => {
    for (const [x, y] of [
      [0, 0],
      [100, 62],
      [-150, 200],
    ] as const) {
      const area = { x, y, ...CANVAS };
      const expected = golden(`[under][over]overlay=${x}:${y}`, disc.bytes, 'yuva420p');
      assertComposed(layer(disc, { hasAlpha: true, area }), expected);
    }
  });

  it('applies an opacity as its overlay does the alpha', () => {
    const faded = Buffer.concat([foreground.bytes, Buffer.alloc(PIXELS, 102)]);
    const expected = golden('[under][over]overlay=40:-20', faded, 'yuva420p');
    assertComposed(layer(foreground, { area: { x: 40, y: -20, ...CANVAS }, opacity: 0.4 }), expected);
  });

  it('scales as its bilinear scaler does', () => {
    for (const [width, height] of [
      [320, 180],
      [482, 270],
      [100, 56],
    ] as const) {
      const graph = `[over]scale=${width}:${height}:${SCALER}[small];[under][small]overlay=20:20`;
      const area = { x: 20, y: 20, width, height };
      assertComposed(layer(foreground, { area }), golden(graph, foreground.bytes));
    }
  });

  it('scales a layer with alpha and blends it', () => {
    const graph = `[over]scale=320:180:${SCALER}[small];[under][small]overlay=300:20`;
    const area = { x: 300, y: 20, width: 320, height: 180 };
    assertComposed(layer(disc, { hasAlpha: true, area }), golden(graph, disc.bytes, 'yuva420p'));
  });

  it('fades as its blend filter does', () => {
    const frame = compositor.fade(background, foreground, 0.3);
    assert.ok(frame);
    assertAlike(frame.bytes, golden('[under][over]blend=all_opacity=0.7', foreground.bytes));
    frame.release();
  });

  it('converts RGBA as its scaler does', () => {
    // Smooth, since the two differ in how they make one chroma sample of several pixels.
    const rgba = golden('[over]nullsink;[under]gblur=sigma=4,format=rgba');
    const to709 = 'out_color_matrix=bt709:out_range=tv:flags=bilinear+accurate_rnd+full_chroma_inp';
    const expected = golden(`[under]nullsink;[over]scale=${to709},format=yuv420p`, rgba, 'rgba');
    const { address } = memory.reserve(rgba.length);
    rgba.copy(Buffer.from(memory.buffer, address, rgba.length));
    const { bytes } = frameOf(Buffer.alloc(alphaFrameBytes(CANVAS)));
    const planes = planesOf(bytes.byteOffset, CANVAS);
    convertRgba(kernels, planes, address, WHOLE);
    assertAlike(bytes.subarray(0, frameBytes(CANVAS)), expected);
    assert.ok(bytes.subarray(frameBytes(CANVAS)).every((alpha) => alpha === 255));
  });
});
