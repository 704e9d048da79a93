import assert from 'node:assert/strict';
import { BroadcastConfigSchema } from '../../../src/config/schema.js';
import { encodedTo } from '../../../src/core/broadcast/broadcast-target.js';
import { BroadcastFeed } from '../../../src/core/main-thread/broadcast-feed.js';
import { MainThreadBroadcast } from '../../../src/core/main-thread/main-thread-broadcast.js';
import {
  AddMarkerRequest,
  BroadcastMarkersNotification,
  BroadcastTargetNotification,
} from '../../../src/protocol/plugin-broadcast.js';
import type { BroadcastMarker } from '../../../src/protocol/status/status.js';
import { FakeBroadcast } from '../../support/fake-broadcast.js';
import { installedPlugin } from '../plugins/installed-plugin.js';
import { FakeHost } from './fake-host.js';

describe("a host's messages about the broadcast", () => {
  let host: FakeHost;
  let broadcast: FakeBroadcast;
  let held: { dispose(): void }[];
  let told: string[][];
  let targets: unknown[];

  beforeEach(() => {
    broadcast = new FakeBroadcast();
    const feed = new BroadcastFeed(broadcast);
    const plugins = [
      installedPlugin('may', { granted: ['broadcast.marker'] }),
      installedPlugin('not', { permissions: ['broadcast.marker'] }),
    ];
    told = [];
    targets = [];
    host = new FakeHost(new MainThreadBroadcast(broadcast, feed), plugins, (connection) => {
      connection.onNotification(BroadcastMarkersNotification.type, ({ markers }) =>
        told.push(markers.map(({ label }) => label)),
      );
      connection.onNotification(BroadcastTargetNotification.type, ({ target }) => targets.push(target));
    });
    held = [host, feed, broadcast];
  });

  afterEach(() => {
    for (const item of held) item.dispose();
  });

  const mark = async (params: unknown) =>
    (await host.request(AddMarkerRequest.method, params)) as BroadcastMarker;

  it('set markers if permitted, and report each one', async () => {
    await assert.rejects(mark({ plugin: 'may', label: 'early' }), { code: 'broadcast.state' });
    broadcast.become('live');
    const { id, plugin, label } = await mark({ plugin: 'may', label: ` a\n${'b'.repeat(500)}` });

    assert.deepEqual([id, plugin, label], [1, 'may', `a ${'b'.repeat(96)}…`]);
    await assert.rejects(mark({ plugin: 'not', label: 'x' }), { code: 'permission.denied' });
    await assert.rejects(mark({ plugin: 'other', label: 'x' }), { code: 'permission.denied' });
    assert.deepEqual(told, [[], [label]]);
  });

  it('are sent what is encoded, at once and when it changes', async () => {
    const target = encodedTo(BroadcastConfigSchema.parse({}));
    broadcast.setTarget(target);
    broadcast.setTarget(undefined);
    broadcast.become('live');
    await mark({ plugin: 'may', label: 'x' });
    assert.deepEqual(targets, [null, target, null]);
  });

  it('set a limited number of markers', async () => {
    broadcast.become('live');
    const marked = await Promise.allSettled(
      Array.from({ length: 50 }, () => mark({ plugin: 'may', label: 'x' })),
    );
    const refused = marked.filter(({ status }) => status === 'rejected');
    assert.ok(refused.length >= 35, `${refused.length} refused`);
    assert.equal(broadcast.markers.list().length, 50 - refused.length);
    await assert.rejects(mark({ plugin: 'may', label: 'x' }), { code: 'rpc.busy', where: 'may' });
  });

  for (const params of [
    {},
    { plugin: 'may' },
    { plugin: 'may', label: 5 },
    { plugin: 'may', label: ' \n ' },
  ]) {
    it(`refuse ${JSON.stringify(params)}`, async () => {
      broadcast.become('live');
      await assert.rejects(mark(params), { code: 'plugin.failed' });
      assert.deepEqual(broadcast.markers.list(), []);
    });
  }
});
