import assert from 'node:assert/strict';
import { CrashWindow } from '../../../src/core/processes/crash-window.js';

describe('CrashWindow', () => {
  it('reports when there are too many within the window', () => {
    const crashes = new CrashWindow(3, 1000);
    assert.deepEqual(
      [0, 500, 1000, 1499, 1500].map((atMs) => crashes.add(atMs)),
      [false, false, false, true, true],
    );
    crashes.clear();
    assert.equal(crashes.add(1600), false);
  });

  it('counts a crash until the window is over, and not then', () => {
    const crashes = new CrashWindow(2, 1000);
    assert.equal(crashes.add(0), false);
    assert.deepEqual([crashes.within(999), crashes.within(1000)], [[0], []]);
    assert.equal(crashes.add(999), true);
    assert.equal(crashes.add(1999), false);
    assert.deepEqual(crashes.within(1999), [1999]);
    crashes.clear();
    assert.deepEqual(crashes.within(1999), []);
  });

  it('never reports without a limit', () => {
    const crashes = new CrashWindow(Number.POSITIVE_INFINITY, 1000);
    for (let crash = 0; crash < 100; crash++) assert.equal(crashes.add(0), false);
  });
});
