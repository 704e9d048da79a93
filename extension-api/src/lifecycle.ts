import { currentApi } from './runtime.js';

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
  /** Whether the result is no longer needed. */
  readonly isCancellationRequested: boolean;
  /** Fires once. */
  readonly onCancellationRequested: Event<void>;
}

/** The value `Disposable`: makes objects of the type {@link Disposable}. */
export interface DisposableConstructor {
  /** @param release Called once, at the first `dispose`. */
  new (release: () => unknown): Disposable;
  /**
   * One object for several: disposing of it disposes of each of them, the last one first, even if one throws.
   *
   * @example
   * ```ts
   * context.subscriptions.push(Disposable.from(status, timer, server));
   * ```
   */
  from(...disposables: readonly { dispose(): unknown }[]): Disposable;
}

/** The sending end of an {@link Event}, for events of the plugin's own. */
export interface EventEmitter<T> extends Disposable {
  /** For those who listen. */
  readonly event: Event<T>;
  /** Calls the listeners, in the order in which they were added. Errors that they throw are reported, as with every {@link Event}. */
  fire(value: T): void;
  /** Removes all listeners permanently. */
  dispose(): void;
}

/** The value `EventEmitter`: makes objects of the type {@link EventEmitter}. */
export interface EventEmitterConstructor {
  /**
   * @example
   * ```ts
   * const emitter = new EventEmitter<string>();
   * context.subscriptions.push(emitter);
   * emitter.event((word) => context.log.info('heard %s', word));
   * emitter.fire('hello');
   * ```
   */
  new <T>(): EventEmitter<T>;
}

/** Makes a {@link CancellationToken}, and cancels it. */
export interface CancellationTokenSource extends Disposable {
  /** For those who do the work. */
  readonly token: CancellationToken;
  /** Tells those who have the token that the result is no longer needed. Calling it again does nothing. */
  cancel(): void;
  /** Removes the listeners of the token. It does not cancel. */
  dispose(): void;
}

/** The value `CancellationTokenSource`: makes objects of the type {@link CancellationTokenSource}. */
export interface CancellationTokenSourceConstructor {
  /**
   * @example
   * ```ts
   * const source = new CancellationTokenSource();
   * const timer = setTimeout(() => source.cancel(), 5000);
   * const found = await search('word', source.token).finally(() => clearTimeout(timer));
   * ```
   *
   * @param parent Cancelling it cancels this one's token, too.
   */
  new (parent?: CancellationToken): CancellationTokenSource;
}

const api = currentApi();

/** Makes tokens that say that a result is no longer needed. */
export const CancellationTokenSource: CancellationTokenSourceConstructor = api.CancellationTokenSource;
/** Makes objects that hold a resource until they are disposed of. */
export const Disposable: DisposableConstructor = api.Disposable;
/** Makes events of the plugin's own. */
export const EventEmitter: EventEmitterConstructor = api.EventEmitter;
