import assert from 'node:assert/strict';
import sinon from 'sinon';
import { RecordingSchema } from '../../../src/config/recording-schema.js';
import { ReplaySchema } from '../../../src/config/replay-schema.js';
import type { BroadcastConfig } from '../../../src/config/schema.js';
import type { ExtensionHosts } from '../../../src/core/extension-hosts/hosts/extension-hosts.js';
import { type FollowedConfiguration, Reconfiguration } from '../../../src/core/show/reconfiguration.js';
import type { ConfiguredKeybinding } from '../../../src/keys/keybinding-order.js';
import type { NoticeParams } from '../../../src/protocol/control.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { SILENT_LOG } from '../../support/silent-log.js';
import { BroadcastStage, configOf } from '../broadcast/broadcast-stage.js';

const SHOW = '/show.jsonc';
const layer = (source: string, change: object = {}) => ({ id: source, source, ...change });
const CONTENT = {
  sources: [
    { id: 'a', type: 'colour' },
    { id: 'b', type: 'colour' },
  ],
  scenes: [
    { id: 'one', layers: [layer('a')] },
    { id: 'two', layers: [layer('b')] },
  ],
  mixer: { sources: { a: { gainDb: -3 } } },
};

describe('a broadcast that follows its configuration', () => {
  let stage: BroadcastStage;
  let reconfiguration: Reconfiguration;
  let followed: FollowedConfiguration;
  let notices: Omit<NoticeParams, 'atMs'>[];
  let plugins: sinon.SinonStub<[], Promise<boolean>>;
  let configured: ConfiguredKeybinding[];
  let recorded: string[];
  let replayed: (number | undefined)[];
  let prepare: sinon.SinonStub<Parameters<ExtensionHosts['prepareConfiguration']>, () => Promise<boolean>>;

  beforeEach(() => {
    stage = new BroadcastStage();
    notices = [];
    configured = [];
    recorded = [];
    replayed = [];
    plugins = sinon.stub<[], Promise<boolean>>().resolves(true);
    prepare = sinon.stub<Parameters<ExtensionHosts['prepareConfiguration']>, () => Promise<boolean>>();
    prepare.returns(plugins);
    stage.encoder.reconfigure.callsFake(async (change) => ({
      settings: { ...configOf([]), ...change } as never,
      ffmpegPath: undefined,
    }));
    reconfiguration = new Reconfiguration(
      { prepareConfiguration: prepare },
      stage.management,
      stage.collection,
      stage.broadcast,
      { configure: (keybindings) => void configured.push(...keybindings) },
      { enable: () => {} },
      { configure: ({ name }) => void recorded.push(name) },
      { configure: (replay) => void replayed.push(replay?.seconds) },
      { notice: (notice) => notices.push(notice) },
      SILENT_LOG,
    );
  });
  afterEach(() => stage.end());

  async function goLive(config: BroadcastConfig): Promise<void> {
    await stage.start(config, SHOW);
    followed = { config, started: config };
    for (const { id } of config.outputs) stage.output(id).become('live');
  }
  async function follow(config: BroadcastConfig) {
    const { followed: next, ...result } = await reconfiguration.follow(followed, config);
    followed = next;
    return result;
  }
  const told = () => notices.map(({ severity, message }) => `${severity}: ${message}`);
  const ids = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id);
  const layersOf = (scene: string) =>
    stage.collection.current.scenes.find(({ id }) => id === scene)?.layers.map(({ x }) => x);

  it('has keys run other commands at once', async () => {
    await goLive(configOf(['main']));
    const keybindings = [{ key: 'f5', command: 'a.b' }];
    const result = await follow(configOf(['main'], { keybindings }));
    assert.deepEqual(result, { applied: ['keybindings'], needsRestart: [] });
    assert.deepEqual(configured, keybindings);
  });

  it('has the next recording be as it says', async () => {
    await goLive(configOf(['main']));
    const recording = RecordingSchema.parse({ name: 'other' });
    const result = await follow(configOf(['main'], { recording }));
    assert.deepEqual(result, { applied: ['recording.name'], needsRestart: [] });
    assert.deepEqual(recorded, ['other']);
  });

  it('has the replay buffer follow, with the folder of recordings', async () => {
    await goLive(configOf(['main']));
    const replay = ReplaySchema.parse({ seconds: 10 });
    const result = await follow(configOf(['main'], { replay }));
    assert.deepEqual(result, { applied: ['replay'], needsRestart: [] });
    const recording = RecordingSchema.parse({ folder: '/other' });
    assert.deepEqual((await follow(configOf(['main'], { replay, recording }))).applied, ['recording.folder']);
    assert.deepEqual(replayed, [10, 10]);
  });

  it('applies what it can, plugins first, and says what has to wait for the next start', async () => {
    await goLive(configOf(['main'], { ...CONTENT, profile: 'a' }));
    const config = configOf(['main', 'kick'], {
      ...CONTENT,
      scenes: [...CONTENT.scenes, { id: 'three', layers: [] }],
      video: { bitrateKbps: 4000, fps: 60 },
      liveServer: { httpPort: 9000 },
      profile: 'a',
      pluginSettings: { 'me.chat': { size: 40 } },
    });
    const applied = ['pluginSettings.me.chat', 'outputs.kick', 'scenes.three', 'video.bitrateKbps'];
    const needsRestart = ['video.fps', 'liveServer.httpPort'];
    assert.deepEqual(await follow(config), { applied, needsRestart });
    assert.deepEqual(told(), [
      `warning: Applied: ${applied.join(', ')}. Applies when the broadcast is started again: ${needsRestart.join(', ')}.`,
    ]);
    assert.deepEqual(prepare.args, [[config, false]]);
    sinon.assert.callOrder(plugins, stage.encoder.setStage, stage.encoder.reconfigure);
    assert.deepEqual(stage.encoder.reconfigure.lastCall.args, [
      { video: { bitrateKbps: 4000 }, ffmpegPath: undefined },
    ]);
    assert.equal(stage.output('kick').start.callCount, 1);
    sinon.assert.notCalled(stage.output('main').stop);
    // Saved again, and taken back.
    assert.deepEqual(await follow(config), { applied: [], needsRestart: [] });
    const back = configOf(['main', 'kick'], { ...config, liveServer: {}, video: { bitrateKbps: 4000 } });
    assert.deepEqual(await follow(back), { applied: [], needsRestart: [] });
    assert.equal(told().length, 1);
  });

  it('keeps what was changed on air where the file says of it what it said before, and the change can be undone', async () => {
    await goLive(configOf(['main', 'kick'], CONTENT));
    for (const scene of ['one', 'two'])
      await stage.scenes.setLayer({ scene, id: scene === 'one' ? 'a' : 'b', change: { x: 10 } });
    await stage.management.stop({ id: 'kick' });
    await stage.management.set({ id: 'main', change: { url: 'rtmp://air.example/app' } });
    const edited = [{ id: 'one', layers: [layer('a', { x: 20 })] }, CONTENT.scenes[1]];
    const outputs = [
      { id: 'main', url: 'rtmp://file.example/app' },
      { id: 'kick', url: 'rtmp://live.example/app' },
    ];
    await follow(configOf([], { ...CONTENT, scenes: edited, outputs }));
    assert.deepEqual([layersOf('one'), layersOf('two')], [[20], [10]]);
    assert.equal(stage.output('main').url, 'rtmp://file.example/app');
    assert.deepEqual(
      (await stage.management.list()).changes.map(({ id, kind }) => `${id} ${kind}`),
      ['kick stopped'],
    );
    const kept = stage.state.shows.get(SHOW);
    assert.deepEqual([ids(kept?.collection.scenes ?? []), ids(kept?.outputs ?? [])], [['two'], ['kick']]);
    assert.equal((await stage.scenes.list()).undo, 'as the configuration file says now');
    await stage.scenes.undo();
    assert.deepEqual([layersOf('one'), layersOf('two')], [[10], [10]]);
  });

  it('shows another scene where the file has none of the one on air any more', async () => {
    await goLive(configOf(['main'], CONTENT));
    await follow(configOf(['main'], { ...CONTENT, scenes: CONTENT.scenes.slice(1) }));
    assert.equal(stage.collection.status?.programme, 'two');
  });

  it('shows the scenes of its canvases as the file says, and makes other canvases at the next start', async () => {
    const canvases = (x: number, change: object = {}) => [
      { id: 'upright', scenes: [{ id: 'one', layers: [layer('a', { x })] }, { id: 'two' }], ...change },
    ];
    const shown = () =>
      stage.collection.stage?.canvases?.map(({ id, width, scenes }) => [
        ...[id, width, scenes[0]?.layers[0]?.x],
      ]);
    await goLive(configOf(['main'], { ...CONTENT, canvases: canvases(10) }));
    await stage.scenes.setLayer({ scene: 'one', id: 'a', change: { x: 15 }, canvas: 'upright' });
    await follow(configOf(['main'], { ...CONTENT, canvases: canvases(10, { startScene: 'two' }) }));
    assert.deepEqual(shown(), [['upright', 720, 15]], 'it says the same of that scene');
    assert.deepEqual(await follow(configOf(['main'], { ...CONTENT, canvases: canvases(20) })), {
      ...{ applied: ['canvases.upright'], needsRestart: [] },
    });
    assert.deepEqual(shown(), [['upright', 720, 20]]);
    const more = [...canvases(30, { width: 360 }), { id: 'square', scenes: [{ id: 'one' }] }];
    assert.deepEqual(await follow(configOf(['main'], { ...CONTENT, canvases: more })), {
      ...{ applied: [], needsRestart: ['canvases.upright', 'canvases.square'] },
    });
    assert.deepEqual(shown(), [['upright', 720, 20]]);
    assert.equal(
      told().at(-1),
      'warning: Applies when the broadcast is started again: canvases.upright, canvases.square.',
    );
    const outputs = [{ id: 'main', url: 'rtmp://live.example/app', key: 'k', canvas: 'square' }];
    await assert.rejects(follow(configOf([], { ...CONTENT, canvases: more, outputs })), {
      message: 'expected the id of one of "canvases": "upright"',
      remedy: 'One that the configuration has by now is made when the broadcast is started again.',
    });
  });

  it('goes on with the file alone, with a warning, where what was changed does not fit it', async () => {
    await goLive(configOf(['main'], CONTENT));
    await stage.scenes.add({ scene: { id: 'air', layers: [layer('b')] } as never });
    const [a] = CONTENT.sources;
    const [one] = CONTENT.scenes;
    await follow(configOf(['main'], { ...CONTENT, sources: [a], scenes: [one] }));
    assert.deepEqual(ids(stage.collection.current.scenes), ['one']);
    assert.match(stage.notices.at(-1)?.message ?? '', /does not fit the configuration any more/);
  });

  it('changes nothing where anything is wrong', async () => {
    await goLive(configOf(['main'], CONTENT));
    prepare.throws(new BulkheadError(ErrorCodes.configInvalid, 'wrong type'));
    const withKick = [{ id: 'kick', url: 'rtmp://live.example/app', key: 'file:/nowhere/at/all' }];
    const wrong = { ...CONTENT, pluginSettings: { p: { x: 1 } }, scenes: CONTENT.scenes.slice(1) };
    await assert.rejects(follow(configOf(['main'], wrong)), { message: 'wrong type' });
    prepare.returns(plugins);
    await assert.rejects(follow(configOf([], { ...wrong, outputs: withKick })), {
      code: 'config.secretNotFound',
    });
    const scenes = [{ id: 'one', layers: [layer('gone')] }];
    await assert.rejects(follow(configOf(['main'], { ...wrong, scenes })), /no source "gone"/);
    sinon.assert.notCalled(plugins);
    sinon.assert.notCalled(stage.encoder.setStage);
    assert.deepEqual([stage.outputs.length, told()], [1, []]);
  });

  it('tells what failed, goes on with the rest, and tries it again with the next edit', async () => {
    await goLive(configOf(['main'], CONTENT));
    stage.encoder.reconfigure
      .onFirstCall()
      .rejects(new BulkheadError(ErrorCodes.encoderUnknown, 'no such encoder'));
    const encoder = { video: { encoder: 'x' } };
    await follow(configOf(['main'], { ...CONTENT, ...encoder, scenes: CONTENT.scenes.slice(0, 1) }));
    assert.deepEqual(told(), ['error: Applied: scenes.two. Not applied: video.encoder: no such encoder']);
    const { applied } = await follow(configOf(['main'], { ...CONTENT, ...encoder }));
    assert.deepEqual(applied, ['scenes.two', 'video.encoder']);
  });

  it('does nothing where a command has made a change and saved it, also with a secret that only the command could read', async () => {
    await goLive(configOf(['main'], CONTENT));
    const key = 'env:ONLY_THE_COMMAND_HAS_IT';
    const url = 'rtmp://live.example/app';
    await stage.management.add({ output: { id: 'kick', type: 'rtmp', url }, secrets: { key: 'secret' } });
    await stage.scenes.setLayer({ scene: 'one', id: 'a', change: { x: 10 } });
    const { length } = stage.outputs;
    const outputs = [
      { id: 'main', url },
      { id: 'kick', url, key },
    ];
    const scenes = [{ id: 'one', layers: [layer('a', { x: 10 })] }, CONTENT.scenes[1]];
    const result = await follow(configOf([], { ...CONTENT, outputs, scenes }));
    assert.deepEqual([result, told()], [{ applied: [], needsRestart: [] }, []]);
    assert.deepEqual([stage.outputs.length, stage.output('kick').stop.callCount], [length, 0]);
    assert.deepEqual(stage.state.shows.get(SHOW)?.collection.scenes, []);
    await follow(configOf([], { ...CONTENT, outputs: [{ id: 'main', url }], scenes }));
    assert.equal(stage.output('kick').stop.callCount, 1, 'the file has it no more');
  });

  it('cannot gain or lose its scenes', async () => {
    await goLive(configOf(['main']));
    assert.deepEqual(await follow(configOf(['main'], CONTENT)), {
      applied: [],
      needsRestart: ['sources.a', 'sources.b', 'scenes.one', 'scenes.two', 'mixer.sources.a'],
    });
  });

  it('leaves the embedded live server as it was started', async () => {
    await goLive(configOf([], {}));
    await follow(configOf(['main']));
    assert.deepEqual(
      stage.broadcast.status().outputs.map(({ id }) => id),
      ['live-server', 'main'],
    );
  });
});
