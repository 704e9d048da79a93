import assert from 'node:assert/strict';
import { RequestType } from 'vscode-jsonrpc/node';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import {
  FollowSourcesRequest,
  SourceListChangedNotification,
  SourcesChangedNotification,
} from '../../../src/protocol/plugin-sources.js';
import { HostPair } from './host-pair.js';

describe('the sources of a plugin', () => {
  let pair: HostPair;
  /** What the core was sent. */
  let sent: unknown[];
  let refusal: BulkheadError | undefined;

  beforeEach(() => {
    pair = new HostPair();
    sent = [];
    refusal = undefined;
    for (const method of ['list', 'add', 'addIfMissing', 'set', 'remove', 'restart', 'play']) {
      pair.core.onRequest(new RequestType<unknown, unknown, void>(`sources/${method}`), (params) => {
        sent.push([method, params]);
        return method === 'list' ? [{ id: 'cam' }] : method === 'addIfMissing' ? true : null;
      });
    }
    pair.core.onRequest(FollowSourcesRequest.type, () => {
      if (refusal !== undefined) throw refusal;
      return null;
    });
    pair.listen();
  });
  afterEach(() => pair.dispose());

  const plugin = () => pair.plugin('mine');
  const tell = async () => {
    const changes = [{ id: 'cam', from: 'live', to: 'stalled' } as const];
    pair.core.sendNotification(SourcesChangedNotification.type, { changes });
    await pair.settled();
  };

  it('are asked of the core', async () => {
    const { sources } = plugin().api;
    assert.deepEqual(await sources.list(), [{ id: 'cam' }]);
    await sources.add({ id: 'a', type: 'file', path: 'a.mp4' });
    assert.equal(await sources.addIfMissing({ id: 'a', type: 'colour' }), true);
    await sources.set('a', { warm: null });
    await sources.restart('a');
    await sources.play('a');
    await sources.remove('a');
    assert.deepEqual(sent, [
      ['list', { plugin: 'mine' }],
      ['add', { source: { id: 'a', type: 'file', path: 'a.mp4' }, plugin: 'mine' }],
      ['addIfMissing', { source: { id: 'a', type: 'colour' }, plugin: 'mine' }],
      ['set', { id: 'a', change: { warm: null }, plugin: 'mine' }],
      ['restart', { id: 'a', plugin: 'mine' }],
      ['play', { id: 'a', plugin: 'mine' }],
      ['remove', { id: 'a', plugin: 'mine' }],
    ]);
  });

  it('have an event for each state, as long as the host runs', async () => {
    const { api, scope } = plugin();
    const seen: unknown[] = [];
    api.sources.onDidChangeState((change) => seen.push(change));
    await scope.started();
    await tell();
    assert.deepEqual(seen, [{ id: 'cam', from: 'live', to: 'stalled' }]);
    pair.services.dispose();
    await tell();
    assert.equal(seen.length, 1);
  });

  it('have an event for those that come, go or change', async () => {
    const { api, scope } = plugin();
    const seen: unknown[] = [];
    api.sources.onDidChange((change) => seen.push(change));
    await scope.started();
    const change = { added: ['a'], removed: [], changed: ['b'] };
    pair.core.sendNotification(SourceListChangedNotification.type, change);
    await pair.settled();
    assert.deepEqual(seen, [change]);
    assert.throws(() => ((seen[0] as { added: unknown }).added = []), TypeError);
  });

  it('fail the activation of a plugin that may not hear of them', async () => {
    const { api, scope } = plugin();
    refusal = new BulkheadError(ErrorCodes.permissionDenied, 'it may not');
    api.sources.onDidChangeState(() => {});
    await assert.rejects(scope.started(), { code: 'permission.denied' });
  });

  it('need an active plugin', async () => {
    const { api, scope } = plugin();
    scope.dispose();
    await assert.rejects(api.sources.restart('cam'), /no longer active/);
    assert.deepEqual(sent, []);
  });
});
