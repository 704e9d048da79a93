import assert from 'node:assert/strict';
import { MAX_MARKERS, Markers } from '../../../src/core/broadcast/markers.js';

describe('the markers of a broadcast', () => {
  let markers: Markers;

  beforeEach(() => {
    markers = new Markers();
  });

  afterEach(() => markers.dispose());

  it('are kept in order, with who set them', () => {
    let changes = 0;
    markers.onDidChange(() => changes++);
    markers.add('start', 0);
    const goal = markers.add('goal', 1500, 'me.sport');

    assert.deepEqual(
      markers.list().map(({ id, label, plugin, timestampMs }) => [id, label, plugin, timestampMs]),
      [
        [1, 'start', undefined, 0],
        [2, 'goal', 'me.sport', 1500],
      ],
    );
    assert.ok(Math.abs(goal.atMs - Date.now()) < 60_000);
    assert.equal(changes, 2);
  });

  it('are so many at most, and none when the next broadcast begins', () => {
    for (let i = 0; i < MAX_MARKERS; i++) markers.add('x', i);
    assert.throws(() => markers.add('one more', 1), { code: 'broadcast.state' });
    assert.equal(markers.list().length, MAX_MARKERS);

    markers.clear();
    assert.equal(markers.add('again', 0).id, MAX_MARKERS + 1);
    assert.equal(markers.list().length, 1);
  });
});
