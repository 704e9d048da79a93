import assert from 'node:assert/strict';
import { RequestType } from 'vscode-jsonrpc/node';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { FollowScenesRequest, ScenesChangedNotification } from '../../../src/protocol/plugin-scenes.js';
import { HostPair } from './host-pair.js';

const METHODS = [
  ...['list', 'switch', 'preview', 'take', 'add', 'set', 'remove'],
  ...['addLayer', 'setLayer', 'moveLayers', 'removeLayer'],
];

describe('the scenes of a plugin', () => {
  let pair: HostPair;
  /** What the core was sent. */
  let sent: unknown[];
  let followed: number;
  let refusal: BulkheadError | undefined;

  beforeEach(() => {
    pair = new HostPair();
    sent = [];
    followed = 0;
    refusal = undefined;
    for (const method of METHODS) {
      pair.core.onRequest(new RequestType<unknown, unknown, void>(`scenes/${method}`), (params) => {
        sent.push([method, params]);
        return method === 'list' ? [{ id: 'one' }] : null;
      });
    }
    pair.core.onRequest(FollowScenesRequest.type, () => {
      followed += 1;
      if (refusal !== undefined) throw refusal;
      return { onAir: 'one' };
    });
    pair.listen();
  });
  afterEach(() => pair.dispose());

  const plugin = () => pair.plugin('mine');
  const tell = async (onAir?: string, previewed?: string) => {
    pair.core.sendNotification(ScenesChangedNotification.type, { onAir, previewed });
    await pair.settled();
  };

  it('are asked of the core', async () => {
    const { scenes } = plugin().api;
    assert.deepEqual(await scenes.list(), [{ id: 'one' }]);
    await scenes.switchTo('two', { type: 'fade' });
    await scenes.preview(null);
    await scenes.take();
    await scenes.add({ id: 'a' });
    await scenes.set({ id: 'a', layers: [] });
    await scenes.addLayer('a', { id: 'l', source: 'cam' }, 0);
    await scenes.setLayer('a', 'l', { x: null });
    await scenes.moveLayers('a', { l: { x: 1 } });
    await scenes.removeLayer('a', 'l');
    await scenes.remove('a');
    const plugin_ = { plugin: 'mine' };
    assert.deepEqual(sent, [
      ['list', plugin_],
      ['switch', { id: 'two', transition: { type: 'fade' }, ...plugin_ }],
      ['preview', { id: null, ...plugin_ }],
      ['take', plugin_],
      ['add', { scene: { id: 'a' }, ...plugin_ }],
      ['set', { scene: { id: 'a', layers: [] }, ...plugin_ }],
      ['addLayer', { scene: 'a', layer: { id: 'l', source: 'cam' }, at: 0, ...plugin_ }],
      ['setLayer', { scene: 'a', id: 'l', change: { x: null }, ...plugin_ }],
      [
        'moveLayers',
        { scene: 'a', changes: { l: { x: 1 } }, durationMs: 300, easing: 'ease-in-out', ...plugin_ },
      ],
      ['removeLayer', { scene: 'a', id: 'l', ...plugin_ }],
      ['remove', { id: 'a', ...plugin_ }],
    ]);
  });

  it('have an event for each change, and one for another scene on air', async () => {
    const { api, scope } = plugin();
    const seen: unknown[] = [];
    api.scenes.onDidSwitch((switched) => seen.push(switched));
    const listener = api.scenes.onDidChange(() => seen.push('change'));
    await scope.started();
    await tell('one', 'two');
    assert.deepEqual(seen.splice(0), ['change']);
    await tell('two');
    await tell();
    assert.deepEqual(seen.splice(0), [
      { from: 'one', to: 'two' },
      'change',
      { from: 'two', to: undefined },
      'change',
    ]);
    listener.dispose();
    await tell('one');
    assert.deepEqual(seen, [{ from: undefined, to: 'one' }]);
    assert.equal(followed, 2);
  });

  it('are known when the plugin begins to listen: what is on air then is not a switch, what follows is', async () => {
    const { api, scope } = plugin();
    const seen: unknown[] = [];
    api.scenes.onDidSwitch((switched) => seen.push(switched));
    await scope.started();
    assert.deepEqual(seen, []);
    await tell('two');
    assert.deepEqual(seen, [{ from: 'one', to: 'two' }]);
  });

  it('fail the activation of a plugin that may not hear of them', async () => {
    const { api, scope } = plugin();
    refusal = new BulkheadError(ErrorCodes.permissionDenied, 'it may not');
    api.scenes.onDidChange(() => {});
    await assert.rejects(scope.started(), { code: 'permission.denied' });
  });

  it('need an active plugin', async () => {
    const { api, scope } = plugin();
    scope.dispose();
    await assert.rejects(api.scenes.switchTo('two'), /no longer active/);
    assert.deepEqual([sent, followed], [[], 0]);
  });

  it('are heard of no more once the host has ended', async () => {
    const { api } = plugin();
    const seen: unknown[] = [];
    api.scenes.onDidChange(() => seen.push('change'));
    api.scenes.onDidSwitch(() => seen.push('switch'));
    pair.services.dispose();
    await tell('one');
    await tell('two');
    assert.deepEqual(seen, []);
  });
});
