import assert from 'node:assert/strict';
import {
  DeliverEventRequest,
  FireEventRequest,
  ListenRequest,
  UnlistenRequest,
} from '../../../src/protocol/plugin-events.js';
import { HostPair } from './host-pair.js';

describe("a plugin's events", () => {
  let pair: HostPair;
  /** What the core has been asked. */
  let asked: unknown[];

  beforeEach(() => {
    pair = new HostPair();
    asked = [];
    for (const { type, method } of [FireEventRequest, ListenRequest, UnlistenRequest]) {
      pair.core.onRequest(type, (params) => {
        asked.push([method, params]);
        return null;
      });
    }
    pair.listen();
  });

  afterEach(() => pair.dispose());

  const deliver = (plugin: string, event: string, payload?: unknown) =>
    pair.core.sendRequest(DeliverEventRequest.type, { plugin, event, payload });

  it('are fired with JSON', async () => {
    const { api } = pair.plugin('mine');
    await api.events.fire('mine.raid', { from: 'you' });
    await api.events.fire('mine.raid');
    assert.deepEqual(asked, [
      ['events/fire', { plugin: 'mine', event: 'mine.raid', payload: { from: 'you' } }],
      ['events/fire', { plugin: 'mine', event: 'mine.raid' }],
    ]);
    await assert.rejects(api.events.fire('mine.raid', { at: new Date(0) }), {
      code: 'rpc.unencodable',
      message: /^payload\.at is a Date/,
    });
    await assert.rejects(api.events.fire(5 as never), TypeError);
  });

  it('are heard by all listeners, and asked for as long as there is one', async () => {
    const { api } = pair.plugin('mine');
    const heard: unknown[] = [];
    const first = api.events.on('other.raid', (payload) => heard.push(payload));
    const second = api.events.on('other.raid', (payload) => {
      heard.push(Object.isFrozen(payload));
      throw new Error('on purpose');
    });
    assert.equal(await deliver('mine', 'other.raid', { n: 1 }), null);
    assert.deepEqual(heard, [{ n: 1 }, true]);
    assert.deepEqual(pair.reported, [
      'the plugin "mine" failed: a listener of the event "other.raid": on purpose',
    ]);
    first.dispose();
    second.dispose();
    await pair.settled();
    const params = { plugin: 'mine', event: 'other.raid' };
    assert.deepEqual(asked, [
      ['events/listen', params],
      ['events/unlisten', params],
    ]);
    await deliver('mine', 'other.raid', 2);
    assert.equal(heard.length, 2);
  });

  it("are each plugin's own in a host that several share", async () => {
    const heard: string[] = [];
    for (const id of ['one', 'two']) {
      pair.plugin(id).api.events.on('other.raid', () => heard.push(id));
    }
    await deliver('two', 'other.raid');
    assert.deepEqual(heard, ['two']);
  });

  it('end with the plugin', async () => {
    const { api, scope } = pair.plugin('mine');
    api.events.on('other.raid', () => assert.fail('not heard'));
    scope.dispose();
    await deliver('mine', 'other.raid');
    assert.deepEqual(
      asked.map((one) => (one as unknown[])[0]),
      ['events/listen', 'events/unlisten'],
    );
  });
});
