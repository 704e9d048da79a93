import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type LayerConfig, ScenesSchema } from '../../../src/config/scene-schema.js';
import { areaOf } from '../../../src/scenes/layer-area.js';
import { scenesWith } from '../../../src/scenes/scene-collection.js';
import { countLayers, lowestSource, SceneLayers, showsItself } from '../../../src/scenes/scene-layers.js';

const CANVAS = { width: 1280, height: 720 };
const WIDE = { width: 640, height: 360 };
const SQUARE = { width: 400, height: 400 };

function layer(settings: object = {}): LayerConfig {
  const [scene] = ScenesSchema.parse([{ id: 's', layers: [{ id: 'l', source: 'cam', ...settings }] }]);
  const [made] = scene?.layers ?? [];
  assert.ok(made);
  return made;
}

describe('the area of a layer', () => {
  it('is the whole frame without a place, with bars where the aspect ratio differs', () => {
    assert.deepEqual(areaOf(layer(), WIDE, CANVAS).area, { x: 0, y: 0, ...CANVAS });
    assert.deepEqual(areaOf(layer(), SQUARE, CANVAS).area, { x: 280, y: 0, width: 720, height: 720 });
  });

  it('fills its place, and is cut off there, where it covers', () => {
    const place = { x: 100, y: 50, width: 300, height: 200 };
    const { area, clip } = areaOf(layer({ ...place, fit: 'cover' }), SQUARE, CANVAS);
    assert.deepEqual([area, clip], [{ x: 100, y: 0, width: 300, height: 300 }, place]);
  });

  it('is its place where it is stretched', () => {
    const place = { x: -20, y: 50, width: 300, height: 20 };
    assert.deepEqual(areaOf(layer({ ...place, fit: 'stretch' }), SQUARE, CANVAS).area, place);
  });

  it('is as large as the source where nothing is fitted, in the middle of its place, and cut off there', () => {
    const place = { x: 100, y: 50, width: 500, height: 200, fit: 'none' };
    const { area, clip } = areaOf(layer(place), SQUARE, CANVAS);
    assert.deepEqual(area, { x: 150, y: -50, width: 400, height: 400 });
    assert.deepEqual(clip, { x: 150, y: 50, width: 400, height: 200 });
  });

  it('leaves out what is cropped, and fits the rest', () => {
    // The middle third of the width, in full height: 213.3 x 360 of 640 x 360.
    const crop = { left: 1 / 3, right: 1 / 3 };
    const { area, clip } = areaOf(layer({ crop, width: 200, height: 360 }), WIDE, CANVAS);
    const scale = 200 / (640 / 3);
    assert.ok(Math.abs(area.width - 640 * scale) < 0.001);
    assert.ok(Math.abs(area.x + 200) < 0.001);
    assert.deepEqual(
      [clip.x, clip.width].map((value) => Math.round(value * 1000) / 1000),
      [0, 200],
    );
  });

  it('shows the middle of the source in the middle of its place, whatever the numbers', () => {
    const size = fc.record({
      width: fc.integer({ min: 2, max: 4000 }),
      height: fc.integer({ min: 2, max: 4000 }),
    });
    const position = fc.integer({ min: -2000, max: 2000 });
    fc.assert(
      fc.property(
        size,
        size,
        position,
        position,
        fc.constantFrom('contain', 'cover', 'stretch'),
        (source, place, x, y, fit) => {
          const { area, clip } = areaOf(layer({ x, y, ...place, fit }), source, CANVAS);
          for (const [at, side] of [
            ['x', 'width'],
            ['y', 'height'],
          ] as const) {
            const middle = { x, y }[at] + place[side] / 2;
            assert.ok(Math.abs(area[at] + area[side] / 2 - middle) < 1e-6);
            assert.ok(Math.abs(clip[at] + clip[side] / 2 - middle) < 1e-6);
            assert.ok(clip[side] <= place[side] + 1e-6 && clip[side] <= area[side] + 1e-6);
          }
        },
      ),
    );
  });
});

describe('what scenes use', () => {
  const scenes = ScenesSchema.parse([
    {
      id: 'a',
      layers: [
        { id: '1', source: 'cam' },
        { id: '2', source: 'logo', width: 101, height: 60 },
      ],
    },
    {
      id: 'b',
      layers: [
        { id: '1', source: 'cam', width: 200, height: 200, fit: 'cover' },
        { id: '2', source: 'logo', visible: false },
        { id: '3', source: 'part', width: 100, height: 90, crop: { left: 0.5 } },
      ],
    },
  ]);

  const layers = new SceneLayers(scenes, CANVAS);

  it('is each source that is visible', () => {
    assert.deepEqual(
      scenes.map((scene) => [...layers.sourcesOf(scene)]),
      [
        ['cam', 'logo'],
        ['cam', 'part'],
      ],
    );
  });

  it('is as large as its largest layer, with what is cropped, and no larger than the frame', () => {
    assert.deepEqual(layers.useOf('cam'), { ...CANVAS, covers: true, isNative: false });
    assert.deepEqual(layers.useOf('part'), { width: 200, height: 90, covers: false, isNative: false });
    const [first] = scenes;
    assert.ok(first);
    assert.deepEqual(new SceneLayers([first], CANVAS).useOf('logo'), {
      width: 102,
      height: 60,
      covers: false,
      isNative: false,
    });
    assert.deepEqual(layers.useOf('none'), { width: 2, height: 2, covers: false, isNative: false });
  });

  it('is turned where a layer is, with what is cropped, and asked for in the size that it has before', () => {
    const [scene = assert.fail()] = ScenesSchema.parse([
      {
        id: 'turned',
        layers: [
          { id: '1', source: 'phone', width: 405, height: 720, rotate: 90 },
          { id: '2', source: 'part', width: 100, height: 200, rotate: 90, crop: { left: 0.5 } },
          { id: '3', source: 'part', width: 100, height: 200, rotate: 270, crop: { left: 0.5 } },
        ],
      },
    ]);
    const of = new SceneLayers([scene], CANVAS);
    assert.deepEqual(of.useOf('phone'), { width: 720, height: 406, covers: false, isNative: false });
    const [phone, part, back] = of.of(scene);
    assert.deepEqual([phone?.turns, part?.turns, back?.turns], [1, 1, 3]);
    assert.deepEqual(phone?.areaOf(WIDE).area, { x: 0, y: 0, width: 405, height: 720 });
    // What is on its left is at the top when it is turned clockwise, and at the bottom the other way round.
    const source = { width: 400, height: 100 };
    assert.deepEqual(part?.areaOf(source), {
      area: { x: 0, y: -200, width: 100, height: 400 },
      clip: { x: 0, y: 0, width: 100, height: 200 },
      masks: [],
    });
    assert.deepEqual(back?.areaOf(source).area, { x: 0, y: 0, width: 100, height: 400 });
    assert.equal(of.useOf('part').width, 400);
  });

  it('is turned with a scene that is a layer of another one', () => {
    const nested = ScenesSchema.parse([
      {
        id: 'inner',
        layers: [{ id: 'a', source: 'cam', x: 100, y: 20, width: 320, height: 180, rotate: 180 }],
      },
      { id: 'outer', layers: [{ id: 'b', scene: 'inner', width: 405, height: 720, rotate: 90 }] },
    ]);
    const of = new SceneLayers(nested, CANVAS);
    const [outer] = of.of(nested[1] ?? assert.fail());
    assert.equal(outer?.turns, 3);
    // 1280x720 is shown as 405x720, so by 0.5625: its left edge is at the top, its top on the right.
    const { area } = outer?.areaOf({ width: 640, height: 360 }) ?? assert.fail();
    const rounded = Object.values(area).map((value) => Math.round(value * 100) / 100);
    assert.deepEqual(rounded, [405 - 200 * 0.5625, 100 * 0.5625, 180 * 0.5625, 320 * 0.5625]);
    const [alone = assert.fail()] = nested;
    assert.deepEqual(new SceneLayers([alone], CANVAS).of(alone)[0]?.needed, { width: 320, height: 180 });
    assert.deepEqual(outer?.needed, { width: 180, height: 101.25 });
  });

  it('has the size of the source where a layer shows it as it is, up to twice that of the frame', () => {
    const [scene = assert.fail()] = ScenesSchema.parse([
      {
        id: 'a',
        layers: [
          { id: '1', source: 'cam', fit: 'none' },
          { id: '2', source: 'cam', fit: 'cover' },
        ],
      },
    ]);
    const use = new SceneLayers([scene], CANVAS).useOf('cam');
    assert.deepEqual(use, { width: 2560, height: 1440, covers: false, isNative: true });
  });

  it('is masked where it is shown, and by the masks of scenes around it where those are', () => {
    const nested = ScenesSchema.parse([
      {
        id: 'inner',
        layers: [
          {
            ...{ id: 'a', source: 'cam', x: 100, width: 200, height: 200, fit: 'cover' },
            mask: { source: 'round', by: 'luma' },
          },
        ],
      },
      {
        id: 'outer',
        layers: [
          {
            ...{ id: 'b', scene: 'inner', width: 640, height: 360 },
            mask: { source: 'star', inverted: true },
          },
          { id: 'c', source: 'bg', visible: false, mask: { source: 'unseen' } },
        ],
      },
    ]);
    const [inner = assert.fail(), outer = assert.fail()] = nested;
    const of = new SceneLayers(nested, CANVAS);
    const round = { source: 'round', by: 'luma', inverted: false, turns: 0 };
    const place = { x: 100, y: 0, width: 200, height: 200 };
    assert.deepEqual(of.of(inner)[0]?.areaOf(WIDE).masks, [{ ...round, area: place }]);
    assert.deepEqual(of.of(outer)[0]?.areaOf(WIDE).masks, [
      { ...round, area: { x: 50, y: 0, width: 100, height: 100 } },
      {
        ...{ source: 'star', by: 'alpha', inverted: true, turns: 0 },
        area: { x: 0, y: 0, width: 640, height: 360 },
      },
    ]);
    assert.deepEqual([...of.sourcesOf(outer)], ['cam', 'star', 'round']);
    assert.deepEqual([...of.heardIn(outer)], ['cam']);
    assert.deepEqual(scenesWith('round', nested), ['inner']);
    assert.deepEqual(of.useOf('round'), { width: 200, height: 200, covers: true, isNative: false });
    assert.deepEqual(of.useOf('star'), { width: 640, height: 360, covers: true, isNative: false });
    const turned = { ...outer, layers: outer.layers.map((layer) => ({ ...layer, rotate: 90 as const })) };
    const [first] = new SceneLayers([inner, turned], CANVAS).of(turned);
    assert.deepEqual(
      first?.areaOf(WIDE).masks.map(({ turns }) => turns),
      [1, 0],
    );
  });

  it('is what the scenes within it show, in their place, as a whole', () => {
    const nested = ScenesSchema.parse([
      {
        id: 'inner',
        layers: [
          { id: 'a', source: 'cam', x: 640, width: 640, opacity: 0.5, radius: 30 },
          { id: 'b', source: 'logo' },
        ],
      },
      {
        id: 'outer',
        layers: [
          { id: 'bg', source: 'bg' },
          {
            id: 'half',
            scene: 'inner',
            x: 100,
            y: 50,
            width: 640,
            height: 360,
            opacity: 0.5,
            crop: { left: 0.75 },
          },
          { id: 'off', scene: 'inner', visible: false },
        ],
      },
    ]);
    const within = new SceneLayers(nested, CANVAS);
    const [, outer] = nested;
    assert.ok(outer);
    const found = within.of(outer);
    assert.deepEqual(
      found.map(({ source, visible, opacity }) => [source, visible, opacity]),
      [
        ['bg', true, 1],
        ['cam', true, 0.25],
        ['logo', true, 0.5],
        ['cam', false, 0.5],
        ['logo', false, 1],
      ],
    );
    // A quarter of 1280x720 is left, which is fitted into 640x360 with its height: 160 pixels wide.
    const { area, clip } = found[1]?.areaOf({ width: 640, height: 720 }) ?? assert.fail();
    assert.deepEqual(clip, { x: 340, y: 50, width: 160, height: 360 });
    assert.deepEqual(area, { x: 180, y: 50, width: 320, height: 360 });
    assert.deepEqual([found[1]?.radius, found[3]?.radius], [15, 30]);
    assert.deepEqual([...within.sourcesOf(outer)], ['bg', 'cam', 'logo']);
    assert.equal(countLayers(outer, nested), 5);
    assert.equal(lowestSource(outer, nested), 'bg');
  });

  it('ends where a scene shows itself, through others as well', () => {
    const [a, b, c] = ScenesSchema.parse([
      { id: 'a', layers: [{ id: '1', scene: 'b' }] },
      {
        id: 'b',
        layers: [
          { id: '1', source: 'cam' },
          { id: '2', scene: 'a' },
        ],
      },
      {
        id: 'c',
        layers: [
          { id: '1', scene: 'a' },
          { id: '2', source: 'logo' },
        ],
      },
    ]);
    assert.ok(a && b && c);
    const all = [a, b, c];
    assert.deepEqual(
      all.map((scene) => showsItself(scene, all)),
      [true, true, false],
    );
    assert.equal(countLayers(a, all), Number.POSITIVE_INFINITY);
    assert.equal(lowestSource(c, all), 'logo');
    assert.equal(lowestSource(a, all), undefined);
  });
});
