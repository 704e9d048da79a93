import assert from 'node:assert/strict';
import { EventHub } from '../../../src/core/main-thread/event-hub.js';
import { MainThreadEvents } from '../../../src/core/main-thread/main-thread-events.js';
import { PluginDirectory } from '../../../src/core/main-thread/plugin-directory.js';
import type { InstalledPlugin } from '../../../src/plugins/installed-plugin.js';
import {
  DeliverEventRequest,
  FireEventRequest,
  ListenRequest,
  UnlistenRequest,
} from '../../../src/protocol/plugin-events.js';
import { FakeClock } from '../../support/fake-clock.js';
import { SILENT_LOG } from '../../support/silent-log.js';
import { installedPlugin } from '../plugins/installed-plugin.js';
import { FakeHost } from './fake-host.js';

const EVENT = 'raids.raid';
const PERMISSION = `events:${EVENT}` as const;

describe('events between plugins', () => {
  const raids = installedPlugin('raids', {
    contributes: {
      ...{ commands: [], configuration: { properties: {} }, statusItems: [] },
      events: [{ event: EVENT, description: 'A raid.' }],
    },
  });
  let greeter: InstalledPlugin;
  let clock: FakeClock;
  let directory: PluginDirectory;
  let hub: EventHub;
  let hosts: FakeHost[];
  let firing: FakeHost;
  let listening: FakeHost;
  /** What has arrived at the listening host, and how it handles it. */
  let heard: unknown[];
  let handle: () => null | Promise<null>;
  let warnings: string[];

  const start = (plugin: InstalledPlugin) => {
    const host = new FakeHost(
      new MainThreadEvents(hub),
      [plugin],
      (connection) =>
        connection.onRequest(DeliverEventRequest.type, ({ plugin: to, event, payload }) => {
          heard.push([to, event, payload]);
          return handle();
        }),
      { ...SILENT_LOG, warn: (message) => void warnings.push(message) },
    );
    hosts.push(host);
    return host;
  };

  beforeEach(() => {
    clock = new FakeClock();
    [heard, warnings, hosts] = [[], [], []];
    handle = () => null;
    greeter = installedPlugin('greeter', {
      activationEvents: [`onEvent:${EVENT}`],
      permissions: [PERMISSION],
      granted: [PERMISSION],
    });
    directory = new PluginDirectory();
    hub = new EventHub(directory);
    directory.set([raids, greeter]);
    firing = start(raids);
    listening = start(greeter);
  });

  afterEach(() => {
    for (const host of hosts) host.dispose();
    hub.dispose();
    directory.dispose();
    clock.restore();
  });

  const fire = (payload?: unknown, event = EVENT) =>
    firing.request(FireEventRequest.method, { plugin: 'raids', event, payload });
  const listen = (event = EVENT) => listening.request(ListenRequest.method, { plugin: 'greeter', event });

  it('go to the hosts that listen, and to no other', async () => {
    await fire(1);
    await listen();
    await fire({ viewers: 5 });
    await clock.settle();
    assert.deepEqual(heard, [
      // It has activated the plugin.
      ['greeter', EVENT, 1],
      ['greeter', EVENT, { viewers: 5 }],
    ]);
    await listening.request(UnlistenRequest.method, { plugin: 'greeter', event: EVENT });
    await fire(2);
    await clock.settle();
    assert.equal(heard.length, 2);
  });

  it('are fired by the plugin that declares them', async () => {
    await assert.rejects(fire(1, 'raids.other'), {
      code: 'plugin.invalid',
      message: 'the plugin "raids" does not declare the event "raids.other"',
    });
    await assert.rejects(listening.request(FireEventRequest.method, { plugin: 'greeter', event: EVENT }), {
      code: 'plugin.invalid',
    });
  });

  it('are heard with the permission, which may be given and taken while the plugin runs', async () => {
    await assert.rejects(listen('other.event'), {
      code: 'permission.denied',
      message: 'the plugin "greeter" may not hear the event "other.event" of another plugin',
      remedy: 'Add "events:other.event" to "permissions" in its package.json.',
    });
    greeter.granted = [];
    await listen();
    assert.match(
      warnings[0] ?? '',
      /gets no event "raids\.raid" until you allow it: bulkhead plugin allow greeter events:raids\.raid$/,
    );
    await fire(1);
    await clock.settle();
    assert.deepEqual(heard, []);
    greeter.granted = [PERMISSION];
    await fire(2);
    await clock.settle();
    assert.deepEqual(heard, [['greeter', EVENT, 2]]);
  });

  it('wait for the plugin that they activate: the newest, for a while, until it is active', async () => {
    for (let index = 0; index < 60; index += 1) await fire(index);
    await listen();
    await clock.pass(1000);
    assert.deepEqual(
      heard.map((one) => (one as unknown[])[2]),
      Array.from({ length: 50 }, (_, index) => index + 10),
    );

    await listening.request(UnlistenRequest.method, { plugin: 'greeter', event: EVENT });
    heard.length = 0;
    await fire('old');
    await clock.pass(30_001);
    await listen();
    await listening.request(UnlistenRequest.method, { plugin: 'greeter', event: EVENT });
    await fire('before it was active');
    directory.markActive('greeter', { exports: undefined, call: async () => undefined });
    await listen();
    await clock.settle();
    assert.deepEqual(heard, []);
  });

  it('are announced with what they activate', async () => {
    const fired: string[] = [];
    const watching = hub.onDidFire(({ event }) => fired.push(event));
    await fire();
    assert.deepEqual(fired, [EVENT]);
    assert.deepEqual(
      hub.toActivate(EVENT).map(({ id }) => id),
      ['greeter'],
    );
    greeter.granted = [];
    assert.deepEqual(hub.toActivate(EVENT), []);
    watching.dispose();
  });

  it('are bounded in number and size', async () => {
    await assert.rejects(fire('x'.repeat(16 * 1024)), {
      code: 'rpc.tooLarge',
      message: /^the event "raids\.raid" was not fired: its payload has 16386 characters of JSON, of 16384$/,
    });
    await fire('x'.repeat(16 * 1024 - 2));
    for (let index = 1; index < 16; index += 1) await fire('x'.repeat(16 * 1024 - 2));
    await assert.rejects(fire('x'.repeat(1000)), { code: 'rpc.busy', message: /65536 characters a second$/ });
    await clock.pass(10_000);
    for (let index = 0; index < 100; index += 1) await fire();
    await assert.rejects(fire(), {
      code: 'rpc.busy',
      message: 'the plugin "raids" fires more than 50 events a second',
    });
  });

  it('wait where a host is slow, a few of them there and 100 in the core; those beyond are dropped, which the log counts', async () => {
    await listen();
    const handled: (() => void)[] = [];
    handle = () =>
      new Promise((resolve) => {
        handled.push(() => resolve(null));
      });
    for (let index = 0; index < 100; index += 1) await fire(index);
    await clock.pass(1000);
    for (let index = 100; index < 107; index += 1) await fire(index);
    await clock.settle();
    // So that it can answer to heartbeats in between.
    assert.equal(heard.length, 4);
    assert.deepEqual(warnings, [
      'the plugin "greeter" is slow to take events: 100 wait, and those that follow are dropped',
    ]);
    handle = () => null;
    for (const done of handled) done();
    await clock.pass(2000);
    assert.deepEqual(
      heard.map((one) => (one as unknown[])[2]),
      Array.from({ length: 104 }, (_, index) => index),
    );
    assert.equal(warnings[1], '2 more events were dropped, which the plugin "greeter" was too slow to take');
    await fire('again');
    await clock.settle();
    assert.equal(heard.length, 105);
  });

  it('end with the host', async () => {
    await listen();
    listening.served.dispose();
    await fire(1);
    await clock.settle();
    assert.deepEqual(heard, []);
  });

  it('are refused to a host that names another plugin, or none', async () => {
    await assert.rejects(firing.request(FireEventRequest.method, { plugin: 'greeter', event: EVENT }), {
      code: 'permission.denied',
    });
    for (const event of ['', 5, 'x'.repeat(201)]) {
      await assert.rejects(firing.request(FireEventRequest.method, { plugin: 'raids', event }));
    }
  });
});
