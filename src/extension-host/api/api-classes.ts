import type {
  CancellationToken,
  CancellationTokenSource,
  Disposable,
  Event,
  EventEmitter,
  ExtensionApi,
} from '@bulkhead/extension-api';

type ApiClasses = Pick<ExtensionApi, 'CancellationTokenSource' | 'Disposable' | 'EventEmitter'>;

/**
 * The classes of one plugin's API.
 *
 * @param report Receives what listeners throw.
 */
export function createApiClasses(report: (error: unknown) => void): ApiClasses {
  class PluginDisposable implements Disposable {
    private release: (() => unknown) | undefined;

    constructor(release: () => unknown) {
      if (typeof release !== 'function') throw new TypeError('Disposable expects a function');
      this.release = release;
    }

    static from(...disposables: readonly Disposable[]): Disposable {
      return new PluginDisposable(() => disposeOf(disposables));
    }

    dispose(): unknown {
      const { release } = this;
      this.release = undefined;
      return release?.();
    }
  }

  class PluginEventEmitter<T> implements EventEmitter<T> {
    /** Replaced, never mutated: a running `fire` goes over those that it started with. */
    private listeners: readonly ((value: T) => unknown)[] = [];
    private disposed = false;

    readonly event: Event<T> = (listener, thisArgs, disposables) => {
      const heard = (value: T) => listener.call(thisArgs, value);
      if (!this.disposed) this.listeners = [...this.listeners, heard];
      const registration = new PluginDisposable(() => {
        this.listeners = this.listeners.filter((other) => other !== heard);
      });
      disposables?.push(registration);
      return registration;
    };

    fire(value: T): void {
      for (const listener of this.listeners) {
        // One before it may have removed it.
        if (this.listeners.includes(listener)) call(listener, value);
      }
    }

    dispose(): void {
      this.disposed = true;
      this.listeners = [];
    }
  }

  function call<T>(listener: (value: T) => unknown, value: T): void {
    try {
      const result = listener(value);
      if (result instanceof Promise) result.catch(report);
    } catch (error) {
      report(error);
    }
  }

  class PluginCancellationTokenSource implements CancellationTokenSource {
    private readonly emitter = new PluginEventEmitter<void>();
    private readonly parent: Disposable | undefined;
    private cancelled = false;
    readonly token: CancellationToken;

    constructor(parent?: CancellationToken) {
      const isCancelled = () => this.cancelled;
      this.token = Object.freeze<CancellationToken>({
        get isCancellationRequested() {
          return isCancelled();
        },
        onCancellationRequested: (...args) => this.listen(...args),
      });
      if (parent?.isCancellationRequested === true) this.cancelled = true;
      else this.parent = parent?.onCancellationRequested(() => this.cancel());
    }

    cancel(): void {
      if (this.cancelled) return;
      this.cancelled = true;
      this.emitter.fire();
      this.dispose();
    }

    dispose(): void {
      this.parent?.dispose();
      this.emitter.dispose();
    }

    /** Those who listen after the cancellation hear of it as well. */
    private listen(...[listener, thisArgs, disposables]: Parameters<Event<void>>): Disposable {
      if (!this.cancelled) return this.emitter.event(listener, thisArgs, disposables);
      let heard = () => call(() => listener.call(thisArgs), undefined);
      queueMicrotask(() => heard());
      const registration = new PluginDisposable(() => {
        heard = () => {};
      });
      disposables?.push(registration);
      return registration;
    }
  }

  return {
    CancellationTokenSource: Object.freeze(PluginCancellationTokenSource),
    Disposable: Object.freeze(PluginDisposable),
    EventEmitter: Object.freeze(PluginEventEmitter),
  };
}

/** Also of those behind one that throws; then throws its error. */
function disposeOf(disposables: readonly Disposable[]): void {
  const errors: unknown[] = [];
  for (const disposable of [...disposables].reverse()) {
    try {
      disposable.dispose();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, 'several could not be disposed of');
}
