import assert from 'node:assert/strict';
import { startPlugin } from '@bulkhead/extension-api/testing';

const show = { sources: [], scenes: [{ id: 'main' }, { id: 'break' }] };
const settings = { notes: ['main = Thank the sponsors', 'break=Water!'] };

describe('scene-notes', () => {
  it('shows the notes of the scene on air and of the one previewed', async () => {
    const core = await startPlugin({ show, settings });
    const shown = () => [core.statusItems['note'], core.statusItems['next']];
    assert.deepEqual(shown(), [undefined, undefined]);
    await core.broadcast.goLive();
    await core.clock.advance(200);
    assert.deepEqual(shown(), ['Thank the sponsors', undefined]);
    await core.scenes.preview('break');
    await core.clock.advance(200);
    assert.deepEqual(shown(), ['Thank the sponsors', 'Water!']);
    await core.scenes.take();
    await core.clock.advance(200);
    assert.deepEqual(shown(), ['Water!', 'Thank the sponsors']);
    await core.broadcast.end();
    await core.clock.advance(200);
    assert.deepEqual(shown(), [undefined, undefined]);
  });

  it('keeps what is noted on air', async () => {
    const core = await startPlugin({ show, settings });
    await core.broadcast.goLive();
    const run = (command: string, ...args: string[]) =>
      core.commands.execute(`scene-notes.${command}`, ...args);
    assert.equal(await run('set', 'main', 'Ask', 'Anna'), 'Noted for main.');
    assert.equal(core.statusItems['note'], 'Ask Anna');
    assert.equal(await run('set', 'break'), 'break has no note.');
    await core.faults.killHost();
    await core.activate();
    assert.equal(core.statusItems['note'], 'Ask Anna');
    assert.equal(await run('show'), 'main: Ask Anna');
    await assert.rejects(run('set'), /expected the name of a scene/);
  });

  it('says which note is none', async () => {
    await assert.rejects(
      startPlugin({ settings: { notes: ['main'] } }),
      /expected a scene and a text.*got "main"/,
    );
  });
});
