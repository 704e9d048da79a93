import assert from 'node:assert/strict';
import sinon from 'sinon';
import type { StageConfig } from '../../../../src/config/encode-settings.js';
import type { TransitionConfig } from '../../../../src/config/schema.js';
import { BulkheadError, ErrorCodes } from '../../../../src/protocol/errors.js';
import { BroadcastStage, configOf } from '../broadcast-stage.js';

const SHOW = '/show.jsonc';
const layer = (id: string, settings: object = {}) => ({ id, source: 'a', ...settings });
const CONTENT = {
  sources: [
    { id: 'a', type: 'colour' },
    { id: 'b', type: 'file', path: '/b.mp4', fallback: 'a' },
  ],
  scenes: [
    { id: 'one', layers: [layer('l'), layer('m', { source: 'b', x: 10, opacity: 0.5 })] },
    { id: 'two', layers: [] },
    { id: 'three', layers: [layer('l')] },
  ],
};

describe('scenes of a broadcast', () => {
  let stage: BroadcastStage;

  beforeEach(() => {
    stage = new BroadcastStage();
  });
  afterEach(() => stage.end());

  const goLive = (change: object = {}) => stage.start(configOf(['main'], { ...CONTENT, ...change }), SHOW);
  const staged = (): StageConfig => stage.encoder.setStage.lastCall.args[0];
  const started = () => stage.encoder.start.lastCall.args[0].stage;
  const canvas = () => stage.broadcast.status().canvases[0];
  const ids = (of: readonly { readonly id: string }[] | undefined) => of?.map(({ id }) => id);
  const layersOf = (config: StageConfig | undefined, scene: string) =>
    config?.scenes.find(({ id }) => id === scene)?.layers;

  it('are composed from the start, and put on air with the transition of the configuration or another one', async () => {
    await goLive({ transition: { type: 'fade', durationMs: 400 } });
    assert.deepEqual([started()?.programme, ids(started()?.scenes)], ['one', ['one', 'two', 'three']]);
    const { scenes } = await stage.scenes.switchTo({ id: 'two', transition: { durationMs: 50 } });
    assert.deepEqual(ids(scenes.filter(({ isOnAir }) => isOnAir)), ['two']);
    assert.deepEqual(stage.encoder.setStage.lastCall.args, [
      { ...started(), programme: 'two' },
      { type: 'fade', durationMs: 50, direction: 'left' },
    ]);
    await assert.rejects(stage.scenes.switchTo({ id: 'tow' }), {
      ...{ code: 'scene.notFound', message: 'there is no scene "tow"; did you mean "two"?' },
    });
    assert.equal(stage.encoder.setStage.callCount, 1);
  });

  it('are put on air by a stinger of the configuration or of the request, whose source has to be there', async () => {
    await goLive({ transition: { type: 'stinger', source: 'b', durationMs: 900 } });
    await stage.scenes.switchTo({ id: 'two' });
    const transition = { type: 'stinger', source: 'b', durationMs: 900, direction: 'left' };
    assert.deepEqual(stage.encoder.setStage.lastCall.args[1], transition);
    await stage.scenes.switchTo({ id: 'three', transition: { source: 'a', cutMs: 300 } });
    assert.deepEqual(stage.encoder.setStage.lastCall.args[1], { ...transition, source: 'a', cutMs: 300 });
    await assert.rejects(stage.scenes.switchTo({ id: 'two', transition: { source: 'x' } }), {
      ...{ code: 'source.notFound', message: /there is no source "x"/ },
    });
    await stage.broadcast.stop();
    await goLive();
    await assert.rejects(stage.scenes.switchTo({ id: 'two', transition: { type: 'stinger' } }), {
      code: 'source.notFound',
    });
  });

  it('are other ones on other canvases, of which one is on air on each', async () => {
    const canvases = [
      {
        id: 'upright',
        width: 180,
        height: 320,
        scenes: [{ id: 'one', layers: [layer('l')] }, { id: 'far' }],
      },
    ];
    await goLive({ canvases, transition: { type: 'stinger', source: 'b' } });
    const upright = () => stage.broadcast.status().canvases[1];
    const frames = { id: 'upright', width: 180, height: 320, fps: 30 };
    assert.deepEqual(upright(), { ...frames, programme: 'one' });
    assert.equal(started()?.canvases?.[0]?.programme, 'one');
    let resolve = () => {};
    stage.encoder.setStage.onFirstCall().returns(
      new Promise<void>((done) => {
        resolve = done;
      }),
    );
    const transition = { type: 'fade', durationMs: 50 } as const;
    const switched = stage.scenes.switchTo({ id: 'far', canvas: 'upright', transition });
    assert.equal(upright()?.programme, 'one');
    assert.equal(upright()?.transition?.to, 'far');
    resolve();
    const { scenes } = await switched;
    assert.deepEqual(ids(scenes.filter(({ isOnAir }) => isOnAir)), ['far']);
    assert.deepEqual(upright(), { ...frames, programme: 'far' });
    assert.equal(canvas()?.programme, 'one');
    const { programme, canvases: composed } = staged();
    assert.deepEqual([programme, composed?.[0]?.programme], ['one', 'far']);
    // A stinger of the configuration is a cut there.
    await stage.scenes.switchTo({ id: 'one', canvas: 'upright' });
    assert.equal(stage.encoder.setStage.lastCall.args[1]?.type, 'cut');
    const asked = { id: 'far', canvas: 'upright', transition: { type: 'stinger', source: 'b' } } as const;
    await assert.rejects(stage.scenes.switchTo(asked), { code: 'config.invalid' });
    await assert.rejects(stage.scenes.list({ canvas: 'square' }), { message: /there is no canvas "square"/ });
    await assert.rejects(stage.scenes.switchTo({ id: 'two', canvas: 'upright' }), { code: 'scene.notFound' });
    assert.deepEqual(ids((await stage.scenes.list({ canvas: 'main' })).scenes), ['one', 'two', 'three']);
  });

  it('are changed on other canvases as on the main one, undone in one history with its, and kept', async () => {
    const upright = (scenes: readonly object[]) => ({
      canvases: [{ id: 'upright', width: 180, height: 320, scenes }],
    });
    const scenes = [
      { id: 'one', layers: [layer('l')] },
      { id: 'far', layers: [] },
    ];
    const on = { canvas: 'upright' };
    const sides = (config = staged()) => config.canvases?.[0];
    await goLive(upright(scenes));
    await stage.scenes.setLayer({ scene: 'one', id: 'l', change: { x: 40 }, ...on });
    const added = await stage.scenes.add({ scene: { id: 'two', layers: [] }, ...on });
    assert.deepEqual(ids(added.scenes), ['one', 'far', 'two']);
    await stage.scenes.addLayer({ scene: 'two', layer: layer('n') as never, ...on });
    await stage.scenes.set({ scene: { id: 'three', layers: [] } });
    await stage.scenes.remove({ id: 'far', ...on });
    assert.deepEqual(
      [ids(staged().scenes), ids(sides()?.scenes)],
      [
        ['one', 'two', 'three'],
        ['one', 'two'],
      ],
    );
    assert.deepEqual(
      [layersOf(staged(), 'one')?.[0]?.x, sides()?.scenes[0]?.layers[0]?.x],
      [0, 40],
      'a scene of the same id is another one',
    );

    await assert.rejects(stage.scenes.remove({ id: 'one', ...on }), {
      message: 'the scene "one" is on air on the canvas "upright"',
    });
    await assert.rejects(stage.scenes.add({ scene: { id: 'two', layers: [] }, ...on }), {
      where: 'canvases.upright.scenes.two',
    });
    const lost = { id: 'two', layers: [layer('n', { source: 'c' })] };
    await assert.rejects(stage.scenes.set({ scene: lost as never, ...on }), {
      message: /canvases\.upright\.scenes\.two\.layers\.n\.source: no source "c"/,
    });
    await assert.rejects(stage.scenes.removeLayer({ scene: 'two', id: 'x', ...on }), {
      message: 'there is no layer "x" in the scene "two" on the canvas "upright"',
    });
    await assert.rejects(stage.scenes.add({ scene: lost as never, canvas: 'square' }), {
      message: /there is no canvas "square"/,
    });
    await assert.rejects(stage.sources.remove({ id: 'a' }), {
      message: /the scene "two" on the canvas "upright" shows it/,
    });

    const { undo } = await stage.scenes.list(on);
    assert.equal(undo, 'scene "far" on the canvas "upright" removed');
    await stage.scenes.undo();
    assert.deepEqual(ids(sides()?.scenes), ['one', 'far', 'two']);
    await stage.scenes.undo();
    assert.equal(layersOf(staged(), 'three')?.length, 1);
    await stage.scenes.redo();
    await stage.scenes.redo();
    await stage.scenes.switchTo({ id: 'two', ...on });
    await stage.broadcast.stop();

    await goLive(upright(scenes));
    assert.deepEqual(ids(sides(started())?.scenes), ['one', 'two']);
    assert.equal(sides(started())?.scenes[0]?.layers[0]?.x, 40);
    await stage.broadcast.stop();
    await goLive(upright([{ id: 'one', layers: [layer('edited')] }, scenes[1] ?? {}]));
    assert.deepEqual(ids(sides(started())?.scenes), ['one', 'two']);
    assert.deepEqual(ids(sides(started())?.scenes[0]?.layers), ['edited'], 'who edits wants the edit');
    // What is on air there is replaced where it is no more.
    await stage.scenes.switchTo({ id: 'two', ...on });
    await stage.scenes.reset();
    assert.deepEqual([ids(sides()?.scenes), sides()?.programme], [['one', 'far'], 'one']);
    await stage.scenes.undo();
    assert.deepEqual([ids(sides()?.scenes), sides()?.programme], [['one', 'two'], 'one']);
  });

  it('are saved by the canvas that has them', async () => {
    const canvases = (x: number) => ({
      canvases: [{ id: 'upright', scenes: [{ id: 'one', layers: [layer('l', { x })] }] }],
    });
    const on = { canvas: 'upright' };
    const shown = () => started()?.canvases?.[0]?.scenes[0]?.layers[0]?.x;
    await goLive(canvases(10));
    await stage.scenes.setLayer({ scene: 'one', id: 'l', change: { x: 50 }, ...on });
    await stage.scenes.noteSaved({ list: 'scenes', id: 'one', ...on });
    await stage.broadcast.stop();
    await goLive(canvases(10));
    assert.equal(shown(), 50);
    await stage.broadcast.stop();
    await goLive(canvases(50));
    await stage.scenes.setLayer({ scene: 'one', id: 'l', change: { x: 70 }, ...on });
    await stage.broadcast.stop();
    await goLive(canvases(50));
    assert.equal(shown(), 70);
    await stage.broadcast.stop();
    await goLive(canvases(80));
    assert.equal(shown(), 80);
  });

  it('are on air when the encoder says so, and until then about to be', async () => {
    await goLive();
    let shown = () => {};
    stage.encoder.setStage.callsFake(() => new Promise((resolve) => (shown = resolve)));
    const switched = stage.scenes.switchTo({ id: 'two', transition: { type: 'fade' } });
    const before = shown;
    const transition = { type: 'fade', durationMs: 300, direction: 'left', to: 'two' };
    assert.deepEqual(canvas(), {
      ...{ id: 'main', width: 1280, height: 720, fps: 30 },
      ...{ programme: 'one', edits: 0, transition },
    });
    const edited = stage.scenes.setLayer({ scene: 'two', id: 'x', change: {} }).catch(() => {});
    await edited;
    const other = stage.scenes.switchTo({ id: 'three' });
    const last = shown;
    before();
    await switched;
    assert.deepEqual(
      [canvas()?.programme, canvas()?.transition?.to],
      ['one', 'three'],
      'another one was asked for',
    );
    last();
    await other;
    assert.deepEqual([canvas()?.programme, canvas()?.transition], ['three', undefined]);
  });

  it('are not about to be on air any more where the encoder fails', async () => {
    await goLive();
    stage.encoder.setStage.rejects(new BulkheadError(ErrorCodes.processFailed, 'it does not respond'));
    await assert.rejects(stage.scenes.switchTo({ id: 'two' }), { code: 'process.failed' });
    assert.deepEqual([canvas()?.programme, canvas()?.transition], ['two', undefined]);
  });

  it('are previewed and taken, and the one that was on air is previewed then', async () => {
    await goLive();
    await assert.rejects(stage.scenes.take({}), {
      code: 'broadcast.state',
      message: /no scene is previewed/,
    });
    await assert.rejects(stage.scenes.preview({ id: 'four' }), { code: 'scene.notFound' });
    await stage.scenes.preview({ id: 'three' });
    assert.deepEqual([staged().programme, staged().preview, canvas()?.preview], ['one', 'three', 'three']);
    const { scenes } = await stage.scenes.take({ transition: { type: 'fade', durationMs: 80 } });
    assert.deepEqual([staged().programme, staged().preview], ['three', 'one']);
    assert.deepEqual(stage.encoder.setStage.lastCall.args[1], {
      type: 'fade',
      durationMs: 80,
      direction: 'left',
    });
    assert.deepEqual(ids(scenes.filter(({ isPreviewed }) => isPreviewed)), ['one']);
    await stage.scenes.preview({ id: null });
    assert.equal(staged().preview, undefined);
  });

  it('are added, changed and removed, with their layers, and no other setting is touched', async () => {
    await goLive();
    await stage.scenes.add({ scene: { id: 'four', layers: [layer('l')] } as never });
    assert.equal(layersOf(staged(), 'four')?.[0]?.opacity, 1, 'with defaults');
    await stage.scenes.setLayer({ scene: 'one', id: 'm', change: { x: null, width: 200 } });
    const [, m] = layersOf(staged(), 'one') ?? [];
    assert.deepEqual([m?.x, m?.width, m?.opacity, m?.source], [0, 200, 0.5, 'b']);
    await stage.scenes.setLayer({ scene: 'one', id: 'm', change: {}, at: 0 });
    await stage.scenes.addLayer({ scene: 'one', layer: layer('n') as never, at: 1 });
    assert.deepEqual(ids(layersOf(staged(), 'one')), ['m', 'n', 'l']);
    await stage.scenes.removeLayer({ scene: 'one', id: 'l' });
    assert.deepEqual(ids(layersOf(staged(), 'one')), ['m', 'n']);
    await stage.scenes.set({ scene: { id: 'three', layers: [] } as never });
    assert.deepEqual(layersOf(staged(), 'three'), []);
    const { scenes } = await stage.scenes.remove({ id: 'two' });
    assert.deepEqual(ids(scenes), ['one', 'three', 'four']);
    assert.equal(canvas()?.edits, 7);
  });

  const REFUSED: Readonly<Record<string, readonly [(of: BroadcastStage) => Promise<unknown>, object]>> = {
    'a scene that is on air is removed': [
      ({ scenes }) => scenes.remove({ id: 'one' }),
      { code: 'config.invalid', message: 'the scene "one" is on air' },
    ],
    'a scene is removed that another one shows': [
      async ({ scenes }) => {
        await scenes.addLayer({ scene: 'one', layer: { id: 'in', scene: 'two' } as never });
        try {
          await scenes.remove({ id: 'two' });
        } finally {
          await scenes.undo();
          stage.encoder.setStage.resetHistory();
        }
      },
      { code: 'config.invalid', message: 'the scene "two" is shown in "one"' },
    ],
    'a scene would show itself': [
      ({ scenes }) => scenes.addLayer({ scene: 'one', layer: { id: 'in', scene: 'one' } as never }),
      { message: 'scenes.one.layers.in.scene: expected a scene that does not show this one' },
    ],
    'an id is taken': [
      ({ scenes }) => scenes.add({ scene: { id: 'one', layers: [] } }),
      { code: 'config.invalid', message: 'there is a scene "one" already' },
    ],
    'the id of a layer is taken': [
      ({ scenes }) => scenes.addLayer({ scene: 'one', layer: layer('l') as never }),
      { code: 'config.invalid', message: /there is a layer "l" already/ },
    ],
    'two layers have one id': [
      ({ scenes }) => scenes.set({ scene: { id: 'two', layers: [layer('x'), layer('x')] } as never }),
      { message: /scenes\.two: layers\[1\]\.id: expected an id that no other layer of this scene has/ },
    ],
    'a layer shows a source that is not there': [
      ({ scenes }) => scenes.setLayer({ scene: 'one', id: 'm', change: { source: 'bb' } }),
      { message: 'scenes.one.layers.m.source: no source "bb"' },
    ],
    'a setting is wrong, and another unknown': [
      ({ scenes }) => scenes.setLayer({ scene: 'one', id: 'm', change: { opacity: 2, widht: 3 } }),
      { message: /opacity: expected 1 or less, got 2\n.*unknown key "widht"; did you mean "width"\?/ },
    ],
    'a layer would get another id': [
      ({ scenes }) => scenes.setLayer({ scene: 'one', id: 'm', change: { id: 'n' } }),
      { code: 'config.invalid', message: 'an id cannot be changed' },
    ],
    'a source would get another id': [
      ({ sources }) => sources.set({ id: 'a', change: { id: 'n' } }),
      { code: 'config.invalid', message: 'an id cannot be changed' },
    ],
    'a layer is not there': [
      ({ scenes }) => scenes.removeLayer({ scene: 'one', id: 'k' }),
      { code: 'scene.notFound', message: /there is no layer "k" in the scene "one"/ },
    ],
    'a source that is shown is removed': [
      ({ sources }) => sources.remove({ id: 'a' }),
      {
        message:
          /"a" is in use: the scene "one" shows it, the scene "three" shows it, it is the fallback of "b"/,
      },
    ],
    'a source is its own fallback': [
      ({ sources }) => sources.set({ id: 'b', change: { fallback: 'b' } }),
      { message: 'sources.b.fallback: expected another source than itself' },
    ],
    'a source decodes an ingest that is not set up for it': [
      ({ sources }) => sources.add({ source: { id: 'obs', type: 'ingest', ingest: 'x', warm: false } }),
      { code: 'config.invalid', message: 'the ingest "x" is not decoded' },
    ],
    'a sound is wrong in two ways': [
      ({ audio }) => audio.set({ id: 'a', change: { gainDb: 'loud', gaindB: 1 } }),
      {
        code: 'config.invalid',
        message:
          'mixer.sources.a: gainDb: expected a number, got "loud"\n' +
          'mixer.sources.a: unknown key "gaindB"; did you mean "gainDb"?',
      },
    ],
    'a gain is no number': [
      ({ audio }) => audio.set({ id: 'a', change: { gainDb: Number.NaN } }),
      { message: /gainDb: expected a number/ },
    ],
    'a source would make itself quieter': [
      ({ audio }) => audio.set({ id: 'a', change: { ducking: { by: 'a' } } }),
      { message: 'mixer.sources.a.ducking.by: expected another source than itself' },
    ],
    'the sound of no source is changed': [
      ({ audio }) => audio.set({ id: 'c', change: { muted: true } }),
      { code: 'source.notFound', message: 'there is no source "c"' },
    ],
    'a source is not there': [({ sources }) => sources.restart({ id: 'c' }), { code: 'source.notFound' }],
    'a source has another type without its settings': [
      ({ sources }) => sources.set({ id: 'a', change: { type: 'file' } }),
      { message: 'sources.a: path: missing; expected text in double quotes' },
    ],
    'a source is played that has no end': [
      ({ sources }) => sources.play({ id: 'b' }),
      { code: 'config.invalid', message: /the source "b" has no end/ },
    ],
    'a layer is moved that is not there': [
      ({ scenes }) =>
        scenes.moveLayers({ scene: 'one', changes: { m: { x: 1 }, n: {} }, durationMs: 1, easing: 'linear' }),
      { code: 'scene.notFound', message: /there is no layer "n"/ },
    ],
    'nothing was changed that could be undone': [
      ({ scenes }) => scenes.undo(),
      { code: 'broadcast.state', message: 'there is nothing to undo' },
    ],
  };
  for (const [what, [change, error]] of Object.entries(REFUSED)) {
    it(`are as before where ${what}`, async () => {
      await goLive();
      await assert.rejects(change(stage), error);
      sinon.assert.notCalled(stage.encoder.setStage);
      sinon.assert.notCalled(stage.encoder.restartSource);
      assert.equal(stage.state.shows.size, 0);
    });
  }

  it('are changed by plugins, which the undo of the streamer leaves as it is', async () => {
    await goLive();
    const plugin = stage.scenes.forPlugins();
    const [sources, audio] = [stage.sources.forPlugins(), stage.audio.forPlugins()];
    await stage.scenes.setLayer({ scene: 'one', id: 'l', change: { x: 100 } });
    await plugin.setLayer({ scene: 'one', id: 'm', change: { x: 200 } });
    await sources.add({ source: { id: 'c', type: 'colour' } as never });
    await audio.set({ id: 'a', change: { gainDb: -6 } });
    const { undo } = await plugin.list();
    assert.equal(undo, 'layer "l" of scene "one" changed');
    await stage.scenes.undo();
    const positions = () => layersOf(staged(), 'one')?.map(({ id, x }) => `${id} ${x}`);
    assert.deepEqual(
      [positions(), ids(staged().sources)],
      [
        ['l 0', 'm 200'],
        ['a', 'b', 'c'],
      ],
    );
    assert.equal(staged().mixer.sources['a']?.gainDb, -6);
    await assert.rejects(stage.scenes.undo(), { message: 'there is nothing to undo' });
    await stage.scenes.redo();
    assert.deepEqual(positions(), ['l 100', 'm 200']);
  });

  it('are not undone where a plugin needs what would go', async () => {
    await goLive();
    await stage.sources.add({ source: { id: 'c', type: 'colour' } as never });
    await stage.scenes.forPlugins().setLayer({ scene: 'one', id: 'm', change: { source: 'c' } });
    stage.encoder.setStage.resetHistory();
    await assert.rejects(stage.scenes.undo(), {
      code: 'config.invalid',
      message:
        /does not go together with what plugins have changed since: undo of source "c" added: .*no source "c"/,
    });
    sinon.assert.notCalled(stage.encoder.setStage);
    await stage.scenes.forPlugins().setLayer({ scene: 'one', id: 'm', change: { source: 'b' } });
    await stage.scenes.undo();
    assert.deepEqual(ids(staged().sources), ['a', 'b']);
  });

  it('have sources that are added, changed, restarted and removed', async () => {
    await goLive();
    const added = { id: 'c', type: 'file', path: '/c.mp4' };
    const { sources } = await stage.sources.add({ source: added as never });
    assert.deepEqual(sources.at(-1), { id: 'c', type: 'file', warm: false, name: 'c.mp4', scenes: [] });
    assert.deepEqual(staged().sources.at(-1)?.input, { type: 'file', path: '/c.mp4', loop: true });
    await stage.sources.set({ id: 'b', change: { path: '/x.mp4', fallback: null, warm: true } });
    assert.deepEqual(staged().sources[1], {
      ...{ id: 'b', warm: true, input: { type: 'file', path: '/x.mp4', loop: true } },
    });
    await stage.sources.set({ id: 'b', change: { type: 'colour' } });
    assert.deepEqual(staged().sources[1], { id: 'b', warm: true, input: { type: 'colour' } });
    await stage.sources.restart({ id: 'a' });
    sinon.assert.calledOnceWithExactly(stage.encoder.restartSource, 'a');
    stage.encoder.snapshot.withArgs('a').resolves('aW1hZ2U=');
    assert.deepEqual(await stage.sources.snapshot({ id: 'a' }), { type: 'image/jpeg', data: 'aW1hZ2U=' });
    await assert.rejects(stage.sources.snapshot({ id: 'none' }), { code: 'source.notFound' });
    await stage.sources.remove({ id: 'c' });
    assert.deepEqual(ids(staged().sources), ['a', 'b']);
  });

  it('have layers that are moved together, which is one change', async () => {
    await goLive();
    const glide = { durationMs: 400, easing: 'ease-out' } as const;
    await stage.scenes.moveLayers({ scene: 'one', changes: { l: { x: 20 }, m: { x: null } }, ...glide });
    assert.deepEqual(
      layersOf(staged(), 'one')?.map(({ id, x }) => [id, x]),
      [
        ['l', 20],
        ['m', 0],
      ],
    );
    assert.deepEqual(stage.encoder.setStage.lastCall.args.slice(1), [undefined, glide]);
    const { undo } = await stage.scenes.list();
    assert.equal(undo, 'layers of scene "one" moved');
    await stage.scenes.undo();
    assert.deepEqual(
      layersOf(staged(), 'one')?.map(({ x }) => x),
      [0, 10],
    );
  });

  it('have sources that plugins have added, whose changes by the plugin are not for the streamer to undo', async () => {
    await goLive();
    const plugins = stage.sources.forPlugins();
    const own = { id: 'own', type: 'file', path: '/1.mp4', loop: false, addedBy: 'p' };
    assert.equal(await plugins.addIfMissing({ source: own as never }), true);
    assert.equal(await plugins.addIfMissing({ source: own as never }), false);
    assert.equal((await stage.sources.list()).sources.at(-1)?.addedBy, 'p');
    const path = () => (staged().sources.at(-1)?.input as { path?: string } | undefined)?.path;
    await stage.scenes.add({ scene: { id: 'four', layers: [] } });
    await plugins.set({ id: 'own', change: { path: '/2.mp4' } });
    assert.deepEqual([path(), (await stage.scenes.list()).undo], ['/2.mp4', 'scene "four" added']);
    await stage.scenes.undo();
    assert.equal(path(), '/2.mp4');
    await stage.sources.set({ id: 'own', change: { path: '/3.mp4' } });
    await stage.scenes.undo();
    assert.equal(path(), '/2.mp4', 'what the streamer changes is');
    await stage.sources.play({ id: 'own' });
    sinon.assert.calledOnceWithExactly(stage.encoder.playSource, 'own');
    assert.deepEqual(Object.keys(staged().sources.at(-1)?.input ?? {}), ['type', 'path', 'loop']);
  });

  it('have sound that is mixed as is asked for, undone like everything else, and gone with its source', async () => {
    await goLive({ mixer: { sources: { b: { gainDb: -3 } } } });
    const { sources } = await stage.audio.list();
    assert.deepEqual(
      sources.map(({ id, gainDb, muted, mode }) => [id, gainDb, muted, mode]),
      [
        ['a', 0, false, 'with-scene'],
        ['b', -3, false, 'with-scene'],
      ],
    );
    await stage.audio.set({ id: 'a', change: { muted: true, ducking: { by: 'b' } } });
    await stage.audio.set({ id: 'b', change: { gainDb: null, compressor: {} } });
    const { a, b } = staged().mixer.sources;
    assert.deepEqual([a?.muted, a?.ducking?.amountDb, b?.gainDb, b?.compressor?.ratio], [true, -15, 0, 4]);
    await stage.scenes.setLayer({ scene: 'one', id: 'm', change: { source: 'a' } });
    await assert.rejects(stage.sources.remove({ id: 'b' }), { message: /in use: it makes "a" quieter/ });
    await stage.audio.set({ id: 'a', change: { ducking: null } });
    await stage.sources.remove({ id: 'b' });
    assert.deepEqual(Object.keys(staged().mixer.sources), ['a']);
    const { undo } = await stage.scenes.undo();
    assert.deepEqual([undo, staged().mixer.sources['b']?.gainDb], ['sound of "a" changed', 0]);
    await stage.broadcast.stop();
    await goLive({ mixer: { sources: { b: { gainDb: -3 } } } });
    assert.deepEqual(
      [started()?.mixer.sources['a']?.muted, started()?.mixer.sources['b']?.gainDb],
      [true, 0],
    );
    await stage.broadcast.stop();
    await goLive({ mixer: { sources: { b: { gainDb: -4 } } } });
    assert.equal(started()?.mixer.sources['b']?.gainDb, -4, 'what the file says of it now');
  });

  it('are undone and redone, one change after the other, until something else is changed', async () => {
    await goLive();
    await stage.scenes.setLayer({ scene: 'one', id: 'm', change: { x: 1 } });
    await stage.sources.set({ id: 'b', change: { path: '/x.mp4' } });
    const xAndPath = () => [layersOf(staged(), 'one')?.[1]?.x, Object(staged().sources[1]?.input).path];
    const { redo, undo } = await stage.scenes.undo();
    assert.deepEqual([redo, undo], ['source "b" changed', 'layer "m" of scene "one" changed']);
    assert.deepEqual(xAndPath(), [1, '/b.mp4']);
    await stage.scenes.undo();
    assert.deepEqual([...xAndPath(), stage.state.shows.size], [10, '/b.mp4', 0]);
    await stage.scenes.redo();
    await stage.scenes.redo();
    assert.deepEqual(xAndPath(), [1, '/x.mp4']);
    await assert.rejects(stage.scenes.redo(), { message: 'there is nothing to redo' });
    await stage.scenes.undo();
    await stage.scenes.setLayer({ scene: 'one', id: 'm', change: { x: 2 } });
    await assert.rejects(stage.scenes.redo(), { message: 'there is nothing to redo' });
  });

  it('go to another one where the scene on air is undone', async () => {
    await goLive();
    await stage.scenes.add({ scene: { id: 'four', layers: [] } });
    await stage.scenes.switchTo({ id: 'four' });
    await stage.scenes.preview({ id: 'four' });
    await stage.scenes.undo();
    const cut: TransitionConfig = { type: 'cut', durationMs: 0, direction: 'left' };
    assert.deepEqual(stage.encoder.setStage.lastCall.args[1], cut);
    assert.deepEqual([staged().programme, canvas()?.programme, canvas()?.preview], ['one', 'one', undefined]);
  });

  it('are kept for the show and restored, unless the configuration says something else of them then', async () => {
    await goLive();
    await stage.scenes.add({ scene: { id: 'four', layers: [layer('l', { source: 'b' })] } as never });
    await stage.scenes.setLayer({ scene: 'one', id: 'm', change: { x: 77 } });
    await stage.scenes.remove({ id: 'two' });
    await stage.sources.set({ id: 'b', change: { path: '/x.mp4' } });
    await stage.broadcast.stop();

    await goLive({ startScene: 'four' });
    assert.deepEqual([started()?.programme, ids(started()?.scenes)], ['four', ['one', 'three', 'four']]);
    assert.equal(layersOf(started(), 'one')?.[1]?.x, 77);
    assert.equal(
      stage.notices.at(-1)?.message,
      '4 changes made on air were restored. "bulkhead scene reset" goes back to the configuration.',
    );
    await stage.broadcast.stop();

    const [, ...others] = CONTENT.scenes;
    await goLive({ scenes: [{ id: 'one', layers: [layer('edited')] }, ...others] });
    assert.deepEqual(
      [ids(layersOf(started(), 'one')), ids(started()?.scenes)],
      [['edited'], ['one', 'three', 'four']],
    );
    await stage.scenes.reset();
    assert.deepEqual([ids(staged().scenes), stage.state.shows.size], [['one', 'two', 'three'], 0]);
    await stage.scenes.undo();
    assert.deepEqual(ids(staged().scenes), ['one', 'three', 'four']);
  });

  it('are as they were on air, whether the file has what was saved meanwhile or what it had before', async () => {
    await goLive();
    const at = (x: number) => ({
      scenes: [
        { id: 'one', layers: [layer('l'), layer('m', { source: 'b', x, opacity: 0.5 })] },
        ...CONTENT.scenes.slice(1),
      ],
    });
    await stage.scenes.setLayer({ scene: 'one', id: 'm', change: { x: 50 } });
    await stage.scenes.noteSaved({ list: 'scenes', id: 'one' });
    await stage.scenes.add({ scene: { id: 'four', layers: [] } });
    await stage.scenes.noteSaved({ list: 'scenes', id: 'four' });
    await stage.broadcast.stop();
    await goLive(at(10));
    assert.deepEqual(
      [layersOf(started(), 'one')?.[1]?.x, started()?.scenes.length],
      [50, 4],
      'the core has died',
    );
    await stage.scenes.undo().catch(() => {});
    await stage.broadcast.stop();
    await goLive(at(50));
    assert.equal(layersOf(started(), 'one')?.[1]?.x, 50);

    await stage.scenes.setLayer({ scene: 'one', id: 'm', change: { x: 70 } });
    await stage.scenes.noteSaved({ list: 'scenes', id: 'one' });
    await stage.scenes.undo();
    await stage.broadcast.stop();
    await goLive(at(70));
    assert.equal(layersOf(started(), 'one')?.[1]?.x, 50, 'what was undone is undone');
    await stage.broadcast.stop();
    await goLive(at(80));
    assert.equal(layersOf(started(), 'one')?.[1]?.x, 80, 'who edits the file wants the edit');
  });

  it('are those of the configuration, with a warning, where what was kept does not fit it any more', async () => {
    await goLive();
    await stage.scenes.add({ scene: { id: 'four', layers: [layer('l', { source: 'b' })] } as never });
    await stage.broadcast.stop();
    await goLive({ sources: CONTENT.sources.slice(0, 1), scenes: CONTENT.scenes.slice(1) });
    assert.deepEqual(ids(started()?.scenes), ['two', 'three']);
    assert.match(
      stage.notices.at(-1)?.message ?? '',
      /does not fit the configuration any more: .*no source "b"/,
    );
  });

  it('are as loud in the status as the encoder last said', async () => {
    await goLive({ mixer: { sources: { b: { muted: true } } } });
    const source = (id: string) =>
      ({ id, type: 'file', state: 'live', item: 0, positionMs: 0, pid: 1 }) as const;
    stage.encoder.sources = () => [source('a'), source('b'), source('c')];
    const shown = () => {
      const { audio, sources } = stage.broadcast.status();
      return [audio, ...sources.map(({ peakDbfs, muted }) => [peakDbfs, muted])];
    };
    assert.deepEqual(shown(), [undefined, [null, false], [null, true], [null, false]]);
    const level = (db: number) => ({ peakDbfs: db, rmsDbfs: db - 3, shortTermLufs: db - 4 });
    stage.encoder.levels = { mix: level(-6), sources: { a: level(-7), b: level(-8) } };
    assert.deepEqual(shown(), [level(-6), [-7, false], [-8, true], [null, false]]);
  });

  it('are forgotten with the end of a broadcast that no file describes', async () => {
    await stage.start(configOf(['main'], CONTENT));
    await stage.scenes.remove({ id: 'two' });
    assert.equal(stage.state.shows.size, 1);
    await stage.broadcast.stop();
    assert.equal(stage.state.shows.size, 0);
  });

  it('are changed all the same when that cannot be kept, with a warning', async () => {
    await goLive();
    sinon.stub(stage.state, 'write').rejects(new BulkheadError(ErrorCodes.storageFailed, 'the disk is full'));
    const { scenes } = await stage.scenes.remove({ id: 'two' });
    assert.deepEqual([ids(scenes), stage.notices.at(-1)?.message], [['one', 'three'], 'the disk is full']);
  });

  it('are at most 200, and sources 100', async () => {
    await goLive();
    const scenes = Array.from({ length: 200 }, (_, index) => ({ id: `s${index}`, layers: [] }));
    const sources = Array.from({ length: 100 }, (_, index) => ({ id: `s${index}`, type: 'colour' }));
    await stage.broadcast.stop();
    await goLive({ scenes, sources });
    await assert.rejects(stage.scenes.add({ scene: { id: 'more', layers: [] } }), {
      message: /has 200 scenes already/,
    });
    const more = { id: 'more', type: 'colour', warm: false } as const;
    await assert.rejects(stage.sources.add({ source: more }), { message: /has 100 sources already/ });
  });

  it('are not there without a broadcast, and in one without scenes', async () => {
    await assert.rejects(stage.scenes.list(), { code: 'broadcast.state', message: /no broadcast is on air/ });
    await stage.start(configOf(['main']));
    await assert.rejects(stage.sources.list(), {
      code: 'broadcast.state',
      message: 'this broadcast has no scenes',
    });
    assert.equal(canvas()?.programme, undefined);
  });
});
