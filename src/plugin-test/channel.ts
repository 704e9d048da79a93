import type { Duplex } from 'node:stream';
import { createInMemoryPair } from '../rpc/in-memory-pair.js';

/** Turns of the event loop without a message after which no message is in transit. */
const QUIET_TURNS = 12;

// The real functions: a virtual clock must not stop the channel.
const { setImmediate: nextTurn } = globalThis;

/**
 * The channel between the fake core and the host, which can be slowed, and which reports when it is idle.
 */
export class Channel {
  readonly core: Duplex;
  readonly host: Duplex;
  /** Both ends of what frames of the plugin go through, without a delay. */
  readonly coreFrames: Duplex;
  readonly hostFrames: Duplex;
  private readonly streams: readonly Duplex[];
  private messages = 0;
  private delayMs = 0;
  /** What is on its way, the oldest first. */
  private readonly delayed: { readonly deliver: () => void; readonly timer: NodeJS.Timeout }[] = [];

  /** Delay of each message, ms of the test's clock. */
  get latencyMs(): number {
    return this.delayMs;
  }

  /** Without a delay, what is on its way arrives at once: nothing overtakes it. */
  set latencyMs(ms: number) {
    this.delayMs = ms;
    if (ms > 0) return;
    for (const { timer } of this.delayed) clearTimeout(timer);
    while (this.delayed.length > 0) this.deliverNext();
  }

  constructor() {
    const [core, toCore] = createInMemoryPair();
    const [host, toHost] = createInMemoryPair();
    this.core = core;
    this.host = host;
    this.relay(toCore, toHost);
    this.relay(toHost, toCore);
    [this.coreFrames, this.hostFrames] = createInMemoryPair();
    this.streams = [toCore, toHost, core, host, this.coreFrames, this.hostFrames];
    for (const stream of this.streams) stream.on('error', () => {});
    this.coreFrames.on('data', () => {
      this.messages += 1;
    });
  }

  /**
   * Resolves when neither side has sent anything for a while. Does not wait for deliberately delayed
   * messages.
   */
  async quiet(): Promise<void> {
    let seen = -1;
    for (let turns = 0; turns < QUIET_TURNS; turns += 1) {
      if (seen !== this.messages) turns = 0;
      seen = this.messages;
      await new Promise<void>((resolve) => nextTurn(resolve));
    }
  }

  /** Closes the channel for both ends. */
  destroy(): void {
    for (const stream of this.streams) stream.destroy();
  }

  private deliverNext(): void {
    this.delayed.shift()?.deliver();
  }

  private relay(from: Duplex, to: Duplex): void {
    const pass = (chunk: Buffer) => {
      this.messages += 1;
      if (!to.destroyed) to.write(chunk);
    };
    from.on('data', (chunk: Buffer) => {
      this.messages += 1;
      if (this.delayMs === 0) pass(chunk);
      else {
        const timer = setTimeout(() => this.deliverNext(), this.delayMs);
        this.delayed.push({ deliver: () => pass(chunk), timer });
      }
    });
    from.on('end', () => to.end());
  }
}
