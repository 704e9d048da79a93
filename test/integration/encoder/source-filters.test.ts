import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NamedSourceSchema, type SourceFilters } from '../../../src/config/schema.js';
import { soundFilters, sourceFilters } from '../../../src/encoder/arguments/source-filters.js';
import { resolveFfmpeg } from '../../../src/encoder/ffmpeg-resolver.js';
import { type TempDir, tempDir } from '../../support/temp.js';

const SIZE = { width: 64, height: 36 };
const PIXELS = SIZE.width * SIZE.height;
const { candidates } = resolveFfmpeg();
const BINARIES = candidates.flatMap(({ origin, path }) =>
  path !== undefined && (origin === 'PATH' || origin.includes('installer')) ? [{ origin, path }] : [],
);

/** Y, U, V and alpha. */
type Pixel = readonly number[];

const filtersOf = (written: object): SourceFilters => {
  const source = NamedSourceSchema.parse({ id: 'a', type: 'colour', filters: written });
  return ('filters' in source ? source.filters : undefined) ?? assert.fail();
};

describe('filters of a source', () => {
  let folder: TempDir;
  before(() => {
    folder = tempDir('filters');
  });
  after(() => folder.dispose());

  /** What the filters make of noise, and of a tone in it that begins after three seconds: how loud both are, dBFS. */
  function heard(binary: string, written: object): { readonly noise: number; readonly tone: number } {
    const rate = 48_000;
    let state = 7;
    const sound = Int16Array.from({ length: 4 * rate }, (_, at) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
      const tone = at < 3 * rate ? 0 : 6000 * Math.sin((2 * Math.PI * 1000 * at) / rate);
      return Math.round((state >> 16) / 100 + tone);
    });
    const filters = soundFilters(filtersOf(written));
    const pcm = ['-f', 's16le', '-ar', String(rate), '-ac', '1'];
    const out = execFileSync(
      binary,
      [
        ...[
          '-v',
          'error',
          ...pcm,
          '-i',
          'pipe:0',
          ...(filters.length === 0 ? [] : ['-af', filters.join(',')]),
        ],
        ...[...pcm, 'pipe:1'],
      ],
      { input: Buffer.from(sound.buffer) },
    );
    const levelOf = (fromS: number, toS: number) => {
      let sum = 0;
      for (let at = fromS * rate; at < toS * rate; at++) sum += out.readInt16LE(2 * at) ** 2;
      return 10 * Math.log10(sum / ((toS - fromS) * rate) / 32_768 ** 2);
    };
    return { noise: levelOf(2, 2.75), tone: levelOf(3.25, 3.75) };
  }

  /** What the filters make of a frame of two halves: a pixel of each, and the one at the border. */
  function filtered(
    binary: string,
    written: object,
    halves: readonly [Pixel, Pixel],
  ): readonly (readonly number[])[] {
    const hasAlpha = halves[0].length === 4;
    const plane = (part: number, width: number, height: number) =>
      Buffer.from(
        Array.from(
          { length: width * height },
          (_, at) => halves[at % width < width / 2 ? 0 : 1][part] ?? 255,
        ),
      );
    const frame = Buffer.concat([
      plane(0, SIZE.width, SIZE.height),
      plane(1, SIZE.width / 2, SIZE.height / 2),
      plane(2, SIZE.width / 2, SIZE.height / 2),
      ...(hasAlpha ? [plane(3, SIZE.width, SIZE.height)] : []),
    ]);
    const pixels = hasAlpha ? 'yuva420p' : 'yuv420p';
    const given = [
      '-f',
      'rawvideo',
      '-pix_fmt',
      pixels,
      '-s',
      `${SIZE.width}x${SIZE.height}`,
      '-i',
      'pipe:0',
    ];
    const filters = [
      'setparams=range=tv:colorspace=bt709',
      ...sourceFilters(filtersOf(written), { hasAlpha, keepsAlpha: true }),
    ];
    const out = execFileSync(
      binary,
      ['-v', 'error', ...given, '-vf', filters.join(','), '-pix_fmt', pixels, '-f', 'rawvideo', '-'],
      { input: frame },
    );
    assert.equal(out.length, frame.length);
    return [8, SIZE.width / 2 - 1, SIZE.width - 8].map((x) => {
      const chroma = 9 * (SIZE.width / 2) + Math.floor(x / 2);
      const luma = 18 * SIZE.width + x;
      const [y = 0, u = 0, v = 0] = [out[luma], out[PIXELS + chroma], out[PIXELS * 1.25 + chroma]];
      return hasAlpha ? [y, u, v, out[PIXELS * 1.5 + luma] ?? 0] : [y, u, v];
    });
  }

  const near = (actual: readonly number[] | undefined, expected: readonly number[], by = 2) =>
    assert.ok(
      expected.every((value, at) => Math.abs(value - (actual?.[at] ?? -99)) <= by),
      `${actual}, not ${expected}`,
    );

  const DARK: Pixel = [60, 100, 150];
  const LIGHT: Pixel = [180, 140, 110];

  for (const { origin, path } of BINARIES) {
    describe(`by the ffmpeg of ${origin}`, () => {
      it('change brightness, contrast, gamma, saturation and hue, and nothing else', () => {
        const cases: readonly [object, Pixel, Pixel][] = [
          [{}, DARK, LIGHT],
          [{ brightness: 0.1 }, [82, 100, 150], [202, 140, 110]],
          [{ brightness: 1 }, [235, 100, 150], [235, 140, 110]],
          [{ contrast: 0 }, [126, 100, 150], [126, 140, 110]],
          [{ contrast: 2 }, [16, 100, 150], [235, 140, 110]],
          [{ gamma: 2 }, [114, 100, 150], [205, 140, 110]],
          [{ saturation: 0 }, [60, 128, 128], [180, 128, 128]],
          [{ saturation: 2 }, [60, 72, 172], [180, 152, 92]],
          [{ hueDegrees: 180 }, [60, 156, 106], [180, 116, 146]],
        ];
        for (const [filters, left, right] of cases) {
          const [first, , last] = filtered(path, filters, [DARK, LIGHT]);
          near(first, left);
          near(last, right);
        }
      });

      it('blur and sharpen what lies beside each other', () => {
        const [, plain] = filtered(path, {}, [DARK, LIGHT]);
        const [, blurred] = filtered(path, { blur: 4 }, [DARK, LIGHT]);
        const [, sharp] = filtered(path, { sharpen: 1.5 }, [DARK, LIGHT]);
        near(plain, [60]);
        assert.ok((blurred?.[0] ?? 0) > 100, `${blurred}`);
        assert.ok((sharp?.[0] ?? 99) < 40, `${sharp}`);
      });

      it('apply a table of colours, whatever its name', () => {
        const table = join(folder.path, "a: warm, [really] 'odd';100%.cube");
        // Red and blue change places.
        const rows = [0, 1].flatMap((b) => [0, 1].flatMap((g) => [0, 1].map((r) => `${b} ${g} ${r}`)));
        writeFileSync(table, ['LUT_3D_SIZE 2', ...rows, ''].join('\n'));
        // Red and blue in BT.709.
        const [first, , last] = filtered(path, { lut: table }, [
          [63, 102, 240],
          [32, 240, 118],
        ]);
        near(first, [32, 240, 118], 4);
        near(last, [63, 102, 240], 4);
      });

      it('make one colour transparent, and what is like it, and leave the others', () => {
        // Green and skin in BT.709, with a full alpha to have it in what comes out.
        const halves = [
          [173, 42, 26, 255],
          [150, 110, 150, 255],
        ] as const;
        const [green, , skin] = filtered(path, { chromaKey: {} }, halves);
        assert.deepEqual([green?.[3], skin?.[3]], [0, 255]);
        near(skin, [150, 110, 150]);
        const [other] = filtered(path, { chromaKey: { colour: '#0000ff' } }, halves);
        assert.equal(other?.[3], 255);
        const filters = sourceFilters(filtersOf({ chromaKey: {} }), { hasAlpha: false, keepsAlpha: false });
        assert.match(filters.join(), /chromakey=color=0xad2a1a:.*premultiply=inplace=1,format=yuv420p$/);
      });

      it('make steady noise quieter, and leave a tone', () => {
        const [before, after] = [heard(path, {}), heard(path, { noiseReductionDb: 20 })];
        assert.ok(before.noise - after.noise > 10, `${before.noise} dBFS of noise, then ${after.noise}`);
        assert.ok(
          Math.abs(before.tone - after.tone) < 1,
          `${before.tone} dBFS of a tone, then ${after.tone}`,
        );
      });

      it('leave transparent what is transparent', () => {
        const halves = [
          [60, 100, 150, 0],
          [180, 140, 110, 128],
        ] as const;
        for (const filters of [{ saturation: 0 }, { hueDegrees: 90 }, { sharpen: 1 }, { brightness: 0.2 }]) {
          const [first, , last] = filtered(path, filters, halves);
          assert.deepEqual([first?.[3], last?.[3]], [0, 128], JSON.stringify(filters));
        }
      });
    });
  }
});
