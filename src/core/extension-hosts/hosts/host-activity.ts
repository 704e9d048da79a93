import type { ExtensionHostStub } from './extension-host-stub.js';

/** Bytes that a host sends within the window while its plugins are idle: answers to heartbeats. */
const IDLE_BYTES = 300;
const WINDOW_MS = 1000;

interface Reading {
  readonly atMs: number;
  readonly bytes: number;
}

/** Which hosts were active within the last second, judged by what they sent. */
export class HostActivity {
  private readonly readings = new WeakMap<ExtensionHostStub, Reading[]>();

  /**
   * Checks a host, called several times a second. A host checked for the first time counts as active: it is
   * starting.
   */
  isAtWork(host: ExtensionHostStub, nowMs = performance.now()): boolean {
    const readings = (this.readings.get(host) ?? []).filter(({ atMs }) => nowMs - atMs <= WINDOW_MS);
    readings.push({ atMs: nowMs, bytes: host.receivedBytes });
    this.readings.set(host, readings);
    const [first, last] = [readings[0], readings.at(-1)];
    return readings.length === 1 || (last?.bytes ?? 0) - (first?.bytes ?? 0) > IDLE_BYTES;
  }
}
