import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BroadcastConfigInput } from '../../../src/config/schema.js';
import { resolveFfmpeg } from '../../../src/encoder/ffmpeg-resolver.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import {
  bt709,
  type DecodedFrame,
  decodeFrames,
  HEIGHT,
  type Reader,
  type Rgb,
  soundPeak,
  WIDTH,
  type Yuv,
} from './decoded-frames.js';
import { hdrClip } from './hdr-clip.js';
import { makeMedia } from './test-media.js';

type Input = BroadcastConfigInput['input'];

const candidate = (wanted: string) =>
  resolveFfmpeg().candidates.find(({ origin }) => origin === wanted)?.path ?? 'ffmpeg';
const BINARIES = {
  /** The oldest supported ffmpeg; included in the npm package. */
  'ffmpeg of 2018': candidate('@ffmpeg-installer/ffmpeg'),
  'ffmpeg on the PATH': candidate('PATH'),
};
/** Largest difference of a sample from what it should be, of 255. */
const TOLERANCE = 3;

const RED: Rgb = [200, 30, 40];
const GREEN: Rgb = [40, 180, 60];
const BLUE: Rgb = [30, 60, 210];
const WHITE: Rgb = [240, 235, 230];
const BLACK: Rgb = [0, 0, 0];
/** Top left, top right, bottom left, bottom right. */
const CORNERS = [RED, GREEN, BLUE, WHITE] as const;

const hex = (rgb: Rgb) => `0x${rgb.map((value) => value.toString(16).padStart(2, '0')).join('')}`;

/** Four coloured corners. */
function corners(width: number, height: number, rest = ''): string[] {
  const boxes = CORNERS.map(
    (colour, n) => `drawbox=x=${n % 2}*iw/2:y=${n >> 1}*ih/2:w=iw/2:h=ih/2:color=${hex(colour)}:t=fill`,
  );
  const graph = [`color=black:size=${width}x${height}:rate=25:duration=0.2`, 'format=gbrp', ...boxes];
  return ['-f', 'lavfi', '-i', graph.join(',') + rest];
}

const toYuv = (matrix: string, range = 'tv', format = 'yuv420p') =>
  `,scale=out_color_matrix=${matrix}:out_range=${range}:flags=accurate_rnd+full_chroma_int,format=${format}`;
const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '2'];

function assertColour(
  frame: DecodedFrame | undefined,
  x: number,
  y: number,
  expected: Yuv,
  what: string,
): void {
  const found = frame?.at(Math.round(x), Math.round(y)) ?? [];
  const close =
    found.length === 3 && found.every((value, n) => Math.abs(value - (expected[n] ?? 0)) <= TOLERANCE);
  assert.ok(close, `${what}: ${found} in place of ${expected}`);
}

/** The centres of the corners of a frame that fills the middle of the canvas. */
function assertCorners(
  frame: DecodedFrame | undefined,
  colours: readonly Rgb[] = CORNERS,
  [width, height]: readonly [number, number] = [WIDTH, HEIGHT],
): void {
  colours.forEach((colour, n) => {
    const x = (WIDTH - width) / 2 + width * (n % 2 === 0 ? 0.25 : 0.75);
    const y = (HEIGHT - height) / 2 + height * (n < 2 ? 0.25 : 0.75);
    assertColour(frame, x, y, bt709(colour), `corner ${n}`);
  });
  if (width < WIDTH - 4) assertColour(frame, 1, HEIGHT / 2, bt709(BLACK), 'bar');
  if (height < HEIGHT - 4) assertColour(frame, WIDTH / 2, 1, bt709(BLACK), 'bar');
}

/** Adds EXIF data with an orientation to a JPEG file. */
function withOrientation(jpeg: Buffer, orientation: number): Buffer {
  const tiff = Buffer.from('4d4d002a00000008000101120003000000010000000000000000', 'hex');
  tiff.writeUInt16BE(orientation, 18);
  const body = Buffer.concat([Buffer.from('Exif\0\0'), tiff]);
  const head = Buffer.from([0xff, 0xe1, 0, body.length + 2]);
  return Buffer.concat([jpeg.subarray(0, 2), head, body, jpeg.subarray(2)]);
}

/** Which corner is seen where, by EXIF orientation (JEITA CP-3451, 4.6.4). */
const ORIENTATIONS: readonly (readonly [number, number, number, number])[] = [
  [0, 1, 2, 3],
  [1, 0, 3, 2],
  [3, 2, 1, 0],
  [2, 3, 0, 1],
  [0, 2, 1, 3],
  [2, 0, 3, 1],
  [3, 1, 2, 0],
  [1, 3, 0, 2],
];
const cornersInOrder = (order: readonly number[]) => order.map((n) => CORNERS[n] ?? BLACK);

const EVERY: readonly Reader[] = ['pulled', 'received'];

/** Decodings that run at once. */
const AT_ONCE = 4;

interface Case {
  readonly name: string;
  /** Creates the input in the folder. */
  readonly make: (folder: string) => Promise<Input> | Input;
  /** Pulled alone if undefined. */
  readonly readers?: readonly Reader[];
  readonly frames?: number;
  readonly fps?: number;
  readonly judge: (frames: readonly DecodedFrame[]) => void;
}

const file = async (path: Promise<string>): Promise<Input> => ({
  type: 'file',
  path: await path,
  loop: false,
});
const image = async (path: Promise<string>): Promise<Input> => ({ type: 'image', path: await path });

const CASES: readonly Case[] = [
  {
    name: 'SD that is tagged as BT.601',
    readers: EVERY,
    make: (folder) =>
      file(
        makeMedia(folder, 'sd.mp4', [
          ...corners(320, 180, toYuv('bt601')),
          ...H264,
          '-colorspace',
          'bt470bg',
        ]),
      ),
    judge: ([frame]) => assertCorners(frame),
  },
  {
    name: 'SD that is not tagged',
    make: (folder) =>
      file(makeMedia(folder, 'sd-untagged.mp4', [...corners(320, 180, toYuv('bt601')), ...H264])),
    judge: ([frame]) => assertCorners(frame),
  },
  {
    name: 'HD that is not tagged',
    readers: EVERY,
    make: (folder) =>
      file(makeMedia(folder, 'hd-untagged.ts', [...corners(1280, 720, toYuv('bt709')), ...H264])),
    judge: ([frame]) => assertCorners(frame),
  },
  {
    name: 'HD that is tagged as BT.601',
    make: (folder) =>
      file(
        makeMedia(folder, 'hd-601.mp4', [
          ...corners(1280, 720, toYuv('bt601')),
          ...H264,
          '-colorspace',
          'smpte170m',
        ]),
      ),
    judge: ([frame]) => assertCorners(frame),
  },
  {
    name: 'full range',
    make: (folder) =>
      file(
        makeMedia(folder, 'full.mp4', [
          ...[
            ...corners(320, 180, toYuv('bt709', 'pc')),
            ...H264,
            '-colorspace',
            'bt709',
            '-color_range',
            'pc',
          ],
        ]),
      ),
    judge: ([frame]) => assertCorners(frame),
  },
  {
    name: 'RGB',
    make: (folder) => file(makeMedia(folder, 'rgb.mkv', [...corners(320, 180), '-c:v', 'ffv1'])),
    judge: ([frame]) => assertCorners(frame),
  },
  {
    name: 'a stream whose size, aspect, matrix and range change',
    readers: EVERY,
    make: async (folder) => {
      const parts = await Promise.all([
        makeMedia(folder, 'a.ts', [...corners(320, 180, toYuv('bt709')), ...H264, '-colorspace', 'bt709']),
        makeMedia(folder, 'b.ts', [
          ...[...corners(180, 180, `${toYuv('bt601')},setsar=4/3`), ...H264, '-colorspace', 'bt470bg'],
        ]),
        makeMedia(folder, 'c.ts', [
          ...[
            ...corners(320, 90, toYuv('bt709', 'pc')),
            ...H264,
            '-colorspace',
            'bt709',
            '-color_range',
            'pc',
          ],
        ]),
      ]);
      const path = join(folder, 'changing.ts');
      writeFileSync(path, Buffer.concat(parts.map((part) => readFileSync(part))));
      return { type: 'file', path, loop: false };
    },
    frames: 90,
    fps: 25,
    judge: (frames) => {
      assertCorners(frames[2]);
      const last = frames.at(-1);
      assertCorners(last, CORNERS, [320, 90]);
      // BT.601, with bars at the left and the right.
      const second = frames.find((frame) => frame.luma(20, 90) < 20 && frame.luma(50, 45) > 40);
      assertCorners(second, CORNERS, [240, 180]);
    },
  },
  {
    name: 'pixels that are not square',
    make: (folder) =>
      file(makeMedia(folder, 'sar.mp4', [...corners(144, 72, `${toYuv('bt601')},setsar=1/2`), ...H264])),
    judge: ([frame]) => assertCorners(frame, CORNERS, [180, 180]),
  },
  {
    name: 'an odd size',
    make: (folder) => image(makeMedia(folder, 'odd.png', [...corners(101, 77), '-frames:v', '1'])),
    judge: ([frame]) => assertCorners(frame, CORNERS, [236, 180]),
  },
  {
    name: 'an image that is one pixel wide',
    make: (folder) =>
      image(
        makeMedia(folder, 'thin.png', [
          '-f',
          'lavfi',
          '-i',
          `color=${hex(WHITE)}:s=2x1000,format=rgb24,crop=1`,
          '-frames:v',
          '1',
        ]),
      ),
    judge: ([frame]) => {
      assert.ok((frame?.luma(158, 90) ?? 0) > 200);
      assertColour(frame, 100, 90, bt709(BLACK), 'bar');
    },
  },
  {
    name: 'an image that is 40,000 pixels wide',
    make: (folder) => image(makeMedia(folder, 'wide.png', [...corners(40_000, 20), '-frames:v', '1'])),
    judge: ([frame]) => assertColour(frame, 160, 10, bt709(BLACK), 'bar'),
  },
  {
    name: 'an image whose name looks like a pattern',
    make: async (folder) => {
      const jpeg = readFileSync(
        await makeMedia(folder, 'plain.jpg', [...corners(320, 180), '-frames:v', '1', '-q:v', '1']),
      );
      const path = join(folder, "-50%d off: [it's]\n, \\n.jpg");
      writeFileSync(path, jpeg);
      return { type: 'image', path };
    },
    judge: ([frame]) => assertCorners(frame),
  },
  ...ORIENTATIONS.map(
    (order, n): Case => ({
      name: `a photograph of EXIF orientation ${n + 1}`,
      make: async (folder) => {
        const name = `photo-${n + 1}.jpg`;
        const path = await makeMedia(folder, name, [...corners(160, 80), '-frames:v', '1', '-q:v', '1']);
        writeFileSync(path, withOrientation(readFileSync(path), n + 1));
        return { type: 'image', path };
      },
      judge: ([frame]) => assertCorners(frame, cornersInOrder(order), n < 4 ? [320, 160] : [90, 180]),
    }),
  ),
  ...[90, 180, 270].map(
    (angle): Case => ({
      name: `a phone's recording, turned by ${angle}°`,
      make: async (folder) => {
        const path = await makeMedia(folder, `upright-${angle}.mp4`, [
          ...[...corners(160, 80, toYuv('bt601')), '-f', 'lavfi', '-i', 'sine=duration=0.2', ...H264],
        ]);
        const turned = ['-i', path, '-c', 'copy', '-metadata:s:v', `rotate=${angle}`];
        return file(makeMedia(folder, `turned-${angle}.mp4`, turned));
      },
      judge: ([frame]) => {
        const orientation = { 90: 8, 180: 3, 270: 6 }[angle] ?? 1;
        const order = ORIENTATIONS[orientation - 1] ?? [];
        assertCorners(frame, cornersInOrder(order), angle === 180 ? [320, 160] : [90, 180]);
      },
    }),
  ),
  ...(
    [
      ['alpha.png', []],
      ['alpha.webp', ['-c:v', 'libwebp', '-lossless', '1']],
      ['lossy.webp', ['-c:v', 'libwebp', '-quality', '95']],
      ['alpha.tif', []],
      [
        'alpha.gif',
        ['-filter_complex', 'split[a][b];[a]palettegen=reserve_transparent=1[p];[b][p]paletteuse'],
      ],
      ['alpha.mov', ['-c:v', 'prores_ks', '-profile:v', '4', '-pix_fmt', 'yuva444p10']],
      ['qtrle.mov', ['-c:v', 'qtrle']],
      [
        'alpha.webm',
        ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-crf', '4', '-b:v', '0', '-pix_fmt', 'yuva420p'],
      ],
    ] as const
  ).map(
    ([name, encode]): Case => ({
      name: `what is transparent in ${name}`,
      make: async (folder) => {
        // The left half is transparent, over a colour.
        const alpha = ",format=rgba,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='255*gte(X,W/2)'";
        const path = await makeMedia(folder, name, [
          ...corners(320, 180, alpha),
          '-frames:v',
          '1',
          ...encode,
        ]);
        return {
          type: /mov|webm/.test(name) ? 'file' : 'image',
          path,
          ...(/mov|webm/.test(name) ? { loop: false } : {}),
        } as Input;
      },
      judge: ([frame]) => assertCorners(frame, [BLACK, GREEN, BLACK, WHITE]),
    }),
  ),
  ...['song.mp3', 'song.m4a', 'song.flac'].map(
    (name): Case => ({
      name: `the cover of ${name}`,
      make: async (folder) => {
        const cover = await makeMedia(folder, `${name}.png`, [...corners(180, 180), '-frames:v', '1']);
        return file(
          makeMedia(folder, name, [
            ...['-f', 'lavfi', '-i', 'sine=duration=0.5', '-i', cover, '-map', '0', '-map', '1'],
            ...['-c:v', 'copy', '-disposition:v', 'attached_pic'],
          ]),
        );
      },
      frames: 12,
      judge: (frames) => {
        // Its reader repeats it.
        assert.equal(frames.length, 1);
        assertCorners(frames[0], CORNERS, [180, 180]);
      },
    }),
  ),
  ...(['smpte2084', 'arib-std-b67'] as const).map(
    (transfer): Case => ({
      name: `HDR, ${transfer}`,
      make: (folder) => file(hdrClip(folder, transfer)),
      judge: ([frame]) => {
        const level = (n: number) => ((frame?.luma(20 + n * 40, 90) ?? 0) - 16) / 219;
        const nits = [0, 20, 100, 203, 500, 1000].map((_, n) => level(n));
        const [black = 1, dark = 0, grey = 0, white = 0, bright = 0, brightest = 0] = nits;
        assert.ok(Math.abs(black) < 0.02, `black: ${black}`);
        // Below white as bright as on a display of that white: a gamma of 2.4.
        assert.ok(Math.abs(dark - (20 / 203) ** (1 / 2.4)) < 0.03, `20 nits: ${dark}`);
        assert.ok(Math.abs(grey - (100 / 203) ** (1 / 2.4)) < 0.03, `100 nits: ${grey}`);
        assert.ok(white > 0.85 && white < 0.95, `203 nits: ${white}`);
        assert.ok(
          bright > white + 0.03 && brightest >= bright && brightest <= 1.01,
          `${bright}, ${brightest}`,
        );
        // Skin keeps its colour.
        const skin: Rgb = [0.45, 0.25, 0.17].map((value) => value ** (1 / 2.4) * 255) as unknown as Rgb;
        const [y, cb, cr] = frame?.at(20 + 6 * 40, 90) ?? [0, 0, 0];
        const [wantedY, wantedCb, wantedCr] = bt709(skin);
        for (const [found, wanted] of [
          [y, wantedY],
          [cb, wantedCb],
          [cr, wantedCr],
        ] as const) {
          assert.ok(Math.abs(found - wanted) <= 6, `skin: ${[y, cb, cr]} in place of ${bt709(skin)}`);
        }
      },
    }),
  ),
];

/** A bar that moves by 8 pixels in each field, interlaced or not. */
function movingBar(folder: string, interlaced: boolean): Promise<string> {
  const bar =
    "color=black:size=320x180:rate=50:duration=0.6,format=gray,geq=lum='if(lt(mod(X-8*N+3200,160),60),220,40)'";
  const weave = interlaced ? ',tinterlace=interleave_bottom' : ',fps=25';
  return makeMedia(folder, interlaced ? 'interlaced.ts' : 'progressive.ts', [
    ...['-f', 'lavfi', '-i', `${bar}${weave},format=yuv420p`],
    ...(interlaced ? ['-flags', '+ildct+ilme'] : []),
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-qp', '4', '-colorspace', 'bt709'],
  ]);
}

/** Where the bar begins in the middle row. */
function leftEdge(frame: DecodedFrame): number {
  for (let x = 170; x < 320; x++) if (frame.luma(x - 1, 90) < 130 && frame.luma(x, 90) >= 130) return x;
  return 0;
}

describe('frames of every input', function () {
  this.timeout(90_000);
  let dir: TempDir;
  /** By binary, reader and case. */
  const decoded = new Map<string, readonly DecodedFrame[] | Error>();
  const cacheFolder = () => join(dir.path, 'cache');

  before(async () => {
    dir = tempDir('frames');
    const queue = [...CASES];
    const worker = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const { name, make, readers = ['pulled'], frames = 1, fps = 30 } = next;
        const made = await Promise.resolve(make(dir.path)).catch((error: Error) => error);
        for (const [binary, ffmpeg] of Object.entries(BINARIES)) {
          for (const reader of readers) {
            const key = `${binary} ${reader} ${name}`;
            const options = { ffmpeg, reader, cacheFolder: join(dir.path, key), frames, fps };
            decoded.set(
              key,
              made instanceof Error ? made : await decodeFrames(made, options).catch((error: Error) => error),
            );
          }
        }
      }
    };
    await Promise.all([
      ...Array.from({ length: AT_ONCE }, worker),
      ...[true, false].map((interlaced) => movingBar(dir.path, interlaced)),
    ]);
  });
  after(() => dir.dispose());

  it('are refused where an image is too large', async () => {
    const path = join(dir.path, 'huge.png');
    const header = Buffer.from('89504e470d0a1a0a0000000d4948445200009c4000009c400800000000', 'hex');
    writeFileSync(path, header);
    const refused = decodeFrames(
      { type: 'image', path },
      { ffmpeg: BINARIES['ffmpeg on the PATH'], cacheFolder: dir.path },
    );
    await assert.rejects(refused, {
      code: 'input.invalid',
      message: /40000 × 40000 pixels/,
      where: path,
      remedy: /at most 100 million pixels/,
    });
  });

  for (const [binary, ffmpeg] of Object.entries(BINARIES)) {
    describe(`by the ${binary}`, () => {
      for (const given of CASES) {
        for (const reader of given.readers ?? ['pulled' as const]) {
          it(`are right: ${given.name} (${reader})`, () => {
            const frames = decoded.get(`${binary} ${reader} ${given.name}`) ?? [];
            if (frames instanceof Error) throw frames;
            given.judge(frames);
          });
        }
      }

      it('are deinterlaced, one frame for each two fields, where the frames are interlaced', async () => {
        const options = { ffmpeg, cacheFolder: cacheFolder(), frames: 12, fps: 25 };
        const interlaced: Input = { type: 'file', path: join(dir.path, 'interlaced.ts'), loop: false };
        const progressive: Input = { type: 'file', path: join(dir.path, 'progressive.ts'), loop: false };
        const [woven, whole] = [
          await decodeFrames(interlaced, options),
          await decodeFrames(progressive, options),
        ];
        const most = (frames: readonly DecodedFrame[]) =>
          Math.max(...frames.slice(2).map((frame) => frame.combing()));
        assert.ok(most(whole) < 1, `progressive: ${most(whole)}`);
        assert.ok(most(woven) < 1.5, `deinterlaced: ${most(woven)}`);
        const live = await decodeFrames(interlaced, { ...options, reader: 'received' });
        assert.ok(most(live) < 1.5, `deinterlaced, received: ${most(live)}`);
      });

      it('are one for each field where the programme has the rate of fields', async () => {
        const options = { ffmpeg, cacheFolder: cacheFolder(), frames: 24, fps: 50 };
        const frames = await decodeFrames(
          { type: 'file', path: join(dir.path, 'interlaced.ts'), loop: false },
          options,
        );
        const edges = frames.slice(4, 20).map((frame) => leftEdge(frame));
        edges.slice(1).forEach((edge, n) => {
          const step = (edge - (edges[n] ?? 0) + 160) % 160;
          assert.ok(Math.abs(step - 8) <= 2, `steps from ${edges[n]} to ${edge}`);
        });
      });

      it('come with the default sound track, else the first', async () => {
        for (const [name, expected] of Object.entries({ 'second-default.mkv': 8000, 'no-default.mkv': 0 })) {
          const path = await makeMedia(dir.path, name, [
            ...[...corners(320, 180), '-f', 'lavfi', '-i', 'anullsrc=d=1', '-f', 'lavfi', '-i', 'sine=d=1'],
            ...[
              '-map',
              '0',
              '-map',
              '1',
              '-map',
              '2',
              '-c:a',
              'pcm_s16le',
              '-af:a:1',
              'volume=4',
              '-ac:a:1',
              '2',
            ],
            ...['-disposition:a:0', '0', '-disposition:a:1', expected > 0 ? 'default' : '0'],
          ]);
          const peak = await soundPeak(
            { type: 'file', path, loop: false },
            { ffmpeg, cacheFolder: cacheFolder() },
          );
          assert.ok(peak >= expected && (expected > 0 || peak < 10), `${name}: ${peak}`);
        }
      });
    });
  }
});
