import assert from 'node:assert/strict';
import { PluginOverlays } from '../../../src/core/broadcast/collection/plugin-overlays.js';
import { MainThreadOverlays } from '../../../src/core/main-thread/main-thread-overlays.js';
import {
  ChangeElementRequest,
  ChangeOverlayRequest,
  CreateOverlayRequest,
  DisposeOverlayRequest,
} from '../../../src/protocol/plugin-overlays.js';
import { installedPlugin } from '../plugins/installed-plugin.js';
import { FakeHost } from './fake-host.js';

const MAY = {
  permissions: ['overlays'],
  granted: ['overlays'],
} as const;

describe('overlays, as plugins draw them', () => {
  const plugins = [installedPlugin('may', MAY), installedPlugin('revoked', { ...MAY, granted: [] })];
  let overlays: PluginOverlays;
  let main: MainThreadOverlays;
  let host: FakeHost;

  beforeEach(() => {
    overlays = new PluginOverlays();
    main = new MainThreadOverlays(overlays, { filesFolder: (plugin) => `/stored/${plugin}` });
    host = new FakeHost(main, plugins);
  });
  afterEach(() => {
    host.dispose();
    overlays.dispose();
  });

  const create = (overlay: object, plugin = 'may', more: object = {}) =>
    host.request(CreateOverlayRequest.method, { plugin, overlay, ...more });
  const names = () => overlays.staged.map(({ id }) => id);
  const elements = () => overlays.staged[0]?.elements.map((element) => Object(element));

  it('are created, changed and removed', async () => {
    await create({ id: 'a', elements: [{ id: 'text', type: 'text', text: 'Hello' }] });
    await host.request(ChangeOverlayRequest.method, { plugin: 'may', id: 'a', change: { x: 5 } });
    const change = { text: 'Bye' };
    await host.request(ChangeElementRequest.method, { plugin: 'may', overlay: 'a', id: 'text', change });
    assert.deepEqual([overlays.staged[0]?.x, elements()?.[0].text], [5, 'Bye']);
    await host.request(DisposeOverlayRequest.method, { plugin: 'may', id: 'a' });
    assert.deepEqual(names(), []);
  });

  it('need the permission', async () => {
    await assert.rejects(create({ id: 'a' }, 'revoked'), {
      code: 'permission.denied',
      message: 'the plugin "revoked" may not draw on the stream, above every scene',
      remedy: 'Allow it with "bulkhead plugin allow revoked overlays".',
    });
    await assert.rejects(create({ id: 'a' }, 'other'), { code: 'permission.denied' });
    assert.deepEqual(names(), []);
  });

  it('are bounded before they are checked', async () => {
    const many = Array.from({ length: 3000 }, (_, index) => ({ id: `e${index}` }));
    await assert.rejects(create({ id: 'a', elements: many }), {
      code: 'plugin.failed',
      message: /at most 3000 values in all/,
    });
    await assert.rejects(create({ id: 'a', opacity: 2 }), { code: 'config.invalid', message: /opacity/ });
    await assert.rejects(create({ id: 'not an id' }), { code: 'config.invalid', message: /letters, digits/ });
  });

  it('show files of the plugin alone', async () => {
    const image = (path: string) => ({ id: 'i', type: 'image', path });
    await create({ id: 'a', elements: [image('logo.png')] });
    assert.equal(elements()?.[0].path, '/plugins/may/logo.png');
    const change = { path: '/stored/may/photo.png' };
    await host.request(ChangeElementRequest.method, { plugin: 'may', overlay: 'a', id: 'i', change });
    assert.equal(elements()?.[0].path, '/stored/may/photo.png');
    for (const path of ['/home/me/private.png', '../revoked/logo.png', '/plugins/mayor/logo.png', '.']) {
      await assert.rejects(create({ id: 'b', elements: [image(path)] }), { code: 'permission.denied' }, path);
    }
    const font = { id: 't', type: 'text', text: 'x', font: '/home/me/Secret.ttf' };
    await assert.rejects(create({ id: 'b', elements: [font] }), { code: 'permission.denied' });
    await create({ id: 'b', elements: [{ ...font, font: 'Noto Sans' }] });
  });

  it('stay when the host fails, and go when it ends in order, or is stopped after that', async () => {
    await create({ id: 'a' }, 'may', { whenPluginFails: 'keep' });
    host.hasFailed = true;
    host.dispose();
    assert.deepEqual(names(), ['may/a']);
    host = new FakeHost(main, plugins);
    host.willActivate.fire('may');
    await create({ id: 'a' });
    host.dispose();
    assert.deepEqual(names(), []);
    host = new FakeHost(main, plugins);
    await create({ id: 'a' });
    host.hasFailed = true;
    host.dispose();
    main.release('may');
    assert.deepEqual(names(), []);
    host = new FakeHost(main, plugins);
  });

  it('lie in the order in which their plugins are activated', async () => {
    const granted = [installedPlugin('p', MAY), installedPlugin('q', MAY)];
    const both = new FakeHost(main, granted);
    both.willActivate.fire('q');
    both.willActivate.fire('p');
    for (const plugin of ['p', 'q'])
      await both.request(CreateOverlayRequest.method, { plugin, overlay: { id: 'a' } });
    assert.deepEqual(names(), ['q/a', 'p/a']);
    both.dispose();
  });
});
