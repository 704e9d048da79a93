import type { ExtensionHostStub } from './extension-host-stub.js';

/** Bytes within the time that a host sends without any work of its plugins: answers to heartbeats. */
const IDLE_BYTES = 300;
const WINDOW_MS = 1000;

interface Reading {
  readonly atMs: number;
  readonly bytes: number;
}

/** Which hosts were at work within the last second, by what they sent. */
export class HostActivity {
  private readonly readings = new WeakMap<ExtensionHostStub, Reading[]>();

  /** Looks at a host, several times a second. One that is looked at for the first time is at work: it starts. */
  isAtWork(host: ExtensionHostStub, nowMs = performance.now()): boolean {
    const readings = (this.readings.get(host) ?? []).filter(({ atMs }) => nowMs - atMs <= WINDOW_MS);
    readings.push({ atMs: nowMs, bytes: host.receivedBytes });
    this.readings.set(host, readings);
    const [first, last] = [readings[0], readings.at(-1)];
    return readings.length === 1 || (last?.bytes ?? 0) - (first?.bytes ?? 0) > IDLE_BYTES;
  }
}
