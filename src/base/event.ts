import type { Disposable } from 'vscode-jsonrpc';
import { onUnexpectedError } from './unexpected-error.js';

/** Registers a listener; disposing the returned object removes it. */
export type Event<T> = (listener: (value: T) => unknown) => Disposable;

export interface EmitterOptions {
  onFirstListenerAdd?(): void;
  onLastListenerRemove?(): void;
}

interface Registration<T> {
  readonly listener: (value: T) => unknown;
  removed: boolean;
}

/** Listeners of all emitters of this process. */
let listeners = 0;

/** Number of listeners in this process: tests fail when it grows. */
export function listenerCount(): number {
  return listeners;
}

const NOTHING_TO_REMOVE: Disposable = { dispose: () => {} };

/** An emitter with this many listeners is reported as a leak: listeners are added and never removed. */
const LEAK_THRESHOLD = 500;

/**
 * The sending end of an {@link Event}. A listener that throws affects neither the other listeners nor the caller of
 * `fire`: its error goes to `onUnexpectedError`. Listeners are called in the order of registration. A listener added
 * during a `fire` is first called by the next one; a listener removed during a `fire` is no longer called.
 */
export class Emitter<T> implements Disposable {
  /** Replaced, never mutated: a running `fire` iterates over the array that it started with. */
  private registrations: readonly Registration<T>[] = [];
  private disposed = false;
  private leakReported = false;

  constructor(private readonly options: EmitterOptions = {}) {}

  readonly event: Event<T> = (listener) => {
    if (this.disposed) return NOTHING_TO_REMOVE;
    if (this.registrations.length === 0) this.options.onFirstListenerAdd?.();
    const registration: Registration<T> = { listener, removed: false };
    this.registrations = [...this.registrations, registration];
    listeners++;
    if (this.registrations.length > LEAK_THRESHOLD) this.reportLeak();
    return { dispose: () => this.remove(registration) };
  };

  fire(value: T): void {
    for (const registration of this.registrations) {
      if (registration.removed) continue;
      try {
        registration.listener(value);
      } catch (error) {
        onUnexpectedError(error);
      }
    }
  }

  /** Removes all listeners permanently. */
  dispose(): void {
    this.disposed = true;
    for (const registration of this.registrations) registration.removed = true;
    listeners -= this.registrations.length;
    this.registrations = [];
  }

  private remove(registration: Registration<T>): void {
    if (registration.removed) return;
    registration.removed = true;
    listeners--;
    this.registrations = this.registrations.filter((other) => other !== registration);
    if (this.registrations.length === 0) this.options.onLastListenerRemove?.();
  }

  private reportLeak(): void {
    if (this.leakReported) return;
    this.leakReported = true;
    onUnexpectedError(
      new Error(`an event has ${this.registrations.length} listeners: they are never removed`),
    );
  }
}
