import assert from 'node:assert/strict';
import {
  CallbackNotification,
  CloseCallbackNotification,
  CreateCallbackRequest,
  OpenExternalRequest,
} from '../../../src/protocol/plugin-env.js';
import { HostPair } from './host-pair.js';

describe('what a plugin opens', () => {
  let pair: HostPair;
  let asked: object[];
  let closed: number[];

  beforeEach(() => {
    asked = [];
    closed = [];
    pair = new HostPair();
    pair.core.onRequest(CreateCallbackRequest.type, (params) => {
      asked.push(params);
      return { callback: asked.length, url: `http://127.0.0.1:1/${asked.length}` };
    });
    pair.core.onNotification(CloseCallbackNotification.type, ({ callback }) => closed.push(callback));
  });
  afterEach(() => pair.dispose());

  it('is an address in the browser, withdrawn at the end of the plugin', async () => {
    let withdrawn = false;
    pair.core.onRequest(OpenExternalRequest.type, ({ url }, token) => {
      if (url === 'https://a/') return true;
      return new Promise<boolean>((resolve) =>
        token.onCancellationRequested(() => {
          withdrawn = true;
          resolve(false);
        }),
      );
    });
    pair.listen();
    const { api, scope } = pair.plugin('mine');
    assert.equal(await api.env.openExternal('https://a/'), true);
    // As an author may pass it.
    assert.equal(await api.env.openExternal(new URL('https://a/') as never), true);
    const asking = api.env.openExternal('https://b/');
    await pair.settled();
    scope.dispose();
    assert.equal(await asking, false);
    assert.ok(withdrawn);
  });

  it('is an address that a site can answer to, once', async () => {
    pair.listen();
    const { api } = pair.plugin('mine');
    const callback = await api.env.createCallback();
    await api.env.createCallback({ timeoutMs: 1e9 });
    assert.deepEqual(asked, [{ plugin: 'mine' }, { plugin: 'mine', timeoutMs: 600_000 }]);
    assert.equal(callback.url, 'http://127.0.0.1:1/1');
    const query = 'code=a%2Fb&state=1&state=2&__proto__=x';
    pair.core.sendNotification(CallbackNotification.type, { callback: 1, query });
    const received = await callback.query;
    assert.deepEqual(Object.entries(received ?? {}), [
      ['__proto__', 'x'],
      ['state', '1'],
      ['code', 'a/b'],
    ]);
  });

  it('ends when its time is over, when it is disposed of, and with the plugin', async () => {
    pair.listen();
    const { api, scope } = pair.plugin('mine');
    const [late, disposed, left] = await Promise.all([1, 2, 3].map(() => api.env.createCallback()));
    pair.core.sendNotification(CallbackNotification.type, { callback: 1, query: null });
    assert.equal(await late?.query, undefined);
    disposed?.dispose();
    assert.equal(await disposed?.query, undefined);
    scope.dispose();
    assert.equal(await left?.query, undefined);
    await pair.settled();
    assert.deepEqual(closed.sort(), [1, 2, 3]);
    await assert.rejects(api.env.createCallback(), /no longer active/);
  });

  it('has a time that is a number', async () => {
    pair.listen();
    const { api } = pair.plugin('mine');
    await assert.rejects(api.env.createCallback({ timeoutMs: 0 }), TypeError);
  });
});
