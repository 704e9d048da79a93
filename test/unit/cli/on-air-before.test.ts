import assert from 'node:assert/strict';
import { asOnAir, onAirIn, withoutEdited } from '../../../src/cli/live/on-air-before.js';
import { BroadcastConfigSchema } from '../../../src/config/schema.js';

const scene = (id: string) => ({ id, layers: [] });
const configOf = (change: object = {}, upright: object = {}) =>
  BroadcastConfigSchema.parse({
    scenes: [scene('one'), scene('two')],
    canvases: [
      { id: 'upright', scenes: [scene('one'), scene('two')], ...upright },
      { id: 'square', scenes: [scene('one')] },
    ],
    ...change,
  });
const canvas = (id: string, programme: string, to?: string) => ({
  ...{ id, width: 2, height: 2, fps: 30, programme },
  ...(to === undefined ? {} : { transition: { type: 'cut', durationMs: 0, direction: 'left', to } as const }),
});
const startScenes = ({ startScene, canvases }: ReturnType<typeof configOf>) => [
  startScene,
  ...canvases.map((one) => one.startScene),
];

describe('what was on air when the core died', () => {
  const onAir = onAirIn({
    encoder: {} as never,
    canvases: [canvas('main', 'two'), canvas('upright', 'one', 'two'), canvas('square', 'one')],
  });

  it('goes on, on every canvas, with the scene that was wanted', () => {
    assert.deepEqual(startScenes(asOnAir(configOf(), onAir)), ['two', 'two', 'one']);
    assert.deepEqual(startScenes(asOnAir(configOf(), {})), [undefined, undefined, undefined]);
  });

  it('is what the configuration says where that was edited', () => {
    const before = configOf();
    const main = configOf({ startScene: 'one' });
    assert.deepEqual(startScenes(asOnAir(main, withoutEdited(onAir, before, main))), ['one', 'two', 'one']);
    const upright = configOf({}, { startScene: 'one' });
    assert.deepEqual(startScenes(asOnAir(upright, withoutEdited(onAir, before, upright))), [
      ...['two', 'one', 'one'],
    ]);
  });
});
