import assert from 'node:assert/strict';
import { DelayedOutput } from '../../../src/core/publish/delay/delayed-output.js';
import type { StreamTag } from '../../../src/media/stream-tag.js';
import { FakeClock } from '../../support/fake-clock.js';
import { FakeOutput } from '../../support/fake-output.js';
import { startingPoint, tag } from './tags.js';

describe('DelayedOutput', () => {
  let clock: FakeClock;
  let inner: FakeOutput;
  let session: () => StreamTag[];
  let output: DelayedOutput;

  beforeEach(() => {
    clock = new FakeClock();
    output = new DelayedOutput(2, startingPoint, (start) => {
      session = start;
      inner = new FakeOutput('main');
      return inner;
    });
    output.start();
  });

  afterEach(() => {
    output.dispose();
    assert.equal(clock.pending, 0);
    clock.restore();
  });

  /** Takes a second of frames, ten of them, with a keyframe first. */
  async function second(): Promise<void> {
    for (let n = 1; n <= 10; n++) {
      await clock.pass(100);
      const ms = performance.now();
      output.push(tag(n === 10 ? 'keyframe' : 'interframe', Math.round(ms)));
    }
  }

  const times = () => inner.tags.map(({ timestampMs }) => timestampMs);

  it('connects when the first keyframe is due, and each session begins with what is due then', async () => {
    assert.equal(output.status().state, 'connecting');
    await second();
    assert.ok(inner.start.notCalled);
    assert.equal(output.status().delayMs, 1000);
    await second();
    assert.ok(inner.start.calledOnce);
    assert.deepEqual(
      session().map(({ kind, timestampMs }) => [kind, timestampMs]),
      [
        ['metadata', 0],
        ['video-header', 0],
        ['audio-header', 0],
        ['keyframe', 0],
      ],
    );
    await second();
    assert.deepEqual(times(), [3, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
    assert.deepEqual(
      session().map(({ timestampMs }) => timestampMs),
      [1000, 1000, 1000, 1000],
    );
    assert.ok(inner.tags.every(({ readAtMs, timestampMs }) => readAtMs >= timestampMs + 2000));
  });

  it('says what was cut once it knows where the stream goes on, which is without a gap', async () => {
    await second();
    await second();
    await second();
    let answer: unknown;
    const cut = output.cut(600).then((result) => {
      answer = result;
    });
    await clock.settle();
    assert.equal(answer, undefined, 'the next keyframe has not come');
    for (let n = 1; n <= 3; n++) await second();
    await cut;
    // From the keyframe of 2000 to that of 4000.
    assert.deepEqual(answer, { id: 'main', removedMs: 2000, leftMs: 0 });
    const after = times().filter((ms) => ms > 1800);
    assert.deepEqual(after.slice(0, 4), [1900, 2000, 2100, 2200]);
  });

  it('ends with its output, and leaves what has not aired', async () => {
    await second();
    await output.stop(1000);
    assert.ok(inner.stop.calledOnceWith(1000));
    await second();
    assert.deepEqual(times(), []);
  });
});
