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

  it('never reports without a limit', () => {
    const crashes = new CrashWindow(Number.POSITIVE_INFINITY, 1000);
    for (let crash = 0; crash < 100; crash++) assert.equal(crashes.add(0), false);
  });
});
