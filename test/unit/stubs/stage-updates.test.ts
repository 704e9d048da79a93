import assert from 'node:assert/strict';
import sinon from 'sinon';
import { StageUpdates } from '../../../src/core/stubs/stage-updates.js';

const FRAME_MS = 40;

describe('updates of the stage', () => {
  let clock: sinon.SinonFakeTimers;
  /** What was asked for so far, and what it was when each update was sent. */
  let asked: number;
  let sent: number[];
  let answers: (() => void)[];
  let isPrompt: boolean;
  let updates: StageUpdates;

  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: 1_000_000, toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    asked = 0;
    sent = [];
    answers = [];
    isPrompt = true;
    updates = new StageUpdates(
      async () => {
        sent.push(asked);
        if (!isPrompt) await new Promise<void>((resolve) => answers.push(resolve));
      },
      () => FRAME_MS,
    );
  });
  afterEach(() => {
    updates.flush();
    clock.restore();
  });

  const ask = () => {
    asked += 1;
    return updates.request();
  };

  it('are sent at once, and then no more than once for each frame', async () => {
    for (let ms = 0; ms < 1000; ms += 1) {
      void ask();
      await clock.tickAsync(1);
    }
    assert.equal(sent[0], 1);
    assert.ok(sent.length <= 1000 / FRAME_MS + 1, `${sent.length} updates`);
    await clock.tickAsync(FRAME_MS);
    assert.equal(sent.at(-1), 1000, 'the last one has everything');
  });

  it('resolve when one has arrived that has what was asked for', async () => {
    isPrompt = false;
    const seen: string[] = [];
    const note = (what: string) => () => void seen.push(what);
    void ask().then(note('first'));
    await clock.tickAsync(1000);
    void ask().then(note('second'));
    void ask().then(note('third'));
    await clock.tickAsync(1000);
    assert.deepEqual([sent, seen], [[1], []], 'one is under way');
    answers.shift()?.();
    await clock.tickAsync(0);
    assert.deepEqual([sent, seen], [[1, 3], ['first']]);
    answers.shift()?.();
    await clock.tickAsync(0);
    assert.deepEqual(seen, ['first', 'second', 'third']);
  });

  it('fail for those who wait for the one that fails, and go on', async () => {
    updates = new StageUpdates(
      async () => {
        sent.push(asked);
        if (asked === 1) throw new Error('no luck');
      },
      () => FRAME_MS,
    );
    await assert.rejects(ask(), /no luck/);
    const next = ask();
    await clock.tickAsync(FRAME_MS);
    await next;
    assert.deepEqual(sent, [1, 2]);
  });

  it('are sent at once when nothing more will come', async () => {
    await ask();
    const last = ask();
    updates.flush();
    await last;
    assert.deepEqual(sent, [1, 2]);
  });
});
