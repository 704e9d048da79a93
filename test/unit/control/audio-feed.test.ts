import assert from 'node:assert/strict';
import { Emitter } from '../../../src/base/event.js';
import { AudioFeed } from '../../../src/core/control/audio-feed.js';
import type { MixLevels } from '../../../src/protocol/audio.js';
import { FakeClock } from '../../support/fake-clock.js';

const SILENT = { peakDbfs: null, rmsDbfs: null, shortTermLufs: null };
const LEVELS: MixLevels = { mix: SILENT, sources: {} };

describe('levels for clients', () => {
  let clock: FakeClock;
  let measured: Emitter<MixLevels>;
  let feed: AudioFeed;

  beforeEach(() => {
    clock = new FakeClock();
    measured = new Emitter();
    feed = new AudioFeed({ onDidMeasure: measured.event });
  });
  afterEach(() => {
    measured.dispose();
    clock.restore();
  });

  /** A client, and how many levels it has received in a second. */
  async function receivedAt(intervalMs: number, queuedBytes = 0): Promise<number> {
    let received = 0;
    const sendNotification = () => {
      received += 1;
      return true;
    };
    const following = feed.follow({ sendNotification, queuedBytes } as never, intervalMs);
    for (let measure = 0; measure < 20; measure++) {
      measured.fire(LEVELS);
      await clock.pass(50);
    }
    following.dispose();
    measured.fire(LEVELS);
    return received;
  }

  it('are sent as often as it wants, 20 times a second at most', async () => {
    assert.equal(await receivedAt(50), 20);
    assert.equal(await receivedAt(100), 10);
    assert.equal(await receivedAt(1000), 1);
  });

  it('are not sent to one that does not read them', async () => {
    assert.equal(await receivedAt(50, 100_000), 0);
  });
});
