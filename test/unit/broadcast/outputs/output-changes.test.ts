import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { OutputConfig } from '../../../../src/config/schema.js';
import {
  applyChanges,
  changesOf,
  describeChanges,
  KeptChangesSchema,
  type WantedOutput,
} from '../../../../src/core/broadcast/outputs/output-changes.js';

const config = (id: string, url = 'rtmp://a.example/app'): OutputConfig => ({ id, type: 'rtmp', url });
const wanted = (output: OutputConfig, isStopped = false): WantedOutput => ({ config: output, isStopped });

const ids = ['one', 'two', 'three', 'four'];
const configs = fc
  .uniqueArray(
    fc.record({
      id: fc.constantFrom(...ids),
      url: fc.constantFrom('rtmp://a.example/app', 'rtmps://b.example/app'),
    }),
    { selector: ({ id }) => id },
  )
  .map((list) => list.map(({ id, url }) => config(id, url)));
const wantedOutputs = configs.chain((list) =>
  fc.tuple(
    ...list.map((output) =>
      fc.record({
        config: fc.constant(output),
        secrets: fc.option(
          fc.string({ minLength: 1 }).map((key) => ({ key })),
          { nil: undefined },
        ),
        isStopped: fc.boolean(),
      }),
    ),
  ),
);

describe('changes of outputs', () => {
  it('make of the configuration what was wanted, also after a file', () => {
    const byId = (list: readonly WantedOutput[]) =>
      [...list]
        .sort((a, b) => (a.config.id < b.config.id ? -1 : 1))
        .map(({ config, secrets, isStopped }) => ({ config, secrets, isStopped }));
    fc.assert(
      fc.property(configs, wantedOutputs, (configured, outputs) => {
        const file = JSON.parse(JSON.stringify(changesOf(configured, outputs)));
        const restored = applyChanges(configured, KeptChangesSchema.parse(file));
        assert.deepEqual(byId(restored), byId(outputs));
      }),
    );
  });

  it('are none where nothing differs', () => {
    const configured = [config('one'), config('two')];
    assert.deepEqual(
      changesOf(
        configured,
        configured.map((output) => wanted(output)),
      ),
      [],
    );
    assert.deepEqual(
      applyChanges(configured, []),
      configured.map((output) => wanted(output)),
    );
  });

  it('give way to a configuration that was edited since', () => {
    const before = [config('changed'), config('removed'), config('stopped'), config('gone')];
    const kept = changesOf(before, [
      wanted(config('changed', 'rtmp://on.air/app')),
      wanted(config('stopped'), true),
      wanted(config('gone', 'rtmp://on.air/app')),
      wanted(config('added', 'rtmp://on.air/app')),
    ]);
    const edited = ['changed', 'removed', 'stopped', 'added'].map((id) => config(id, 'rtmp://edited/app'));
    assert.deepEqual(
      applyChanges(edited, kept),
      edited.map((output) => wanted(output)),
    );
  });

  it('are told by what they are', () => {
    const kept = changesOf(
      [config('a'), config('b'), config('c')],
      [wanted(config('a', 'rtmp://x/app')), wanted(config('b'), true), wanted(config('d'))],
    );
    assert.deepEqual(describeChanges(kept), [
      { id: 'c', kind: 'removed' },
      { id: 'a', kind: 'changed' },
      { id: 'b', kind: 'stopped' },
      { id: 'd', kind: 'added' },
    ]);
  });
});
