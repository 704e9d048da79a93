import assert from 'node:assert/strict';
import type { Frame } from '../../../../src/encoder/canvas/frame-pool.js';
import { FedSources } from '../../../../src/encoder/stage/fed-sources.js';
import type { StageSource } from '../../../../src/encoder/stage/stage-source.js';

describe('sources of which encodes are made alone', () => {
  const layout = { width: 4, height: 2, hasAlpha: false };
  const source = (version: number) =>
    ({ current: { bytes: Buffer.alloc(12) } as Frame, version, pcm: Buffer.alloc(4) }) as StageSource;
  let open: Map<string, StageSource>;
  let replaced: Set<string>;
  let small: Set<string>;
  let fed: FedSources;

  beforeEach(() => {
    open = new Map();
    replaced = new Set();
    small = new Set();
    const sources = { get: (id: string) => open.get(id), isBeingReplaced: (id: string) => replaced.has(id) };
    fed = new FedSources(
      sources,
      () => layout,
      (id) => {
        if (!small.delete(id)) return false;
        replaced.add(id);
        return true;
      },
    );
  });

  const ids = () => fed.take()?.map(({ id, version }) => `${id} ${version}`);

  it('are those that are wanted and have a frame', () => {
    assert.equal(fed.take(), undefined);
    assert.equal(fed.set(['cam', 'guest', 'gone']), true);
    assert.equal(fed.set(['cam', 'guest', 'gone']), false);
    open.set('cam', source(3)).set('other', source(1));
    open.set('guest', { ...source(0), current: undefined } as StageSource);
    assert.deepEqual(ids(), ['cam 3']);
  });

  it('begin when they are as large as they can be, and go on while they are replaced', () => {
    fed.set(['cam']);
    small.add('cam');
    open.set('cam', source(1));
    assert.deepEqual(ids(), []);
    assert.deepEqual(ids(), []);
    replaced.clear();
    assert.deepEqual(ids(), ['cam 1']);
    replaced.add('cam');
    assert.deepEqual(ids(), ['cam 1']);
  });
});
