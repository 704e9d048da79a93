import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SendWindow } from '../../../src/rtmp/send-window.js';

const INTERVAL = 32_000;

/** A link that carries so much, with a queue of any length, and a server at its end that acknowledges. */
class Link {
  readonly window = new SendWindow();
  written = 0;
  private arrived = 0;
  private acknowledged = 0;
  private sent: { readonly endBytes: number; readonly atMs: number }[] = [];
  private acks: { readonly bytes: number; readonly atMs: number }[] = [];
  /** Longest time that something was under way, ms, since it was last set to 0. */
  longestMs = 0;

  constructor(
    private readonly delayMs: number,
    private readonly interval = INTERVAL,
  ) {}

  /** A millisecond in which `offered` bytes would be sent, of which those that may not wait. @returns what waits */
  pass(nowMs: number, bytesPerMs: number, offered: number): number {
    let waiting = offered;
    while (waiting > 0 && !this.window.isFull(this.written, nowMs)) {
      const part = Math.min(1000, waiting);
      waiting -= part;
      this.written += part;
      this.sent.push({ endBytes: this.written, atMs: nowMs });
    }
    this.arrived = Math.min(this.written, this.arrived + bytesPerMs);
    if (this.arrived - this.acknowledged >= this.interval) {
      this.acknowledged = this.arrived;
      this.acks.push({ bytes: this.arrived, atMs: nowMs + this.delayMs });
    }
    while ((this.acks[0]?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs) {
      const ack = this.acks.shift();
      if (ack === undefined) break;
      const last = this.sent.findLastIndex(({ endBytes }) => endBytes <= ack.bytes);
      const delay = nowMs - (this.sent[Math.max(0, last)]?.atMs ?? nowMs);
      this.sent = this.sent.slice(last + 1);
      this.longestMs = Math.max(this.longestMs, delay);
      this.window.acknowledged(ack.bytes, delay, nowMs);
    }
    return waiting;
  }
}

/** Offers `bytesPerMs` for a time. @returns what waits at its end */
function run(
  link: Link,
  fromMs: number,
  forMs: number,
  offered: number,
  carried: number,
  waiting = 0,
): number {
  let left = waiting;
  for (let now = fromMs; now < fromMs + forMs; now++) left = link.pass(now, carried, left + offered);
  return left;
}

describe('SendWindow', () => {
  it('lets all pass until the server has acknowledged', () => {
    const window = new SendWindow();
    assert.equal(window.isFull(50_000_000, 10), false);
    window.acknowledged(undefined, undefined, 20);
    assert.equal(window.isFull(50_000_000, 30), false);
  });

  it('lets all pass again when the numbers no longer tell', () => {
    const window = new SendWindow();
    for (const n of [1, 2, 3, 4]) window.acknowledged(n * 1000, 20, n * 400);
    assert.equal(window.isFull(60_000, 1610), true);
    window.acknowledged(undefined, undefined, 1620);
    assert.equal(window.isFull(60_000, 1630), false);
  });

  it('holds back less than a tenth of a second on a network that carries more', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 40, max: 1500 }),
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 110, max: 1000 }),
        (offered, delayMs, percent) => {
          const link = new Link(delayMs);
          const carried = (offered * percent) / 100;
          let left = 0;
          for (let now = 0; now < 6000; now += 1000) {
            left = run(link, now, 1000, offered, carried, left);
            assert.ok(left < 100 * offered, `${left / offered} ms wait`);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('leaves half a second in the network at most when that becomes slower', () => {
    const link = new Link(30);
    run(link, 0, 8000, 440, 750);
    let waiting = run(link, 8000, 4000, 440, 250);
    link.longestMs = 0;
    waiting = run(link, 12_000, 4000, 440, 250, waiting);
    assert.ok(link.longestMs < 500, `${link.longestMs} ms`);
    // All the rest waits where it can be dropped.
    assert.ok(waiting > 8000 * (440 - 250) - 200_000, `${waiting} bytes`);
  });

  it('catches up as fast as the network carries', () => {
    const link = new Link(100);
    run(link, 0, 5000, 300, 2500);
    // Nothing passes for 2 s; then there are 0.6 MB, which take 0.3 s.
    let waiting = run(link, 5000, 2000, 300, 0);
    assert.ok(waiting > 300_000, 'the window is full');
    waiting = run(link, 7000, 1000, 300, 2500, waiting);
    assert.ok(waiting < 1000, `${waiting} bytes still wait`);
  });

  it('goes on with a server that begins to acknowledge more seldom', () => {
    const link = new Link(20);
    run(link, 0, 3000, 100, 1000);
    const seldom = new Link(20, 900_000);
    Object.assign(seldom, { window: link.window, written: link.written });
    Object.assign(seldom, { arrived: link.written, acknowledged: link.written });
    const waiting = run(seldom, 3000, 20_000, 100, 1000);
    assert.ok(waiting < 100_000, `${waiting} bytes wait`);
  });
});
