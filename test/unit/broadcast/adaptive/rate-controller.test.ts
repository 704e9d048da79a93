import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RateController } from '../../../../src/core/broadcast/adaptive/rate-controller.js';

const SOUND_KBPS = 160;
const LIMITS = { mostKbps: 4000, leastKbps: 500 };
const TICK_MS = 50;
/** How long the encoder takes to change, ms. */
const CHANGE_MS = 1500;
/** What the kernel takes before anything waits, bits. */
const KERNEL_BITS = 2_000_000;

/** A sender, the kernel's buffer and a network of so many kbit/s at each time. */
class Sender {
  readonly controller = new RateController(LIMITS);
  readonly history: { readonly atMs: number; readonly encodedKbps: number; readonly lateMs: number }[] = [];
  nowMs = 0;
  encodedKbps = LIMITS.mostKbps;
  private pending: { readonly kbps: number; readonly atMs: number } | undefined;
  private takenBytes = 0;
  private kernelBits = 0;
  private stalledSinceMs: number | undefined;
  /** What waits: when it was encoded, and how much it is. */
  private queue: { readonly atMs: number; bits: number }[] = [];

  run(seconds: number, networkKbps: number): void {
    for (const endMs = this.nowMs + seconds * 1000; this.nowMs < endMs; this.nowMs += TICK_MS)
      this.tick(networkKbps);
  }

  private tick(networkKbps: number): void {
    if (this.pending !== undefined && this.pending.atMs <= this.nowMs) {
      this.encodedKbps = this.pending.kbps;
      this.pending = undefined;
    }
    this.queue.push({ atMs: this.nowMs, bits: (this.encodedKbps + SOUND_KBPS) * TICK_MS });
    this.kernelBits = Math.max(0, this.kernelBits - networkKbps * TICK_MS);
    let taken = 0;
    for (let [next] = this.queue; next !== undefined && this.kernelBits < KERNEL_BITS; [next] = this.queue) {
      const part = Math.min(next.bits, KERNEL_BITS - this.kernelBits);
      next.bits -= part;
      this.kernelBits += part;
      taken += part;
      if (next.bits <= 0) this.queue.shift();
    }
    this.takenBytes += taken / 8;
    this.stalledSinceMs =
      taken > 0 || this.queue.length === 0 ? undefined : (this.stalledSinceMs ?? this.nowMs);
    const lateMs = this.nowMs - (this.queue[0]?.atMs ?? this.nowMs);
    this.history.push({ atMs: this.nowMs, encodedKbps: this.encodedKbps, lateMs });
    if (this.nowMs % 250 !== 0) return;
    const stalledMs = this.stalledSinceMs === undefined ? 0 : this.nowMs - this.stalledSinceMs;
    const sample = { nowMs: this.nowMs, lateMs, stalledMs, takenBytes: this.takenBytes };
    const kbps = this.controller.take(sample, this.encodedKbps, SOUND_KBPS);
    if (this.pending === undefined && kbps !== this.encodedKbps) {
      this.pending = { kbps, atMs: this.nowMs + CHANGE_MS };
    }
  }

  since(ms: number) {
    return this.history.filter(({ atMs }) => atMs >= ms);
  }
}

describe('RateController', () => {
  it('stays at the bitrate of the settings while the network carries it', () => {
    const sender = new Sender();
    sender.run(60, 6000);
    assert.ok(sender.history.every(({ encodedKbps }) => encodedKbps === LIMITS.mostKbps));
  });

  it('goes down within a second of a queue that grows', () => {
    const sender = new Sender();
    sender.run(10, 6000);
    sender.run(10, 2000);
    const grows = sender.since(10_000).find(({ lateMs }) => lateMs > 0)?.atMs ?? 0;
    const lower = sender.since(grows).find(({ encodedKbps }) => encodedKbps < LIMITS.mostKbps)?.atMs ?? 0;
    assert.ok(lower - CHANGE_MS - grows <= 1000, `${lower - CHANGE_MS - grows} ms`);
  });

  it('settles below what the network carries, and has no queue then', () => {
    const sender = new Sender();
    sender.run(10, 6000);
    sender.run(50, 2000);
    const settled = sender.since(35_000);
    assert.ok(settled.every(({ encodedKbps }) => encodedKbps >= 800 && encodedKbps <= 2200));
    assert.ok(Math.max(...settled.map(({ lateMs }) => lateMs)) < 1500);
  });

  it('comes back to the bitrate of the settings when the network does', () => {
    const sender = new Sender();
    sender.run(10, 6000);
    sender.run(20, 2000);
    sender.run(90, 6000);
    assert.equal(sender.encodedKbps, LIMITS.mostKbps);
  });

  it('tries seldom what has failed before', () => {
    const sender = new Sender();
    sender.run(10, 6000);
    sender.run(600, 2000);
    const changes = sender.since(310_000).filter(({ encodedKbps }, n, all) => {
      return n > 0 && encodedKbps !== all[n - 1]?.encodedKbps;
    });
    assert.ok(changes.length <= 20, `${changes.length} changes in 5 minutes`);
  });

  it('goes down once for an interruption, and is back soon after it', () => {
    const sender = new Sender();
    sender.run(10, 20_000);
    sender.run(10, 0);
    const during = Math.min(...sender.since(10_000).map(({ encodedKbps }) => encodedKbps));
    assert.ok(during >= 0.3 * LIMITS.mostKbps, `${during}`);
    sender.run(15, 20_000);
    assert.equal(sender.encodedKbps, LIMITS.mostKbps);
  });

  it('never leaves its limits, and always comes to rest where the network stays as it is', () => {
    const network = fc.array(
      fc.record({ seconds: fc.integer({ min: 1, max: 20 }), kbps: fc.integer({ min: 0, max: 8000 }) }),
      {
        maxLength: 8,
      },
    );
    fc.assert(
      fc.property(network, fc.integer({ min: 1200, max: 8000 }), (phases, lastKbps) => {
        const sender = new Sender();
        for (const { seconds, kbps } of phases) sender.run(seconds, kbps);
        sender.run(240, lastKbps);
        for (const { encodedKbps } of sender.history) {
          assert.ok(encodedKbps >= LIMITS.leastKbps && encodedKbps <= LIMITS.mostKbps);
        }
        const rest = sender.since(sender.nowMs - 60_000);
        assert.ok(Math.max(...rest.map(({ lateMs }) => lateMs)) < 3000);
      }),
      { numRuns: 60 },
    );
  });
});
