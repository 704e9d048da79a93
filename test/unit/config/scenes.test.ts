import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodedIngestsOf } from '../../../src/config/ingests.js';
import type { ConfigFlags } from '../../../src/config/load-config.js';
import { stageOf } from '../../../src/config/scenes.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { loadWritten, mistakesIn } from './written-config.js';

describe('scenes in the configuration', () => {
  let folder: TempDir;
  before(() => {
    folder = tempDir('config-scenes');
    writeFileSync(join(folder.path, 'a.mp4'), '');
  });
  after(() => folder.dispose());

  const load = (config: object) => loadWritten(folder.path, config);
  const mistakes = (config: object, flags?: ConfigFlags) => mistakesIn(folder.path, config, flags);
  const sources = [
    { id: 'a', type: 'file', path: 'a.mp4', fallback: 'b', warm: true },
    { id: 'b', type: 'colour' },
    { id: 'obs', type: 'ingest' },
  ];
  const scene = (id: string, ...of: readonly string[]) => ({
    id,
    layers: of.map((source) => ({ id: source, source })),
  });

  it('are what can be on air, with all sources, and begin with the first one, or the one that is named', () => {
    const scenes = [scene('one', 'a', 'b'), scene('two', 'obs')];
    const config = load({ sources, scenes });
    const { liveServer } = config;
    const stage = stageOf(config, undefined, liveServer);
    const path = join(folder.path, 'a.mp4');
    assert.deepEqual(
      [stage?.programme, stage?.scenes, stage?.sources[0]],
      [
        'one',
        config.scenes,
        { id: 'a', warm: true, fallback: 'b', input: { type: 'file', path, loop: true } },
      ],
    );
    assert.equal(stageOf(config, 'two', liveServer)?.programme, 'two');
    assert.equal(stageOf(config, 'none', liveServer)?.programme, 'one');
    assert.equal(stageOf(load({ sources }), undefined, liveServer), undefined);
  });

  it('have their lowest source as the input, whose ingests are decoded', () => {
    const scenes = [scene('none'), scene('one', 'a'), scene('two', 'obs')];
    const config = load({ sources, scenes, startScene: 'one' });
    assert.deepEqual(config.input, { type: 'source', source: 'a' });
    assert.deepEqual(load({ sources, scenes }).input, { type: 'colour' });
    assert.deepEqual(decodedIngestsOf(config), ['ingest']);
  });

  const wrong: readonly [what: string, config: object, message: string][] = [
    [
      'a source that is not there',
      { sources, scenes: [scene('one', 'obss')] },
      'no source "obss"; did you mean "obs"?',
    ],
    [
      'a start scene that is not there',
      { sources, scenes: [scene('one')], startScene: 'on' },
      'no scene "on"; did you mean "one"?',
    ],
    [
      'a stinger without a source',
      { sources, scenes: [scene('one')], transition: { type: 'stinger' } },
      'expected the "source" of the stinger',
    ],
    [
      'a stinger whose source is not there',
      { sources, scenes: [scene('one')], transition: { type: 'stinger', source: 'obss' } },
      'no source "obss"; did you mean "obs"?',
    ],
    [
      'an input besides',
      { sources, scenes: [scene('one')], input: { type: 'colour' } },
      'expected either "input" or "scenes": a scene says itself which sources it shows',
    ],
    [
      'two scenes of one id',
      { sources, scenes: [scene('one'), scene('one')] },
      'expected an id that no other scene has',
    ],
    [
      'a source of another canvas that is not there',
      { sources, scenes: [scene('one')], canvases: [{ id: 'up', scenes: [scene('two', 'obss')] }] },
      'no source "obss"; did you mean "obs"?',
    ],
    [
      'another canvas without scenes of the main one',
      { sources, canvases: [{ id: 'up', scenes: [scene('two')] }] },
      'expected "scenes" besides, whose sources and sound they share',
    ],
    [
      'two layers of one id',
      { sources, scenes: [scene('one', 'a', 'a')] },
      'expected an id that no other layer of this scene has',
    ],
  ];
  for (const [what, config, message] of wrong) {
    it(`refuse ${what}`, () => assert.ok(mistakes(config)[0]?.includes(message), String(mistakes(config))));
  }

  it('say where a source is missing', () => {
    const config = { sources, scenes: [scene('one', 'nothing')] };
    const column = JSON.stringify(config).lastIndexOf('"nothing"') + 1;
    assert.deepEqual(mistakes(config), [`1:${column} no source "nothing"`]);
  });

  it('refuse an input on the command line, and a crop that leaves nothing', () => {
    const scenes = [scene('one', 'a')];
    assert.match(
      mistakes({ sources, scenes }, { input: 'test-pattern' })[0] ?? '',
      /either "input" or "scenes"/,
    );
    const cropped = { id: 'x', layers: [{ id: 'l', source: 'a', crop: { left: 0.5, right: 0.5 } }] };
    assert.match(mistakes({ sources, scenes: [cropped] })[0] ?? '', /less than 1 together with "left"/);
  });

  it('have buses of sources that are there, which recordings name', () => {
    const scenes = [scene('one', 'a')];
    const bus = (id: string, source: string) => ({ id, sources: [source] });
    const mixer = { buses: [bus('voice', 'mc'), bus('voice', 'a')] };
    const found = mistakes({ sources, scenes, mixer, recording: { audioTracks: ['voise'] } }).join();
    assert.match(found, /no source "mc"/);
    assert.match(found, /"voice" is the id of another bus already/);
    assert.match(found, /no bus "voise"; did you mean "voice"\?/);
    assert.match(
      mistakes({ sources, mixer: { buses: [bus('voice', 'a')] } }).join(),
      /expected "scenes" besides/,
    );
    load({ sources, scenes, mixer: { buses: [bus('voice', 'a')] }, recording: { audioTracks: ['voice'] } });
  });

  it('have a mixer whose sources are there, and only with scenes', () => {
    const scenes = [scene('one', 'a')];
    const mixer = { sources: { b: { ducking: { by: 'c' } }, d: {}, a: { ducking: { by: 'a' } } } };
    assert.throws(
      () => load({ sources, scenes, mixer }),
      (error: Error) =>
        /no source "c"/.test(error.message) &&
        /no source "d"/.test(error.message) &&
        /expected another source than itself/.test(error.message),
    );
    assert.throws(() => load({ sources, mixer: { sources: { a: {} } } }), {
      message: /expected "scenes" besides: only the sound of their sources is mixed/,
    });
    const { mixer: loaded } = load({ sources, scenes, mixer: { sources: { a: { gainDb: 3 } } } });
    assert.deepEqual(
      [loaded.ceilingDb, loaded.sources['a']?.gainDb, loaded.sources['a']?.mode],
      [0, 3, 'with-scene'],
    );
  });

  it('may have overlays and text, whose files are there, and only with scenes', () => {
    const scenes = [scene('one', 'a')];
    writeFileSync(join(folder.path, 'logo.png'), '');
    const image = (path: string) => ({ id: 'i', type: 'image', path });
    const text = { id: 't', type: 'text', text: 'x' };
    const overlay = (...elements: object[]) => ({ id: 'o', elements });
    const { overlays } = load({ sources, scenes, overlays: [overlay(image('logo.png'), text)] });
    const [shown, written] = overlays[0]?.elements ?? [];
    assert.deepEqual([Object(shown).path, Object(written).size], [join(folder.path, 'logo.png'), 32]);
    const missing = [image('no.png'), { ...text, font: 'fonts/no.ttf' }];
    const path = join(folder.path, 'no.png');
    const found = mistakes({ sources, scenes, overlays: [overlay(...missing)] });
    assert.match(found[0] ?? '', new RegExp(`no such file: ${path}`));
    assert.match(found[1] ?? '', /no such file: .*fonts.no\.ttf/);
    assert.doesNotThrow(() => load({ sources, scenes, overlays: [overlay({ ...text, font: 'Noto Sans' })] }));
    assert.match(
      String(mistakes({ sources, overlays: [overlay()] })),
      /expected "scenes" besides, above which/,
    );
    const words = { id: 'words', type: 'text', text: 'x' };
    assert.match(
      String(mistakes({ sources: [words] })),
      /expected "scenes" besides, which alone can show text/,
    );
    const drawn = { id: 'meters', type: 'plugin', plugin: 'acme.meters' };
    assert.match(
      String(mistakes({ sources: [drawn] })),
      /expected "scenes" besides, which alone can show frames of a plugin/,
    );
    assert.doesNotThrow(() => load({ sources: [...sources, drawn], scenes }));
    assert.match(
      String(mistakes({ sources: [...sources, { ...drawn, plugin: 'no id' }], scenes })),
      /expected the id of a plugin/,
    );
    assert.match(
      String(mistakes({ sources, scenes, overlays: [overlay(text, text)] })),
      /no other element of this/,
    );
    assert.match(
      String(mistakes({ sources, scenes, overlays: [overlay(), overlay()] })),
      /no other overlay has/,
    );
    assert.match(String(mistakes({ sources, scenes, overlays: [overlay({ id: 'x', type: 'txt' })] })), /txt/);
  });

  it('may show others, not themselves, and not more than a frame can be composed of', () => {
    const nested = (id: string, ...of: readonly string[]) => ({
      id,
      layers: of.map((one) => ({ id: one, scene: one })),
    });
    const inner = scene('inner', 'b');
    assert.equal(load({ sources, scenes: [nested('outer', 'inner'), inner] }).input.type, 'source');
    assert.throws(() => load({ sources, scenes: [nested('a', 'b'), nested('b', 'a'), inner] }), {
      message: /layers\[0\]\.scene|expected a scene that does not show this one/,
    });
    assert.throws(() => load({ sources, scenes: [nested('a', 'a')] }), { message: /does not show this one/ });
    assert.throws(() => load({ sources, scenes: [nested('a', 'iner'), inner] }), {
      message: /no scene "iner"; did you mean "inner"\?/,
    });
    const both = { id: 'x', layers: [{ id: 'l', source: 'a', scene: 'inner' }, { id: 'm' }] };
    assert.throws(
      () => load({ sources, scenes: [both, inner] }),
      (error: Error) => error.message.split('expected either "source" or "scene"').length === 3,
    );
    const many = Array.from({ length: 50 }, (_, index) => ({ id: `l${index}`, source: 'b' }));
    const five = { id: 'five', layers: ['1', '2', '3', '4', '5'].map((id) => ({ id, scene: 'many' })) };
    assert.throws(() => load({ sources, scenes: [{ id: 'many', layers: many }, five] }), {
      message: /shows 250 sources with the scenes within it; at most 200/,
    });
  });
});
