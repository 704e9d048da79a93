/** Something that holds a resource until it is disposed of: a registration, a listener, a channel, a timer. */
export interface Disposable {
  /** Lets the resource go. Calling it again does nothing. */
  dispose(): unknown;
}

/**
 * Something one can listen to. Call it with a listener; dispose of what it returns to stop listening.
 *
 * @example
 * ```ts
 * broadcast.onDidChangeState((state) => console.log(state), undefined, context.subscriptions);
 * ```
 *
 * @param listener Called with each event. What it throws is reported with the plugin's name and its stack; other
 * listeners still get the event.
 * @param thisArgs `this` inside the listener.
 * @param disposables A list, usually `context.subscriptions`, that the returned disposable is added to.
 */
export type Event<T> = (
  listener: (event: T) => unknown,
  thisArgs?: unknown,
  disposables?: Disposable[],
) => Disposable;

/** Says that nobody waits for the answer any more. */
export interface CancellationToken {
  readonly isCancellationRequested: boolean;
  /** Fires once. */
  readonly onCancellationRequested: Event<void>;
}
