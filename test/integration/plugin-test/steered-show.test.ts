import assert from 'node:assert/strict';
import { writePlugin } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { runPluginTest } from './run-plugin-test.js';

const manifest = {
  permissions: ['audio', 'overlays', 'scenes', 'sources'],
};

const source = `
  import { audio, overlays, scenes, sources } from '@bulkhead/extension-api';
  import { commands } from '@bulkhead/extension-api';
  export async function activate({ log, subscriptions }) {
    subscriptions.push(
      sources.onDidChangeState(({ id, from, to, error }) => log.warn('%s: %s → %s %s', id, from, to, error)),
      audio.followLevels(500, ({ mix, sources }) => log.debug('%s %s', mix.peakDbfs, sources.cam?.rmsDbfs)),
      commands.registerCommand('show.mute', (id) => audio.set(id, { muted: true })),
      commands.registerCommand('show.sources', () => sources.list()),
      commands.registerCommand('show.draw', (shade, width = 2) =>
        sources.sendFrame('meters', { width, height: 2, rgba: new Uint8Array(width * 8).fill(shade) })),
      sources.onDidChange(({ added }) => log.trace('sources %s', added.join())),
      commands.registerCommand('show.horn', async () => {
        const isAdded = await sources.addIfMissing({ id: 'horn', type: 'file', path: '/horn.wav', loop: false });
        await sources.play('horn');
        return isAdded;
      }),
      commands.registerCommand('show.restart', (id) => sources.restart(id)),
      scenes.onDidSwitch(({ from, to }) => log.info('%s → %s', from, to)),
      commands.registerCommand('show.switch', (id) => scenes.switchTo(id, { type: 'fade', durationMs: 500 })),
      commands.registerCommand('show.list', () => scenes.list()),
      await overlays.create('title', { x: 5, elements: [{ id: 'text', type: 'text', text: 'Hello' }] }),
    );
  }`;

const spec = `
import assert from 'node:assert/strict';
import { startPlugin } from '@bulkhead/extension-api/testing';

const show = {
  sources: [{ id: 'cam', type: 'colour' }],
  scenes: [{ id: 'one', layers: [{ id: 'cam', source: 'cam' }] }, { id: 'two' }],
  startScene: 'two',
};

it('shows what the plugin draws', async () => {
  const core = await startPlugin();
  const [{ id, x, visible, elements }] = core.overlays as [(typeof core.overlays)[0]];
  assert.deepEqual([id, x, visible, elements.map(({ type }) => type)], ['show/title', 5, true, ['text']]);
  await core.faults.killHost();
  assert.equal(core.overlays.length, 1);
  await core.clock.advance(10_000);
  assert.equal(core.overlays.length, 0);
});

it('has the scenes of the test, which both sides switch', async () => {
  const core = await startPlugin({ show });
  assert.equal(core.scenes.onAir, undefined);
  await core.broadcast.goLive();
  assert.equal(core.scenes.onAir, 'two');
  await core.commands.execute('show.switch', 'one');
  assert.equal(core.scenes.onAir, 'one');
  await core.scenes.switchTo('two');
  await core.scenes.preview('one');
  assert.equal(core.scenes.previewed, 'one');
  await core.scenes.add({ id: 'three' });
  assert.deepEqual(await core.commands.execute('show.list'), await core.scenes.list());
  await assert.rejects(core.commands.execute('show.switch', 'tree'), /did you mean "three"/);
  await core.broadcast.end();
  assert.deepEqual(core.log.filter(({ level }) => level === 'info').map(({ message }) => message), [
    'undefined → two', 'two → one', 'one → two', 'two → undefined',
  ]);
});

it('has sources in the states that the test says', async () => {
  const core = await startPlugin({ show });
  await core.broadcast.goLive();
  await core.sources.setState('cam', 'retrying', 'unplugged');
  const [cam] = await core.sources.list();
  assert.deepEqual([cam?.state, cam?.error, cam?.scenes], ['retrying', 'unplugged', ['one']]);
  assert.deepEqual(await core.commands.execute('show.sources'), await core.sources.list());
  await core.commands.execute('show.restart', 'cam');
  assert.deepEqual(core.sources.steps.filter(({ kind }) => kind === 'restart'), [{ kind: 'restart', id: 'cam' }]);
  assert.deepEqual(core.log.filter(({ level }) => level === 'warn').map(({ message }) => message), [
    'cam: cold → live undefined', 'cam: live → retrying unplugged',
  ]);
});

it('has the frames that the plugin sends of a source that is open', async () => {
  const meters = { id: 'meters', type: 'plugin', plugin: 'show' };
  const core = await startPlugin({ show: { ...show, sources: [...show.sources, meters] } });
  const state = async () => (await core.sources.list()).find(({ id }) => id === 'meters')?.state;
  await assert.rejects(core.commands.execute('show.draw', 1), /no broadcast is on air/);
  await core.broadcast.goLive();
  assert.equal(await state(), 'starting');
  await core.commands.execute('show.draw', 2);
  await core.commands.execute('show.draw', 3, 500);
  assert.equal(await state(), 'live');
  await core.sources.setState('meters', 'cold');
  await core.commands.execute('show.draw', 4);
  await core.sources.setState('meters', 'live');
  assert.deepEqual(core.sources.frames('meters').map(({ width, rgba }) => [width, rgba.length, rgba[0]]), [
    [2, 16, 2], [500, 4000, 3],
  ]);
  assert.deepEqual(core.sources.frames('cam'), []);
  await assert.rejects(core.commands.execute('show.draw', 5, 3), /3 × 2 pixels: expected even numbers/);
  core.faults.revoke('sources');
  await assert.rejects(core.commands.execute('show.draw', 6), /may not see, add and change sources/);
});

it('loses a source whose plugin has died', async () => {
  const meters = { id: 'meters', type: 'plugin', plugin: 'show' };
  const core = await startPlugin({ show: { ...show, sources: [...show.sources, meters] } });
  await core.broadcast.goLive();
  await core.commands.execute('show.draw', 1);
  await core.faults.killHost();
  const state = async () => (await core.sources.list()).find(({ id }) => id === 'meters')?.state;
  assert.equal(await state(), 'retrying');
  await core.activate();
  assert.equal(await state(), 'stalled');
  await core.commands.execute('show.draw', 2);
  assert.deepEqual([await state(), core.sources.frames('meters').length], ['live', 2]);
});

it('has levels that the test sets, and a mixer', async () => {
  const core = await startPlugin({ show });
  await core.clock.advance(1000);
  await core.broadcast.goLive();
  core.audio.setLevels({ mix: { peakDbfs: -6 }, sources: { cam: { rmsDbfs: -20 } } });
  await core.clock.advance(1000);
  core.audio.setLevels({ mix: { peakDbfs: null } });
  await core.clock.advance(1000);
  const levels = core.log.filter(({ level }) => level === 'debug').map(({ message }) => message);
  assert.deepEqual(levels, ['-6 -20', '-6 -20', '-6 -20', 'null -20']);
  await core.commands.execute('show.mute', 'cam');
  assert.deepEqual((await core.audio.list()).map(({ id, muted }) => [id, muted]), [['cam', true]]);
});

it('is changed as the streamer does', async () => {
  const core = await startPlugin({ show });
  await core.broadcast.goLive();
  await core.sources.add({ id: 'music', type: 'file', path: '/music.mp3' });
  await core.sources.set('music', { warm: true });
  await core.scenes.addLayer('one', { id: 'music', source: 'music' });
  await core.scenes.setLayer('one', 'music', { x: 20 });
  await core.audio.set('music', { gainDb: -6 });
  await core.scenes.preview('one');
  await core.scenes.take({ type: 'cut' });
  const [one] = await core.scenes.list();
  assert.deepEqual([one?.isOnAir, one?.layers.map(({ id, x }) => [id, x])], [true, [['cam', 0], ['music', 20]]]);
  assert.deepEqual((await core.audio.list()).map(({ id, gainDb }) => [id, gainDb]), [['cam', 0], ['music', -6]]);
  await core.sources.restart('music');
  assert.deepEqual(core.sources.steps.filter(({ kind }) => kind === 'restart'), [{ kind: 'restart', id: 'music' }]);
  await assert.rejects(core.sources.remove('music'), /music/);
  await core.scenes.removeLayer('one', 'music');
  await core.sources.remove('music');
  await core.scenes.undo();
  assert.deepEqual((await core.sources.list()).map(({ id }) => id), ['cam', 'music']);
  await core.scenes.redo();
  await core.scenes.set({ id: 'one', layers: [] });
  assert.deepEqual((await core.commands.execute('show.list')) , await core.scenes.list());
});

it('has settings of sources, and what was done to them', async () => {
  const core = await startPlugin({ show });
  await core.broadcast.goLive();
  await core.clock.advance(200);
  assert.deepEqual(core.sources.steps, []);
  assert.equal(await core.commands.execute('show.horn'), true);
  assert.equal(await core.commands.execute('show.horn'), false);
  await core.sources.set('horn', { path: '/loud.wav' });
  await core.sources.remove('horn');
  assert.equal(core.sources.settingsOf('horn'), undefined);
  await core.scenes.undo();
  const { path, loop, addedBy } = core.sources.settingsOf('horn') ?? {};
  assert.deepEqual([path, loop, addedBy], ['/loud.wav', false, 'show']);
  assert.deepEqual(core.sources.steps.map(({ kind, id }) => kind + ' ' + id), [
    'add horn', 'play horn', 'play horn', 'set horn', 'remove horn', 'add horn',
  ]);
  await core.clock.advance(100);
  const heard = core.log.filter(({ message }) => message.startsWith('sources ')).map(({ message }) => message);
  assert.equal(heard.at(-1), 'sources horn');
});

it('needs the permissions', async () => {
  const core = await startPlugin({ show });
  await core.broadcast.goLive();
  core.faults.revoke('scenes');
  await assert.rejects(core.commands.execute('show.list'), /may not see, change and switch scenes/);
});

it('has no scenes that cannot be', async () => {
  await assert.rejects(startPlugin({ show: { scenes: [{ id: 'not an id' }] } }), { code: 'config.invalid' });
});
`;

describe('a test with a show', () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('plugin-test');
  });
  afterEach(() => folder.dispose());

  it('gives it to the plugin, and shows what the plugin makes of it', async () => {
    const files = { 'test/show.test.ts': spec };
    const plugin = writePlugin(folder.path, 'show', {
      source,
      manifest,
      installed: true,
      type: 'esm',
      files,
    });
    const { code, stdout, stderr } = await runPluginTest(plugin);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /10 passing/);
  });
});
