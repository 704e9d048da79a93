import assert from 'node:assert/strict';
import sinon from 'sinon';
import { ScenesSchema } from '../../../../src/config/scene-schema.js';
import { FramePool } from '../../../../src/encoder/canvas/frame-pool.js';
import { SideCanvases } from '../../../../src/encoder/stage/side-canvases.js';
import type { StageSource } from '../../../../src/encoder/stage/stage-source.js';

const LAYOUT = { width: 16, height: 16, hasAlpha: false };
const scene = (id: string, source: string, settings: object = {}) => ({
  id,
  layers: [{ id: 'l', source, ...settings }],
});
const upright = (programme: string) => ({
  ...{ id: 'upright', width: 20, height: 36, programme },
  scenes: ScenesSchema.parse([scene('one', 'a', { fit: 'cover' }), scene('two', 'b')]),
});
const MAIN = { width: 64, height: 36, covers: false, isNative: false };
const FADE = { type: 'fade', durationMs: 200, direction: 'left' } as const;

describe('SideCanvases', () => {
  let pool: FramePool;
  let composed: number;
  let versions: Map<string, number>;
  let sides: SideCanvases;
  let hasAll: boolean;

  beforeEach(() => {
    pool = new FramePool(6, 20);
    composed = 0;
    hasAll = true;
    versions = new Map([
      ['a', 1],
      ['b', 1],
    ]);
    const compose = () => {
      composed += 1;
      return pool.acquire();
    };
    sides = new SideCanvases([upright('one')], {
      fps: 10,
      layoutOf: () => LAYOUT,
      compositorOf: () => ({ compose, fade: compose }),
      sources: {
        get: (id) => ({ version: versions.get(id), showsFallback: false }) as StageSource,
        shown: () => undefined,
        hasAll: () => hasAll,
        fallbackOf: () => undefined,
      },
    });
  });
  afterEach(() => sides.dispose());

  function take(): boolean {
    const frames = sides.take();
    frames?.get('upright')?.release();
    return frames !== undefined;
  }

  it('composes nothing and needs no source while nobody takes it', async () => {
    assert.equal(take(), false);
    assert.equal(composed, 0);
    assert.deepEqual(sides.neededSources, []);
    assert.deepEqual(sides.useOf('a', MAIN), MAIN);
    // What is wanted meanwhile is on air at once, and nobody waits for it.
    await sides.set([upright('two')], FADE);
    sides.compose(new Set(['upright']));
    assert.deepEqual(sides.sourcesOnAir, ['b']);
  });

  it('composes a frame where something has changed, of sources that are large enough for all canvases', () => {
    sides.compose(new Set(['upright']));
    assert.deepEqual([take(), take()], [true, false]);
    versions.set('b', 2);
    assert.equal(take(), false);
    versions.set('a', 2);
    assert.equal(take(), true);
    assert.deepEqual(sides.useOf('a', { ...MAIN, height: 20 }), { ...MAIN, covers: true });
    assert.equal(pool.inUse, 0);
  });

  it('shows nothing until what its first scene shows has a frame, for 3 s at most', () => {
    const clock = sinon.useFakeTimers({ toFake: ['performance'] });
    try {
      hasAll = false;
      sides.compose(new Set(['upright']));
      assert.equal(take(), false);
      hasAll = true;
      assert.equal(take(), true);
      hasAll = false;
      versions.set('a', 2);
      assert.equal(take(), true, 'it has begun');
      sides.compose(new Set());
      sides.compose(new Set(['upright']));
      assert.equal(take(), false);
      clock.tick(2999);
      assert.equal(take(), false);
      clock.tick(1);
      assert.equal(take(), true);
    } finally {
      clock.restore();
    }
  });

  it('goes to another scene by a transition, which is waited for', async () => {
    sides.compose(new Set(['upright']));
    take();
    let isOver = false;
    const over = sides.set([upright('two')], FADE).then(() => {
      isOver = true;
    });
    assert.deepEqual(sides.neededSources.toSorted(), ['a', 'b']);
    take();
    assert.deepEqual([take(), take()], [true, true]);
    await over;
    assert.ok(isOver);
    assert.deepEqual(sides.sourcesOnAir, ['b']);
    take();
    assert.deepEqual([take(), take()], [false, false]);
    assert.equal(pool.inUse, 0);
  });

  it('leaves nobody waiting where it is not composed any more', async () => {
    sides.compose(new Set(['upright']));
    const over = sides.set([upright('two')], FADE);
    sides.compose(new Set());
    await over;
    assert.deepEqual(sides.take(), undefined);
  });
});
