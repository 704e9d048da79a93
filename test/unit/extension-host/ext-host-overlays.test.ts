import assert from 'node:assert/strict';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import {
  ChangeElementRequest,
  ChangeOverlayRequest,
  CreateOverlayRequest,
  DisposeOverlayRequest,
} from '../../../src/protocol/plugin-overlays.js';
import { HostPair } from './host-pair.js';

describe('the overlays of a plugin', () => {
  let pair: HostPair;
  /** What the core was sent. */
  let sent: unknown[];
  let refusal: BulkheadError | undefined;

  beforeEach(() => {
    pair = new HostPair();
    sent = [];
    refusal = undefined;
    const take = (method: string) => (params: unknown) => {
      sent.push([method, params]);
      if (refusal !== undefined) throw refusal;
      return null;
    };
    pair.core.onRequest(CreateOverlayRequest.type, take('create'));
    pair.core.onRequest(ChangeOverlayRequest.type, take('set'));
    pair.core.onRequest(ChangeElementRequest.type, take('setElement'));
    pair.core.onRequest(DisposeOverlayRequest.type, take('dispose'));
    pair.listen();
  });
  afterEach(() => pair.dispose());

  const plugin = () => pair.plugin('mine');

  it('are created, changed, shown, hidden and disposed of once', async () => {
    const { overlays } = plugin().api;
    const overlay = await overlays.create('a', { x: 5 }, { whenPluginFails: 'keep' });
    assert.equal(overlay.id, 'a');
    await overlay.set({ x: null });
    await overlay.setElement('text', { text: 'Bye' });
    await overlay.show();
    await overlay.hide();
    overlay.dispose();
    overlay.dispose();
    await pair.settled();
    assert.deepEqual(sent, [
      ['create', { plugin: 'mine', overlay: { x: 5, id: 'a' }, whenPluginFails: 'keep' }],
      ['set', { plugin: 'mine', id: 'a', change: { x: null } }],
      ['setElement', { plugin: 'mine', overlay: 'a', id: 'text', change: { text: 'Bye' } }],
      ['set', { plugin: 'mine', id: 'a', change: { visible: true } }],
      ['set', { plugin: 'mine', id: 'a', change: { visible: false } }],
      ['dispose', { plugin: 'mine', id: 'a' }],
    ]);
  });

  it('fail with what the core says, and are not disposed of then: another one may have the id', async () => {
    const { api, scope } = plugin();
    refusal = new BulkheadError(ErrorCodes.configInvalid, 'there is one', { remedy: 'Choose another id.' });
    await assert.rejects(api.overlays.create('a'), { code: 'config.invalid', remedy: 'Choose another id.' });
    assert.deepEqual(scope.left(), []);
    await pair.settled();
    assert.equal(sent.length, 1);
  });

  it('go with the plugin, even before they are created', async () => {
    const { api, scope } = plugin();
    await api.overlays.create('a');
    const created = api.overlays.create('b');
    assert.deepEqual(scope.left(), ['the overlay "a"', 'the overlay "b"']);
    scope.dispose();
    const { set } = await created;
    await assert.rejects(set({ x: 1 }), /no longer active/);
    await pair.settled();
    const disposed = sent.filter((message) => Object(message)[0] === 'dispose');
    assert.deepEqual(
      disposed.map((message) => Object(message)[1].id),
      ['b', 'a'],
    );
  });

  it('need a text as id', async () => {
    await assert.rejects(plugin().api.overlays.create(5 as never), TypeError);
    assert.deepEqual(sent, []);
  });
});
