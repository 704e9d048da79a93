import assert from 'node:assert/strict';
import { API_VERSION } from '../../../src/protocol/extension-host.js';
import {
  BroadcastMarkersNotification,
  type BroadcastSnapshot,
  BroadcastSnapshotNotification,
} from '../../../src/protocol/plugin-broadcast.js';
import { PluginSettingsNotification } from '../../../src/protocol/plugin-configuration.js';
import { ProfileNotification, ReadProfileStateRequest } from '../../../src/protocol/plugin-storage.js';
import { PluginMessageNotification } from '../../../src/protocol/plugin-window.js';
import { version } from '../../../src/version.js';
import { HostPair } from './host-pair.js';

describe("a plugin's API", () => {
  let pair: HostPair;

  beforeEach(() => {
    pair = new HostPair();
  });
  afterEach(() => pair.dispose());

  const snapshot = (state: BroadcastSnapshot['state'], uptimeMs: number): BroadcastSnapshot => ({
    sampledAtMs: uptimeMs,
    state,
    uptimeMs,
    encoder: { fps: 30, bitrateKbps: 2500, restarts: 1 },
    timeline: { videoFrames: 7, audioFrames: 8, splices: 2, lastGapMs: 3, maxGapMs: 4 },
    outputs: [],
  });

  async function send(state: BroadcastSnapshot['state'], uptimeMs: number): Promise<void> {
    pair.core.sendNotification(BroadcastSnapshotNotification.type, snapshot(state, uptimeMs));
    await pair.settled();
  }

  it('has the state, the figures and the status that the core last sent', async () => {
    const { broadcast } = pair.plugin('mine').api;
    pair.listen();
    assert.equal(broadcast.state, 'idle');
    await send('live', 5);
    assert.equal(broadcast.state, 'live');
    assert.equal(broadcast.status.uptimeMs, 5);
    assert.equal(broadcast.stats, broadcast.status.stats);
    assert.deepEqual(broadcast.stats, {
      videoFrames: 7,
      audioFrames: 8,
      splices: 2,
      lastGapMs: 3,
      maxGapMs: 4,
      encoder: { fps: 30, bitrateKbps: 2500, restarts: 1 },
      outputs: [],
    });
  });

  it('hands out what cannot be changed', async () => {
    const { broadcast, configuration } = pair.plugin('mine').api;
    pair.listen();
    assert.ok(Object.isFrozen(broadcast.stats.outputs) && Object.isFrozen(broadcast.markers));
    await send('live', 5);
    pair.core.sendNotification(BroadcastMarkersNotification.type, {
      markers: [{ id: 1, label: 'here', timestampMs: 5, atMs: 5 }],
    });
    pair.core.sendNotification(PluginSettingsNotification.type, {
      settings: { mine: { words: ['a'] } },
      origins: {},
      secrets: {},
    });
    await pair.settled();
    for (const value of [
      ...[broadcast.status, broadcast.stats, broadcast.stats.encoder, broadcast.stats.outputs],
      ...[broadcast.markers, broadcast.markers[0], configuration.get('words')],
    ])
      assert.ok(Object.isFrozen(value));
  });

  it('has an event for each thing that happens to the broadcast', async () => {
    const { broadcast } = pair.plugin('mine').api;
    pair.listen();
    const seen: unknown[] = [];
    broadcast.onDidChangeState((state) => seen.push(state));
    broadcast.onDidStart(() => seen.push('start'));
    broadcast.onDidStop(() => seen.push('stop'));
    broadcast.onDidUpdateStats(({ videoFrames }) => seen.push(videoFrames));
    await send('idle', 1);
    assert.deepEqual(seen, []);
    await send('live', 2);
    assert.deepEqual(seen, ['live', 'start', 7]);
    await send('live', 3);
    assert.deepEqual(seen.slice(3), [7]);
    await send('idle', 4);
    assert.deepEqual(seen.slice(4), ['idle', 'stop', 7]);
  });

  it('names the event whose listener fails, or was left', async () => {
    const { scope, api } = pair.plugin('mine', { apiProposals: ['broadcastSplices'] });
    pair.core.onRequest(ReadProfileStateRequest.type, () => ({ profile: 'work', values: {} }));
    pair.listen();
    const fail = () => {
      throw new Error('no luck');
    };
    for (const event of [
      api.broadcast.onDidChangeState,
      api.broadcast.onDidStart,
      api.broadcast.onDidUpdateStats,
      api.broadcast.onDidStop,
      api.broadcast.onDidAddMarker,
      api.broadcast.onDidSplice,
      api.configuration.onDidChange,
      api.env.onDidChangeProfile,
    ] as ((listener: () => void) => void)[])
      event(fail);
    const names = [
      'broadcast.onDidChangeState',
      'broadcast.onDidStart',
      'broadcast.onDidUpdateStats',
      'broadcast.onDidStop',
      'broadcast.onDidAddMarker',
      'broadcast.onDidSplice',
      'configuration.onDidChange',
      'env.onDidChangeProfile',
    ];
    assert.deepEqual(
      scope.left(),
      names.map((name) => `a listener of ${name}`),
    );
    await send('idle', 1);
    await send('live', 2);
    const failure = (name: string) => `the plugin "mine" failed: a listener of ${name}: no luck`;
    assert.deepEqual(pair.reported, names.slice(0, 3).map(failure));
  });

  it('shows messages of three kinds', async () => {
    const { window } = pair.plugin('mine').api;
    const types: number[] = [];
    pair.core.onNotification(PluginMessageNotification.type, ({ type }) => void types.push(type));
    pair.listen();
    await window.showErrorMessage('a');
    await window.showWarningMessage('b');
    await window.showInformationMessage('c');
    await pair.settled();
    assert.deepEqual(types, [1, 2, 3]);
  });

  it('has the versions', () => {
    const { env } = pair.plugin('mine').api;
    assert.equal(env.apiVersion, API_VERSION);
    assert.equal(env.appVersion, version);
  });

  it('has the same configuration with and without types', async () => {
    const { configuration } = pair.plugin('mine').api;
    pair.listen();
    pair.core.sendNotification(PluginSettingsNotification.type, {
      ...{ settings: { mine: { mood: 'good' } }, origins: {}, secrets: {} },
    });
    await pair.settled();
    assert.equal(configuration.typed<{ mood: string }>().get('mood'), 'good');
  });

  it('cannot be changed, in no part of it', () => {
    const { api } = pair.plugin('mine');
    for (const part of [api, ...Object.values(api)]) assert.ok(Object.isFrozen(part));
  });

  it('fires for markers that are added later, not for those that there are', async () => {
    const { broadcast } = pair.plugin('mine').api;
    pair.listen();
    const seen: number[] = [];
    broadcast.onDidAddMarker(({ id }) => seen.push(id));
    const know = async (...ids: number[]) => {
      const markers = ids.map((id) => ({ id, label: 'm', timestampMs: id, atMs: id }));
      pair.core.sendNotification(BroadcastMarkersNotification.type, { markers });
      await pair.settled();
    };
    await know(4, 5);
    assert.deepEqual(seen, []);
    await know(5, 6);
    assert.deepEqual(seen, [6]);
  });

  it('hears nothing more once the host has ended', async () => {
    const { api } = pair.plugin('mine', { apiProposals: ['broadcastSplices'] });
    pair.core.onRequest(ReadProfileStateRequest.type, () => ({ profile: 'work', values: {} }));
    pair.listen();
    const seen: unknown[] = [];
    api.broadcast.onDidChangeState((state) => seen.push(state));
    api.broadcast.onDidUpdateStats(() => seen.push('stats'));
    api.env.onDidChangeProfile((profile) => seen.push(profile));
    api.configuration.onDidChange(() => seen.push('settings'));
    await send('idle', 1);
    pair.services.dispose();
    for (const profile of ['home', 'work']) {
      pair.core.sendNotification(ProfileNotification.type, { profile });
      pair.core.sendNotification(PluginSettingsNotification.type, {
        ...{ settings: { mine: { mood: profile } }, origins: {}, secrets: {} },
      });
    }
    await send('live', 2);
    for (let turn = 0; turn < 3; turn++) await pair.settled();
    assert.deepEqual(seen, []);
  });
});
