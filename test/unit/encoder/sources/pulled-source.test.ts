import assert from 'node:assert/strict';
import { shuffledOrder } from '../../../../src/encoder/sources/play-order.js';
import { PulledSource } from '../../../../src/encoder/sources/pulled-source.js';
import { BulkheadError, ErrorCodes } from '../../../../src/protocol/errors.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { FakeMedium, SAMPLES } from './fake-medium.js';

/** Slots of each item. */
const LENGTH = 4;
const SLOT_MS = 40;

describe('PulledSource', () => {
  let clock: FakeClock;
  let media: { item: number; startS: number; medium: FakeMedium }[];
  let skipped: string[];
  let source: PulledSource;
  let endsByLoss: boolean;
  /** How long it takes until an item cannot be opened, ms. */
  let failsAfterMs: number;
  /** What each item is: slots, or what is wrong with it. One that hangs has a single one. */
  let items: (number | 'missing' | 'hanging')[];

  beforeEach(() => {
    clock = new FakeClock();
    media = [];
    skipped = [];
    endsByLoss = false;
    failsAfterMs = 0;
  });
  afterEach(async () => {
    source.dispose();
    await clock.settle();
    for (const { medium } of media) {
      assert.equal(medium.pool.inUse, 0, 'every frame is given back');
      assert.ok(medium.frames.every(({ process }) => process.killed));
    }
    assert.equal(clock.pending, 0);
    clock.restore();
  });

  function open(options: {
    loops: boolean;
    start?: { item: number; positionMs: number; round?: number };
    fps?: number;
    shuffle?: boolean;
  }): void {
    const { loops, start = { item: 0, positionMs: 0 }, fps = 25, shuffle = false } = options;
    source = new PulledSource({
      fps,
      items: items.length,
      loops,
      ...(shuffle ? { order: shuffledOrder(items.length) } : {}),
      start,
      open: async (item, startS) => {
        const what = items[item];
        if (what === 'missing' && failsAfterMs > 0)
          await new Promise((resolve) => setTimeout(resolve, failsAfterMs));
        if (what === 'missing') throw new BulkheadError(ErrorCodes.inputNotFound, `no item ${item}`);
        const medium = new FakeMedium({ hasSound: false });
        media.push({ item, startS, medium });
        const slots = what === 'hanging' ? 1 : (what ?? 0);
        const left = Math.max(0, slots - Math.round(startS * 25));
        for (let slot = 0; slot < left; slot++) medium.frames[0]?.sendFrames(slot);
        if (what !== 'hanging') medium.frames[0]?.end();
        return { playback: medium.playback, durationS: undefined };
      },
      onSkip: ({ message }, isLast) => {
        skipped.push(`${message}${isLast ? ', and no other' : ''}`);
        if (endsByLoss) source.dispose();
      },
    });
  }

  /** Lets so many slots pass: the item and the slot of each frame; undefined where there is nothing. */
  async function play(slots: number): Promise<(string | undefined)[]> {
    const shown: (string | undefined)[] = [];
    for (let i = 0; i < slots; i++) {
      await clock.settle();
      const { frame } = source.take(SAMPLES);
      const { item } = source.position;
      shown.push(frame === undefined ? undefined : `${item}.${frame.bytes[0]}`);
      frame?.release();
      await clock.pass(SLOT_MS, SLOT_MS);
    }
    return shown;
  }
  const whole = (item: number) => Array.from({ length: LENGTH }, (_, slot) => `${item}.${slot}`);

  it('does not stall between the slots of a low frame rate', async () => {
    items = ['hanging'];
    open({ loops: false, fps: 1 });
    await clock.pass(SLOT_MS, SLOT_MS);
    source.take(SAMPLES).frame?.release();
    await clock.pass(1100, 100);
    source.take(SAMPLES).frame?.release();
    assert.equal(source.state, 'live');
    await clock.pass(500, 100);
    assert.equal(source.state, 'stalled');
  });

  it('is live while nobody takes what it has, as of a fallback that is not on air', async () => {
    items = [LENGTH];
    open({ loops: true });
    assert.equal(source.state, 'starting');
    await clock.settle();
    assert.equal(source.state, 'live');
    await play(1);
    await clock.pass(60_000, 1000);
    assert.equal(source.state, 'live');
  });

  it('plays one after the other without a gap, and ends', async () => {
    items = [LENGTH, LENGTH];
    open({ loops: false });
    assert.equal(source.state, 'starting');
    const shown = await play(10);
    assert.deepEqual(shown, [...whole(0), ...whole(1), undefined, undefined]);
    assert.equal(source.state, 'ended');
    assert.deepEqual(skipped, []);
  });

  it('begins again after the last one', async () => {
    items = [LENGTH, LENGTH];
    open({ loops: true });
    assert.deepEqual(await play(20), [...whole(0), ...whole(1), ...whole(0), ...whole(1), ...whole(0)]);
    assert.equal(source.state, 'live');
    assert.ok(media.slice(0, -2).every(({ medium }) => medium.frames[0]?.process.killed === true));
  });

  it('begins where another reader was, and says where it is', async () => {
    items = [LENGTH, 20];
    open({ loops: true, start: { item: 1, positionMs: 400 } });
    assert.deepEqual(source.position, { item: 1, positionMs: 400 });
    await play(5);
    assert.equal(media[0]?.startS, 0.4);
    assert.deepEqual(source.position, { item: 1, positionMs: 600 });
  });

  it('plays a shuffled list in the order of its round, and then in that of the next one', async () => {
    items = [LENGTH, LENGTH, LENGTH];
    open({ loops: true, shuffle: true });
    const { round: first = -1 } = source.position;
    const order = shuffledOrder(3);
    const expected = [first, first + 1].flatMap((round) =>
      [0, 1, 2].map((place) => order.itemAt(round, place)),
    );
    assert.deepEqual(await play(6 * LENGTH), expected.flatMap(whole));
    assert.equal(source.position.round, first + 1);
  });

  it('continues a shuffled list in the order that it had, and ends with the round', async () => {
    items = [LENGTH, LENGTH, LENGTH, LENGTH, LENGTH];
    const order = shuffledOrder(5);
    const item = order.itemAt(77, 2);
    open({ loops: false, shuffle: true, start: { item, positionMs: 2 * SLOT_MS, round: 77 } });
    assert.deepEqual(source.position, { item, positionMs: 2 * SLOT_MS, round: 77 });
    const shown = await play(4 * LENGTH);
    const rest = [3, 4].flatMap((place) => whole(order.itemAt(77, place)));
    assert.deepEqual(
      shown.filter((one) => one !== undefined),
      [`${item}.0`, `${item}.1`, ...rest],
    );
    assert.equal(source.state, 'ended');
  });

  it('passes over what cannot be opened of a shuffled list, also across its rounds', async () => {
    items = [LENGTH, 'missing', LENGTH];
    const order = shuffledOrder(3);
    const round = [...Array(100).keys()].find((one) => order.itemAt(one, 2) === 1) ?? 0;
    const start = { item: order.itemAt(round, 0), positionMs: 0, round };
    open({ loops: true, shuffle: true, start });
    const shown = (await play(40)).filter((one) => one !== undefined).slice(0, 4 * LENGTH);
    const expected = [round, round + 1].flatMap((one) =>
      [0, 1, 2].map((place) => order.itemAt(one, place)).filter((item) => item !== 1),
    );
    assert.deepEqual(shown, expected.flatMap(whole));
  });

  it('plays from the beginning where a position lies behind the end', async () => {
    items = [LENGTH];
    open({ loops: true, start: { item: 0, positionMs: 9000 } });
    const shown = (await play(8)).filter((one) => one !== undefined);
    assert.deepEqual(shown.slice(0, LENGTH), whole(0));
    assert.deepEqual(skipped, []);
  });

  it('passes over what cannot be opened, wherever it is', async () => {
    items = ['missing', LENGTH, 'missing', LENGTH];
    open({ loops: true });
    const shown = (await play(40)).filter((one) => one !== undefined);
    assert.deepEqual(shown.slice(0, 16), [...whole(1), ...whole(3), ...whole(1), ...whole(3)]);
    assert.ok(skipped.includes('no item 0') && skipped.includes('no item 2'));
    assert.ok(!skipped.some((error) => error.includes('no other')));
  });

  it('ends where the last ones cannot be opened', async () => {
    items = [LENGTH, 'missing', 'missing'];
    open({ loops: false });
    assert.deepEqual((await play(10)).slice(0, LENGTH), whole(0));
    assert.equal(source.state, 'ended');
  });

  it('tries again, ever later, where none can be opened, and says so', async () => {
    items = ['missing', 'missing'];
    open({ loops: true });
    await play(2);
    assert.equal(source.state, 'retrying');
    assert.deepEqual(skipped, ['no item 0', 'no item 1, and no other']);
    failsAfterMs = 100;
    for (let slot = 0; slot < 25 * 20; slot++) {
      await play(1);
      assert.equal(source.state, 'retrying', 'also during an attempt');
    }
    failsAfterMs = 0;
    assert.ok(skipped.length >= 8 && skipped.length <= 24, `${skipped.length / 2} rounds in 20 s`);
    items = [LENGTH, 'missing'];
    const shown = (await play(25 * 10)).filter((one) => one !== undefined);
    assert.deepEqual(shown.slice(0, LENGTH), whole(0));
  });

  it('treats what has nothing to play like what cannot be opened', async () => {
    items = [0];
    open({ loops: true });
    await play(25 * 20);
    assert.ok(media.length >= 4 && media.length <= 14, `${media.length} times in 20 s`);
    assert.match(skipped[0] ?? '', /The input has nothing that can be played.*no other/);
    assert.equal(source.state, 'retrying');
    source.dispose();
    media = [];
    skipped = [];
    items = [LENGTH, 0, LENGTH];
    open({ loops: false });
    const shown = (await play(20)).filter((one) => one !== undefined);
    assert.deepEqual(shown, [...whole(0), ...whole(2)]);
    assert.deepEqual(skipped, ['Number 2 of the playlist has nothing that can be played.']);
    assert.equal(source.state, 'ended');
  });

  it('stalls while nothing arrives, and is live again by itself', async () => {
    items = [LENGTH];
    open({ loops: true });
    const { medium } = await (async () => {
      await clock.settle();
      return media[0] ?? assert.fail('nothing was opened');
    })();
    assert.equal(source.isReady, true);
    await play(LENGTH);
    items = ['missing'];
    assert.equal(medium.playback.isOver, true);
    await play(40);
    assert.notEqual(source.state, 'live');
    items = [LENGTH];
    await play(25 * 6);
    assert.equal(source.state, 'live');
  });

  it('opens nothing more where what it reports is its end', async () => {
    items = ['missing'];
    endsByLoss = true;
    open({ loops: true });
    await clock.settle();
    assert.equal(clock.pending, 0);
    await clock.pass(5000);
    assert.equal(skipped.length, 1);
  });

  it('closes what is opened after its end', async () => {
    items = [LENGTH];
    open({ loops: true });
    source.dispose();
    await clock.settle();
    assert.equal(media.length, 1);
    assert.equal(media[0]?.medium.frames[0]?.process.killed, true);
  });
});
