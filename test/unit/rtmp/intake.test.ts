import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { Intake } from '../../../src/rtmp/intake.js';
import { FakeClock } from '../../support/fake-clock.js';

describe('Intake', () => {
  let clock: FakeClock;
  let source: PassThrough;
  let intake: Intake;
  let taken: Buffer[];
  let ended: boolean;

  beforeEach(() => {
    clock = new FakeClock();
    source = new PassThrough();
    taken = [];
    ended = false;
    intake = new Intake(source, (bytes) => taken.push(bytes));
    source.once('end', () => {
      ended = true;
    });
  });

  afterEach(() => {
    intake.dispose();
    source.destroy();
    assert.equal(clock.pending, 0, 'a timer is left');
    clock.restore();
  });

  const total = () => taken.reduce((sum, { length }) => sum + length, 0);
  /** Time and turns enough for all that may be taken. */
  async function pass(ms: number): Promise<void> {
    for (let n = 0; n < 10; n++) await clock.settle();
    await clock.pass(ms, 50);
  }

  it('hands on the bytes of a handshake within two turns', async () => {
    source.write(Buffer.alloc(3073));
    await clock.settle();
    assert.deepEqual(
      taken.map(({ length }) => length),
      [2048, 1025],
    );
  });

  it('hands on a burst in slices, in order and completely, and then the end', async () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, n) => n % 251));
    source.end(bytes);
    await pass(0);
    assert.ok(taken.every(({ length }) => length <= 2048));
    assert.ok(Buffer.concat(taken).equals(bytes));
    assert.ok(ended);
  });

  it('goes on reading after it had to wait', async () => {
    source.write(Buffer.alloc(260 * 1024));
    await pass(1000);
    assert.equal(total(), 260 * 1024);
    source.write(Buffer.alloc(1000));
    await pass(0);
    assert.equal(total(), 260 * 1024 + 1000);
  });

  it('gives no credit for a longer burst', async () => {
    await pass(60_000);
    source.write(Buffer.alloc(1_000_000));
    await pass(0);
    assert.equal(total(), 256 * 1024);
  });

  it('reads a bounded burst, then at a bounded rate, and nothing beyond that', async () => {
    let pushed = 0;
    const flood = (): void => {
      while (!source.destroyed && source.write(Buffer.alloc(16_384))) pushed += 16_384;
      if (!source.destroyed) source.once('drain', flood);
    };
    flood();
    await pass(0);
    assert.equal(total(), 256 * 1024);
    await pass(1000);
    const second = total();
    assert.ok(second > 310_000 && second <= 256 * 1024 + 64 * 1024, String(second));
    await pass(10_000);
    assert.ok(total() <= 256 * 1024 + 11 * 64 * 1024);
    assert.ok(pushed - total() < 100_000, 'the rest waits at the server');
  });

  it('combines bytes that arrive one by one, once there have been too many', async () => {
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    for (let n = 0; n < 12_000; n++) {
      source.write(Buffer.alloc(1));
      await turn();
    }
    assert.equal(taken.length, (256 * 1024) / 32);
    await pass(1000);
    assert.deepEqual([total(), taken.length], [12_000, (256 * 1024) / 32 + 2]);
  });

  it('hands nothing on once it is disposed of', async () => {
    source.write(Buffer.alloc(1_000_000));
    await pass(0);
    const before = total();
    source.destroy();
    intake.dispose();
    await pass(1000);
    assert.equal(total(), before);
  });

  it('hands nothing on after its receiver has destroyed the source', async () => {
    const seen: number[] = [];
    const broken = new PassThrough();
    const own = new Intake(broken, ({ length }) => {
      seen.push(length);
      broken.destroy();
    });
    broken.write(Buffer.alloc(50_000));
    await pass(1000);
    own.dispose();
    assert.equal(seen.length, 1);
  });
});
