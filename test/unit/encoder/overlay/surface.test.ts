import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createCanvas } from '@napi-rs/canvas';
import sinon from 'sinon';
import type { Rectangle } from '../../../../src/base/geometry.js';
import { OverlaySchema } from '../../../../src/config/drawing-schema.js';
import { Fonts } from '../../../../src/encoder/overlay/fonts.js';
import { Images } from '../../../../src/encoder/overlay/images.js';
import type { Region } from '../../../../src/encoder/overlay/region-stream.js';
import { Surface } from '../../../../src/encoder/overlay/surface.js';
import { type TempDir, tempDir } from '../../../support/temp.js';

const SIZE = { width: 400, height: 200 };
const FONTS = new Fonts(pathToFileURL(join(process.cwd(), 'src/encoder/overlay/fonts/')));

/** What a reader of the regions has: as the encoder process does. */
class Seen {
  readonly pixels = new Uint8Array(SIZE.width * SIZE.height * 4);
  readonly regions: Region[] = [];

  take(region: Region, pixels: Uint8Array): void {
    this.regions.push(region);
    const { area, isFirst } = region;
    if (isFirst) this.pixels.fill(0);
    for (let row = 0; row < area.height; row++) {
      const line = pixels.subarray(row * area.width * 4, (row + 1) * area.width * 4);
      this.pixels.set(line, ((area.y + row) * SIZE.width + area.x) * 4);
    }
  }

  at(x: number, y: number): readonly number[] {
    const start = (y * SIZE.width + x) * 4;
    return [...this.pixels.subarray(start, start + 4)];
  }

  /** What is around all that is not transparent. */
  get ink(): Rectangle | undefined {
    let [left, top, right, bottom] = [SIZE.width, SIZE.height, -1, -1];
    for (let y = 0; y < SIZE.height; y++)
      for (let x = 0; x < SIZE.width; x++) {
        if (this.pixels[(y * SIZE.width + x) * 4 + 3] === 0) continue;
        [left, top] = [Math.min(left, x), Math.min(top, y)];
        [right, bottom] = [Math.max(right, x), Math.max(bottom, y)];
      }
    return right < 0 ? undefined : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
  }
}

describe('a surface', () => {
  let seen: Seen;
  let problems: string[];
  let surface: Surface;
  let loaded: (() => void)[];
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('surface');
    [seen, problems, loaded, folders] = [new Seen(), [], [], undefined];
    const images = new Images((path) => {
      surface.redrawImage(path);
      for (const resolve of loaded.splice(0)) resolve();
    });
    surface = new Surface(
      { surface: 1, ...SIZE },
      {
        ...{ fonts: FONTS, images },
        send: (region, pixels) => seen.take(region, pixels),
        onProblem: (element, message) => problems.push(`${element}: ${message}`),
      },
    );
  });
  afterEach(() => {
    surface.dispose();
    sinon.restore();
    folder.dispose();
  });

  const draw = (...elements: object[]) => {
    drawSince(0, ...elements);
  };
  let folders: readonly string[] | undefined;
  const drawSince = (sinceMs: number, ...elements: object[]) => {
    const written = elements.map((element, index) => ({ id: `e${index}`, ...element }));
    surface.set({ elements: OverlaySchema.parse({ id: 'o', elements: written }).elements, sinceMs, folders });
  };
  const ink = () => seen.ink ?? assert.fail('nothing is seen');
  const ended = () => seen.regions.at(-1) ?? assert.fail();

  it('has boxes and bars in their colours and places, one above the other', () => {
    draw(
      { type: 'box', x: 10, y: 20, width: 100, height: 50, colour: '#ff0000' },
      { type: 'box', x: 50, y: 40, width: 100, height: 50, colour: '#0000ff80' },
      {
        type: 'bar',
        x: 200,
        y: 20,
        width: 100,
        height: 10,
        value: 0.25,
        colour: '#00ff00',
        background: '#ffffff',
      },
    );
    assert.deepEqual(
      [seen.at(12, 22), seen.at(140, 80)],
      [
        [255, 0, 0, 255],
        [0, 0, 255, 128],
      ],
    );
    const [red = 0, , blue = 0, alpha] = seen.at(60, 50);
    assert.ok(
      Math.abs(red - 127) <= 1 && Math.abs(blue - 128) <= 1 && alpha === 255,
      'the one through the other',
    );
    assert.deepEqual(
      [seen.at(224, 25), seen.at(226, 25)],
      [
        [0, 255, 0, 255],
        [255, 255, 255, 255],
      ],
    );
    assert.deepEqual(ink(), { x: 10, y: 20, width: 290, height: 70 });
  });

  it('has borders inside of boxes, and rounded corners', () => {
    const border = { colour: '#00ff00', width: 4 };
    draw({ type: 'box', x: 20, y: 20, width: 80, height: 60, colour: '#ff0000', radius: 20, border });
    assert.deepEqual(ink(), { x: 20, y: 20, width: 80, height: 60 });
    assert.deepEqual(
      [seen.at(22, 50), seen.at(26, 50)],
      [
        [0, 255, 0, 255],
        [255, 0, 0, 255],
      ],
    );
    assert.equal(seen.at(22, 22)[3], 0);
  });

  for (const [direction, filled, empty] of [
    ['right', [15, 15], [85, 15]],
    ['left', [85, 15], [15, 15]],
    ['up', [50, 28], [50, 12]],
    ['down', [50, 12], [50, 28]],
  ] as const) {
    it(`fills bars ${direction}`, () => {
      draw({
        type: 'bar',
        x: 10,
        y: 10,
        width: 80,
        height: 20,
        value: 0.5,
        colour: '#00ff00',
        background: '#ffffff',
        direction,
      });
      assert.deepEqual([seen.at(filled[0], filled[1])[0], seen.at(empty[0], empty[1])[0]], [0, 255]);
    });
  }

  it('sends what has changed and what lies there, and nothing else', () => {
    const box = { type: 'box', x: 0, y: 0, width: 300, height: 100, colour: '#ff0000' };
    const mark = { type: 'box', x: 10, y: 10, width: 20, height: 20, colour: '#00ff00' };
    draw(box, mark);
    seen.regions.length = 0;
    draw(box, { ...mark, x: 50 });
    const [{ area, isFirst, isLast, bounds } = assert.fail(), ...more] = seen.regions;
    assert.equal(more.length, 0);
    assert.deepEqual([area, isFirst, isLast], [{ x: 8, y: 8, width: 64, height: 24 }, false, true]);
    assert.deepEqual(bounds, { x: 0, y: 0, width: 302, height: 102 });
    assert.deepEqual(
      [seen.at(12, 12), seen.at(52, 12)],
      [
        [255, 0, 0, 255],
        [0, 255, 0, 255],
      ],
    );
    seen.regions.length = 0;
    draw(box);
    assert.deepEqual(seen.at(52, 12), [255, 0, 0, 255], 'what was removed is gone');
    draw();
    assert.equal(seen.ink, undefined);
    draw();
    assert.deepEqual(
      [ended().area.width, ended().isLast],
      [0, true],
      'an answer although nothing has changed',
    );
  });

  it('draws a timer again that counts from another time', () => {
    const timer = { type: 'timer', size: 30 };
    drawSince(Date.now(), timer);
    const before = seen.pixels.slice();
    drawSince(Date.now() - 3_600_000, timer);
    assert.notDeepEqual(seen.pixels, before);
  });

  it('sends a large area as several regions, of which the last one is marked', () => {
    draw({ type: 'box', colour: '#0000ff' });
    assert.ok(seen.regions.length > 1);
    const marks = seen.regions.map(({ isFirst, isLast }) => `${isFirst} ${isLast}`);
    assert.deepEqual(
      [marks[0], marks.at(-1), new Set(marks.slice(1, -1)).size],
      ['true false', 'false true', 0],
    );
    assert.deepEqual(ink(), { x: 0, y: 0, ...SIZE });
  });

  it('has text in its place, by its alignment', () => {
    const place = { type: 'text', x: 100, y: 50, width: 200, height: 100, text: 'Hello', size: 40 };
    draw(place);
    const start = ink();
    assert.ok(
      start.x >= 100 && start.x < 108 && start.y >= 50 && start.y + start.height < 102,
      JSON.stringify(start),
    );
    draw({ ...place, align: 'right', verticalAlign: 'bottom' });
    const end = ink();
    assert.ok(end.x + end.width <= 300 && end.x + end.width > 290, JSON.stringify(end));
    assert.ok(Math.abs(end.y - start.y - 50) <= 1, JSON.stringify(end));
    draw({ ...place, align: 'center', verticalAlign: 'middle' });
    assert.ok(Math.abs(ink().x + ink().width / 2 - 200) <= 3, JSON.stringify(ink()));
    draw({ ...place, text: 'שלום' });
    assert.ok(ink().x + ink().width > 290, 'Hebrew begins on the right');
  });

  it('wraps text, leaves out lines for which there is no room, and cuts off what is not wrapped', () => {
    const text = {
      type: 'text',
      x: 10,
      y: 10,
      width: 150,
      height: 110,
      size: 40,
      text: 'one two three four five six',
    };
    draw(text);
    const { y, height, width } = ink();
    assert.ok(y + height <= 122 && height > 60 && width <= 152, JSON.stringify(ink()));
    draw({ ...text, wrap: false });
    assert.ok(ink().height < 50 && ink().width <= 180, JSON.stringify(ink()));
  });

  it('has a letter for every script, each from a font that has it', () => {
    const widths = ['Hé', 'Ωλ', 'Жя', 'ệư', 'हि', 'مر', 'של', '直播', '繁體', 'カナ', '😀', '🇩🇪'].map(
      (text) => {
        draw({ type: 'text', x: 100, y: 50, size: 40, text, align: 'left' });
        return ink().width;
      },
    );
    const missing = (text: string) => {
      draw({ type: 'text', x: 100, y: 50, size: 40, text, align: 'left' });
      return seen.pixels.slice();
    };
    const none = missing('\u{10fffd}');
    for (const letter of ['Ω', 'Ж', 'ư', 'ह', 'م', 'ש', '直', '體', 'カ'])
      assert.notDeepEqual(missing(letter), none, letter);
    assert.ok(
      widths.every((width) => width > 15),
      widths.join(),
    );
    draw({ type: 'text', x: 100, y: 50, size: 40, text: '😀', colour: '#ffffff' });
    const middle = seen.at(ink().x + ink().width / 4, ink().y + ink().height / 2);
    assert.ok((middle[2] ?? 255) < 128 && (middle[0] ?? 0) > 200, `${middle}: an emoji is yellow`);
  });

  it('draws text that would be dangerous elsewhere as it is written', () => {
    const draws = (text: string) => {
      draw({ type: 'text', x: 10, y: 10, size: 30, text });
      return seen.pixels.slice();
    };
    const plain = draws('a');
    for (const text of ["a:'%{pts}\\", 'a"; drop', 'a<b>&amp;', 'a%0Ab', 'a\u202eb'])
      assert.notDeepEqual(draws(text), plain);
    assert.deepEqual(draws('a\u0000\u001b\u0007'), plain, 'without control characters');
  });

  it('draws outlines and shadows, all of which is within what is sent', () => {
    const text = { type: 'text', x: 60, y: 60, width: 200, height: 60, size: 40, text: 'IjgÅ' };
    draw(text);
    const plain = ink();
    draw({
      ...text,
      outline: { width: 6, colour: '#ff0000' },
      shadow: { x: 20, y: 10, blur: 0, colour: '#0000ff' },
    });
    const { x, y, width, height } = ink();
    assert.ok(x <= plain.x - 5 && y <= plain.y - 5, JSON.stringify(ink()));
    assert.ok(x + width >= plain.x + plain.width + 24 && y + height >= plain.y + plain.height + 14);
    const { bounds } = ended();
    assert.ok(bounds.x <= x && bounds.y <= y && bounds.x + bounds.width >= x + width);
  });

  it('names a font that is missing, and shows the text all the same', () => {
    const text = { type: 'text', text: 'x' };
    draw({ ...text, font: 'No Such Font' });
    assert.deepEqual(problems, ['e0: there is no font "No Such Font"']);
    assert.ok(ink().width > 5);
    draw({ ...text, font: join(folder.path, 'missing.ttf') });
    assert.match(problems[1] ?? '', /there is no font ".*missing.ttf"/);
    writeFileSync(join(folder.path, 'broken.ttf'), 'no font');
    draw({ ...text, font: join(folder.path, 'broken.ttf') });
    assert.match(problems[2] ?? '', /there is no font ".*broken.ttf"/);
  });

  it('shows an image once it is read, fitted as is asked for, and names one that is none', async () => {
    const canvas = createCanvas(20, 10);
    const context = canvas.getContext('2d');
    context.fillStyle = '#00ff00';
    context.fillRect(0, 0, 20, 10);
    const path = join(folder.path, 'green.png');
    writeFileSync(path, canvas.toBuffer('image/png'));
    const element = { type: 'image', path, x: 10, y: 10, width: 100, height: 100 };
    const shown = async (fit: string) => {
      draw();
      const read = new Promise<void>((resolve) => loaded.push(resolve));
      draw({ ...element, fit });
      if (seen.ink === undefined) await read;
      return ink();
    };
    assert.deepEqual(await shown('contain'), { x: 10, y: 35, width: 100, height: 50 });
    assert.deepEqual(await shown('cover'), { x: 10, y: 10, width: 100, height: 100 });
    assert.deepEqual(await shown('stretch'), { x: 10, y: 10, width: 100, height: 100 });
    writeFileSync(path, 'no image');
    const read = new Promise<void>((resolve) => loaded.push(resolve));
    draw({ ...element, x: 12 });
    await read;
    assert.match(problems[0] ?? '', /e0: the image .*green.png is no image that can be read/);
    draw({ ...element, path: join(folder.path, 'missing.png') });
    assert.match(problems.at(-1) ?? '', /missing.png cannot be read/);
  });

  it('shows files of the folders that it may alone, wherever links lead', async () => {
    const [own, other] = [join(folder.path, 'own'), join(folder.path, 'other')];
    for (const path of [own, other]) mkdirSync(path);
    const canvas = createCanvas(20, 20);
    canvas.getContext('2d').fillRect(0, 0, 20, 20);
    writeFileSync(join(other, 'secret.png'), canvas.toBuffer('image/png'));
    writeFileSync(join(own, 'mine.png'), canvas.toBuffer('image/png'));
    symlinkSync(join(other, 'secret.png'), join(own, 'link.png'));
    symlinkSync(other, join(own, 'inner'));
    symlinkSync(join(own, 'mine.png'), join(own, 'alias.png'));
    const font = join(process.cwd(), 'src/encoder/overlay/fonts/noto-sans-greek.woff2');
    symlinkSync(font, join(own, 'font.woff2'));
    folders = [own];
    const image = (path: string) => ({ type: 'image', path, width: 20, height: 20 });
    for (const path of ['link.png', 'inner/secret.png', '../other/secret.png']) {
      draw(image(join(own, path)));
      assert.match(problems.at(-1) ?? '', /may not be shown by this plugin/, path);
    }
    draw({ type: 'text', text: 'x', font: join(own, 'font.woff2') });
    assert.match(problems.at(-1) ?? '', /there is no font/);
    draw();
    const read = new Promise<void>((resolve) => loaded.push(resolve));
    draw(image(join(own, 'alias.png')));
    await read;
    assert.ok(ink().width >= 20);
    assert.equal(problems.length, 4);
  });

  it('moves text that scrolls by the time that is asked for, and says that it does', () => {
    draw({ type: 'text', text: 'I', size: 40, scroll: 100, width: 300 });
    assert.equal(ended().isMoving, true);
    const leftAt = (ms: number) => {
      surface.tick(ms);
      return ink().x;
    };
    const first = leftAt(0);
    assert.ok(Math.abs(leftAt(2900) - (first + 10)) <= 1, 'it comes back from the right');
    assert.ok(Math.abs(leftAt(3000) - first) <= 1, 'and begins again');
    draw({ type: 'text', text: 'I', size: 40, width: 300 });
    assert.equal(ended().isMoving, false);
  });

  it('draws a clock and a timer again with each second, and nothing else', () => {
    const clock = sinon.useFakeTimers({
      now: Date.parse('2026-11-30T12:00:00.500Z'),
      toFake: ['setTimeout', 'clearTimeout', 'Date'],
    });
    draw(
      { type: 'box', width: 300, height: 40, colour: '#ff0000' },
      { type: 'timer', y: 100, size: 30, since: '2026-11-30T12:00:00Z' },
    );
    const before = seen.pixels.slice();
    seen.regions.length = 0;
    clock.tick(400);
    assert.equal(seen.regions.length, 0);
    clock.tick(200);
    assert.equal(seen.regions.length, 1);
    assert.ok(ended().area.y > 40);
    assert.notDeepEqual(seen.pixels, before);
    clock.tick(10_000);
    assert.equal(seen.regions.length, 11);
    surface.dispose();
    clock.tick(5000);
    assert.equal(seen.regions.length, 11);
  });
});
