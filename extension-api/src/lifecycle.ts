/** Something that holds a resource until it is disposed of: a registration, a listener, a channel, a timer. */
export interface Disposable {
  /** Releases the resource. Calling it again does nothing. */
  dispose(): unknown;
}

/**
 * An event. Call it with a listener; dispose of the returned object to stop listening.
 *
 * @example
 * ```ts
 * broadcast.onDidChangeState((state) => console.log(state), undefined, context.subscriptions);
 * ```
 *
 * @param listener Called with each event. Errors that it throws are reported with the
 * plugin's name and a stack; other listeners still get the event.
 * @param thisArgs `this` in the listener.
 * @param disposables A list, usually `context.subscriptions`, that the returned disposable is added to.
 */
export type Event<T> = (
  listener: (event: T) => unknown,
  thisArgs?: unknown,
  disposables?: Disposable[],
) => Disposable;

/** Says that the result is no longer needed. */
export interface CancellationToken {
  readonly isCancellationRequested: boolean;
  /** Fires once. */
  readonly onCancellationRequested: Event<void>;
}
