import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { startPlugin } from '@bulkhead/extension-api/testing';

const show = { sources: [], scenes: [{ id: 'main' }] };

describe('soundboard', () => {
  const live = async (sounds: readonly string[] = []) => {
    const core = await startPlugin({ show, settings: { sounds } });
    await core.broadcast.goLive();
    const play = (name: string) => core.commands.execute('soundboard.play', name);
    return { core, play };
  };

  it('plays a sound as often as it is asked for, with nothing for the streamer to undo but its source', async () => {
    const { core, play } = await live();
    await play('beep');
    await play('beep');
    assert.deepEqual(
      core.sources.steps.map(({ kind, id }) => `${kind} ${id}`),
      ['add sound-beep', 'play sound-beep', 'play sound-beep'],
    );
    const settings = core.sources.settingsOf('sound-beep');
    assert.equal(settings?.['loop'], false);
    const wav = await readFile(String(settings['path']));
    assert.deepEqual([wav.toString('latin1', 0, 4), wav.length], ['RIFF', 44 + 2 * 14_400]);
  });

  it('says what is being played, and what cannot be', async () => {
    const { core, play } = await live(['horn = /sounds/horn.mp3']);
    await play('horn');
    await core.sources.setState('sound-horn', 'starting');
    await core.sources.setState('sound-horn', 'live');
    assert.equal(core.statusItems['playing'], 'horn');
    await core.sources.setState('sound-horn', 'ended');
    assert.equal(core.statusItems['playing'], undefined);
    await core.sources.setState('sound-horn', 'failed', 'there is no such file');
    assert.equal(core.statusItems['playing'], 'horn: there is no such file');
  });

  it('plays another file when the settings say so, and knows its sounds', async () => {
    const { core, play } = await live(['horn = /sounds/horn.mp3']);
    await play('horn');
    await core.setSettings({ sounds: ['horn = /sounds/loud.mp3', 'bell=bell.wav'] });
    await play('horn');
    assert.equal(core.sources.settingsOf('sound-horn')?.['path'], '/sounds/loud.mp3');
    assert.equal(await core.commands.execute('soundboard.list'), 'beep, horn, bell');
    await assert.rejects(play('bel'), /expected one of beep, horn, bell, got "bel"/);
  });

  it('takes only names and files', async () => {
    await assert.rejects(startPlugin({ settings: { sounds: ['horn'] } }), /expected a name and a file/);
  });

  it('says so without a broadcast', async () => {
    const core = await startPlugin({ show });
    await assert.rejects(core.commands.execute('soundboard.play', 'beep'), /no broadcast is on air/);
  });
});
