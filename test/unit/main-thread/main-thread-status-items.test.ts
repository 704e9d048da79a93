import assert from 'node:assert/strict';
import sinon from 'sinon';
import { MainThreadStatusItems } from '../../../src/core/main-thread/main-thread-status-items.js';
import { StatusItems } from '../../../src/core/streamer/status-items.js';
import { OpenStatusItemRequest, StatusItemNotification } from '../../../src/protocol/plugin-status-items.js';
import { installedPlugin } from '../plugins/installed-plugin.js';
import { turn } from '../rpc/connected-pair.js';
import { FakeHost } from './fake-host.js';

describe("a host's status items", () => {
  const plugins = ['p', 'q'].map((id) =>
    installedPlugin(id, {
      contributes: {
        commands: [],
        configuration: { properties: {} },
        events: [],
        statusItems: [{ id: `${id}.viewers`, name: 'Viewers' }],
      },
    }),
  );
  let items: StatusItems;
  let host: FakeHost;
  let refused: number;

  beforeEach(() => {
    items = new StatusItems();
    host = new FakeHost(new MainThreadStatusItems(items), plugins);
    refused = 0;
    host.core.onDidFailHandler(() => refused++);
  });

  afterEach(() => host.dispose());

  const open = (plugin: string, id: string) => host.request(OpenStatusItemRequest.method, { plugin, id });
  const show = async (params: unknown) => {
    host.notify(StatusItemNotification.method, params);
    // Awaited, so that everything sent before has been handled.
    await open('p', 'p.viewers');
    await turn();
    return items.of(plugins).map(({ plugin, text }) => `${plugin}: ${text}`);
  };

  it('are those that the plugin declares', async () => {
    assert.equal(await open('p', 'p.viewers'), null);
    await assert.rejects(open('p', 'q.viewers'), {
      code: 'plugin.invalid',
      where: 'p',
      message: 'the plugin "p" has no status item "q.viewers"',
    });
  });

  it('are shown on one line, until they are emptied or the host ends', async () => {
    assert.deepEqual(await show({ plugin: 'p', id: 'p.viewers', text: ' 1\n2 ' }), ['p: 1 2']);
    assert.deepEqual(await show({ plugin: 'q', id: 'q.viewers', text: 'x'.repeat(500) }), [
      'p: 1 2',
      `q: ${'x'.repeat(199)}…`,
    ]);
    assert.deepEqual((await show({ plugin: 'q', id: 'q.viewers', text: '' })).length, 1);
    host.served.dispose();
    assert.deepEqual(items.of(plugins), []);
  });

  it('are not shown for another plugin, or as anything but text', async () => {
    const wrong = [
      { plugin: 'p', id: 'p.viewers', text: 5 },
      { plugin: 'other', id: 'p.viewers', text: 'x' },
      { plugin: 'p', text: 'x' },
      {},
    ];
    const kept = sinon.spy(items, 'show');
    for (const params of wrong) assert.deepEqual(await show(params), []);
    assert.equal(refused, wrong.length);
    await show({ plugin: 'p', id: 'q.viewers', text: 'not declared' });
    sinon.assert.notCalled(kept);
  });
});
