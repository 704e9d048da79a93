import assert from 'node:assert/strict';
import { startPlugin } from '@bulkhead/extension-api/testing';

const show = {
  sources: [
    { id: 'game', type: 'colour' },
    { id: 'cam', type: 'colour' },
  ],
  scenes: [
    {
      id: 'game',
      layers: [
        { id: 'game', source: 'game' },
        { id: 'cam', source: 'cam', x: 900, y: 500, width: 320, height: 180 },
      ],
    },
    { id: 'talk', layers: [{ id: 'cam', source: 'cam' }] },
  ],
};

describe('move-transition', () => {
  const live = async () => {
    const core = await startPlugin({ show });
    await core.broadcast.goLive();
    const run = (command: string, ...args: string[]) =>
      core.commands.execute(`move-transition.${command}`, ...args);
    const cam = async () => {
      const [scene] = await core.scenes.list();
      const { x, y, width, height, opacity } = scene?.layers.find(({ id }) => id === 'cam') ?? {};
      return [x, y, width, height, opacity];
    };
    return { core, run, cam };
  };

  it('switches scenes', async () => {
    const { core, run } = await live();
    assert.equal(await run('to', 'talk'), 'talk is on air.');
    assert.equal(core.scenes.onAir, 'talk');
    await assert.rejects(run('to', 'tall'), /did you mean "talk"/);
    await assert.rejects(run('to'), /expected the name of a scene/);
  });

  it('moves layers back to where they were saved', async () => {
    const { core, run, cam } = await live();
    await run('save', 'small');
    await core.scenes.setLayer('game', 'cam', { x: 0, y: 0, width: null, height: null, opacity: 0.5 });
    await run('save', 'large');
    assert.equal(await run('recall', 'small'), 'The layers of game are where "small" has them.');
    assert.deepEqual(await cam(), [900, 500, 320, 180, 1]);
    await run('recall', 'large');
    assert.deepEqual(await cam(), [0, 0, undefined, undefined, 0.5]);
    await assert.rejects(run('recall', 'larger'), /expected one of small, large/);
  });

  it('leaves out layers that are gone', async () => {
    const { core, run, cam } = await live();
    await run('save', 'small');
    await core.scenes.removeLayer('game', 'game');
    await core.scenes.setLayer('game', 'cam', { x: 0 });
    await run('recall', 'small');
    assert.equal((await cam())[0], 900);
  });
});
