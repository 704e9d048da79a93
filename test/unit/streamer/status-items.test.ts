import assert from 'node:assert/strict';
import { StatusItems } from '../../../src/core/streamer/status-items.js';
import { installedPlugin } from '../plugins/installed-plugin.js';

const plugin = (id: string) =>
  installedPlugin(id, {
    contributes: {
      commands: [],
      configuration: { properties: {} },
      events: [],
      statusItems: [
        { id: 'one', name: 'The\nfirst' },
        { id: 'two', name: 'Second' },
      ],
    },
  });

describe('status items', () => {
  it('are listed by plugin in the order of declaration, and removed with their host', () => {
    const items = new StatusItems();
    items.show('b', 'two', '2');
    items.show('b', 'one', '1');
    items.show('a', 'two', 'x');
    items.show('b', 'not declared', 'x');
    assert.deepEqual(items.of([plugin('b')]), [
      { plugin: 'b', id: 'one', name: 'The first', text: '1' },
      { plugin: 'b', id: 'two', name: 'Second', text: '2' },
    ]);
    items.show('b', 'one', '');
    assert.deepEqual(
      items.of([plugin('a'), plugin('b')]).map((item) => [item.plugin, item.id]),
      [
        ['a', 'two'],
        ['b', 'two'],
      ],
    );
    items.clear('b');
    assert.deepEqual(items.of([plugin('b')]), []);
  });
});
