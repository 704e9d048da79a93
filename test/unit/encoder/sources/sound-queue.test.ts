import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SoundQueue } from '../../../../src/encoder/sources/sound-queue.js';
import { NutConnection } from './nut-connection.js';

const RATE = 1000;
const FORMAT = { sampleRate: RATE, channels: 1 };
const BYTES = 2;
/** Samples: what a timestamp may be off without being a gap. */
const JITTER = 20;

/** Samples that count from `first` on; none is 0. */
function pcmOf(first: number, samples: number): Buffer {
  const pcm = Buffer.alloc(samples * BYTES);
  for (let i = 0; i < samples; i++) pcm.writeInt16LE(1 + ((first + i) % 30_000), i * BYTES);
  return pcm;
}

function samplesOf(pcm: Buffer): number[] {
  return Array.from({ length: pcm.length / BYTES }, (_, index) => pcm.readInt16LE(index * BYTES));
}

/** The same by a list of all samples, without any queue. */
class Reference {
  private readonly samples = new Map<number, number>();
  private next: number | undefined;

  push(stamped: number, pcm: Buffer): void {
    const next = this.next ?? stamped;
    const at = Math.abs(stamped - next) > JITTER ? stamped : next;
    for (const [index, sample] of samplesOf(pcm).entries()) {
      if (at + index >= next) this.samples.set(at + index, sample);
    }
    this.next = Math.max(next, at + pcm.length / BYTES);
  }

  take(from: number, count: number): number[] {
    const taken = Array.from({ length: count }, (_, index) => this.samples.get(from + index) ?? 0);
    for (const at of this.samples.keys()) if (at < from + count) this.samples.delete(at);
    return taken;
  }
}

describe('SoundQueue', () => {
  const open = (options: { limitS: number; waits: boolean }) => {
    const queue = new SoundQueue({ format: FORMAT, ...options });
    const connection = new NutConnection(queue, RATE);
    const push = (at: number, pcm: Buffer) => {
      connection.send({ ticks: at, payload: pcm });
      connection.deliver();
    };
    const take = (from: number, count: number) => {
      const target = Buffer.alloc(count * BYTES);
      queue.take(from, target);
      return samplesOf(target);
    };
    return { queue, connection, push, take };
  };

  it('has each sample at its place: over gaps, overlaps, and timestamps that are not exact', () => {
    const packet = fc.record({
      samples: fc.integer({ min: 1, max: 200 }),
      offset: fc.oneof(
        { weight: 4, arbitrary: fc.constant(0) },
        { weight: 3, arbitrary: fc.integer({ min: -JITTER, max: JITTER }) },
        fc.integer({ min: -300, max: 300 }),
      ),
    });
    const reading = fc.record({
      step: fc.integer({ min: -10, max: 100 }),
      count: fc.integer({ min: 1, max: 150 }),
    });
    fc.assert(
      fc.property(fc.nat(5000), fc.array(fc.oneof(packet, reading), { maxLength: 60 }), (begin, events) => {
        const { queue, push, take } = open({ limitS: 1000, waits: true });
        const reference = new Reference();
        let end = begin;
        let from = begin;
        for (const event of events) {
          if ('samples' in event) {
            const at = Math.max(0, end + event.offset);
            const pcm = pcmOf(at, event.samples);
            push(at, pcm);
            reference.push(at, pcm);
            end = queue.end;
          } else {
            from += event.step;
            assert.deepEqual(take(from, event.count), reference.take(from, event.count));
            from += event.count;
          }
        }
        assert.deepEqual(take(from, 2000), reference.take(from, 2000));
      }),
      { numRuns: 500 },
    );
  });

  it('pauses its connection at the limit until half of it is left', () => {
    const { queue, connection, push, take } = open({ limitS: 1, waits: true });
    for (let at = 0; at < 2000; at += 100) push(at, pcmOf(at, 100));
    assert.equal(connection.pausedByReader, true);
    assert.equal(queue.end, 1000);
    take(0, 500);
    assert.equal(connection.pausedByReader, true);
    take(500, 1);
    assert.equal(connection.pausedByReader, false);
    connection.deliver();
    assert.equal(connection.pausedByReader, true);
    assert.ok(queue.end - queue.start >= 1000);
    for (let at = 501; at < 2000; at += 100) {
      connection.deliver();
      assert.deepEqual(take(at, 100), samplesOf(pcmOf(at, 100)).fill(0, Math.max(0, 2000 - at)));
    }
  });

  it('drops the oldest sound of a source that does not wait', () => {
    const { queue, connection, push, take } = open({ limitS: 1, waits: false });
    for (let at = 0; at < 5000; at += 100) push(at, pcmOf(at, 100));
    assert.equal(connection.pausedByReader, false);
    assert.equal(queue.arrived, 50);
    assert.equal(queue.start, 4000);
    assert.equal(queue.end, 5000);
    assert.deepEqual(take(3900, 200), [...new Array(100).fill(0), ...samplesOf(pcmOf(4000, 100))]);
  });

  it('keeps one packet that is longer than the limit', () => {
    const { queue, push, take } = open({ limitS: 1, waits: false });
    push(0, pcmOf(0, 3000));
    push(3000, pcmOf(3000, 3000));
    assert.equal(queue.start, 3000);
    assert.deepEqual(take(5900, 100), samplesOf(pcmOf(5900, 100)));
  });

  it('has nothing after it was closed, also if its process still sends', () => {
    const { queue, connection, push, take } = open({ limitS: 1, waits: true });
    push(0, pcmOf(0, 100));
    queue.close();
    push(100, pcmOf(100, 100));
    assert.equal(queue.ended, true);
    assert.equal(queue.isEmpty, true);
    assert.equal(connection.destroyed, true);
    assert.deepEqual(take(0, 3), [0, 0, 0]);
  });
});
