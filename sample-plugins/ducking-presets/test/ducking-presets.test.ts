import assert from 'node:assert/strict';
import { startPlugin } from '@bulkhead/extension-api/testing';

const show = {
  sources: [
    { id: 'mic', type: 'colour' },
    { id: 'music', type: 'colour' },
    { id: 'game', type: 'colour' },
  ],
  scenes: [{ id: 'main' }, { id: 'break' }],
};
const settings = {
  presets: ['talk = music -18 by mic, game -6 by mic', 'off = music, game'],
  scenes: ['main = talk', 'break = off'],
};

describe('ducking-presets', () => {
  const live = async (given: typeof settings = settings) => {
    const core = await startPlugin({ show, settings: given });
    await core.broadcast.goLive();
    await core.settle();
    const ducked = async () => {
      const sounds = await core.audio.list();
      return Object.fromEntries(sounds.map(({ id, ducking }) => [id, ducking?.['amountDb']]));
    };
    const use = (name: string) => core.commands.execute('ducking-presets.use', name);
    return { core, ducked, use };
  };

  it('uses the preset of the scene on air', async () => {
    const { core, ducked } = await live();
    assert.deepEqual(await ducked(), { mic: undefined, music: -18, game: -6 });
    assert.equal(core.statusItems['preset'], 'talk');
    await core.scenes.switchTo('break');
    assert.deepEqual(await ducked(), { mic: undefined, music: undefined, game: undefined });
    assert.equal(core.statusItems['preset'], 'off');
  });

  it('uses a preset on command', async () => {
    const { core, ducked, use } = await live({ ...settings, scenes: [] });
    assert.deepEqual(await ducked(), { mic: undefined, music: undefined, game: undefined });
    assert.equal(await use('talk'), 'The preset is talk.');
    assert.equal((await ducked())['music'], -18);
    assert.equal(await core.commands.execute('ducking-presets.list'), 'talk, off');
    await assert.rejects(use('tall'), /expected one of talk, off, got "tall"/);
  });

  it('says which source is missing', async () => {
    const { core, use } = await live({ presets: ['talk = musik -18 by mic'], scenes: ['main = talk'] });
    assert.match(core.statusItems['preset'] ?? '', /did you mean "music"/);
    await assert.rejects(use('talk'), /did you mean "music"/);
  });

  it('takes only presets', async () => {
    await assert.rejects(
      startPlugin({ settings: { presets: ['talk = music -18'] } }),
      /as in "music -18 by mic"/,
    );
  });
});
