import assert from 'node:assert/strict';
import { FramePool } from '../../../../src/encoder/canvas/frame-pool.js';
import { ReopeningSource } from '../../../../src/encoder/sources/reopening-source.js';
import { BulkheadError, ErrorCodes } from '../../../../src/protocol/errors.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { FakeSource } from './fake-source.js';

const START = { item: 2, positionMs: 4200 };

describe('ReopeningSource', () => {
  let clock: FakeClock;
  let opened: FakeSource;
  let attempts: number;
  let works: boolean;
  let errors: string[];
  let source: ReopeningSource;

  beforeEach(() => {
    clock = new FakeClock();
    opened = new FakeSource(new FramePool(6, 2));
    attempts = 0;
    works = false;
    errors = [];
  });
  afterEach(() => {
    source.dispose();
    assert.equal(clock.pending, 0);
    clock.restore();
  });

  function open(): void {
    source = new ReopeningSource(
      async () => {
        attempts += 1;
        if (!works) throw new BulkheadError(ErrorCodes.inputNotFound, `attempt ${attempts}`);
        return opened;
      },
      ({ message }) => errors.push(message),
      START,
    );
  }

  it('is what it opens', async () => {
    works = true;
    open();
    assert.equal(source.state, 'starting');
    await clock.settle();
    opened.become('live', 5);
    opened.position = { item: 0, positionMs: 70 };
    assert.deepEqual([source.state, source.isReady, source.pid], ['live', true, 7]);
    assert.deepEqual(source.position, { item: 0, positionMs: 70 });
    const { frame } = source.take(10);
    assert.equal(frame?.bytes[0], 5);
    frame?.release();
    source.dispose();
    assert.equal(opened.disposed, 1);
  });

  it('keeps its position until it is open: the next encoder would begin there', async () => {
    open();
    assert.deepEqual(source.position, START);
    await clock.pass(100);
    assert.deepEqual([source.position, source.state], [START, 'retrying']);
    assert.deepEqual(source.take(10).frame, undefined);
  });

  it('tries again, ever later, until it can be opened', async () => {
    open();
    await clock.pass(30_000);
    assert.ok(attempts >= 7 && attempts <= 14, `${attempts} attempts`);
    assert.equal(errors.length, attempts);
    works = true;
    await clock.pass(5000);
    assert.equal(errors.length, attempts - 1);
    assert.equal(source.state, 'starting');
  });

  it('closes what is opened after its end, and tries no more', async () => {
    works = true;
    open();
    source.dispose();
    await clock.settle();
    assert.equal(opened.disposed, 1);
    works = false;
    open();
    await clock.settle();
    source.dispose();
    const before = attempts;
    await clock.pass(10_000);
    assert.equal(attempts, before);
  });
});
