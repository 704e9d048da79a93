import type { Disposable } from 'vscode-jsonrpc';

export interface ProcessFault {
  readonly kind: 'uncaught exception' | 'unhandled rejection' | 'process.exit';
  /** The thrown value; for `process.exit` an error with the caller's stack. */
  readonly error: unknown;
  /** Of an unhandled rejection: tells it from another one with the same error. */
  readonly promise?: Promise<unknown>;
}

/** Handles a fault and returns true, or returns false. */
export type FaultClaim = (fault: ProcessFault) => boolean;

/** Handles an error that would otherwise end the process. Must not throw. */
export type LastResort = (fault: ProcessFault) => void;

/**
 * Offers faults that would end the whole process to the hosts in it: in `hybrid` mode a plugin's uncaught error should end
 * its host and not the core. A fault that no host claims goes to the process' last resort, or, if there is none, to Node's
 * default handling.
 */
class ProcessFaults {
  private readonly claims = new Set<FaultClaim>();
  private lastResort: LastResort | undefined;
  /** Errors that have been claimed and are seen again because a plugin did not catch them; promises, since there may be several listeners. */
  private readonly known = new WeakSet<object>();
  private readonly exit = process.exit;
  private installed = false;

  watch(claim: FaultClaim): Disposable {
    this.claims.add(claim);
    this.update();
    return {
      dispose: () => {
        this.claims.delete(claim);
        this.update();
      },
    };
  }

  /**
   * From now on uncaught exceptions and unhandled rejections that no host claims go to `handle` and do not end the process.
   */
  surviveWith(handle: LastResort): Disposable {
    this.lastResort = handle;
    this.update();
    return {
      dispose: () => {
        this.lastResort = undefined;
        this.update();
      },
    };
  }

  private update(): void {
    const wanted = this.claims.size > 0 || this.lastResort !== undefined;
    if (wanted && !this.installed) this.install();
    else if (!wanted && this.installed) this.uninstall();
    this.installed = wanted;
  }

  private install(): void {
    process.on('uncaughtException', this.onUncaughtException);
    process.on('unhandledRejection', this.onUnhandledRejection);
    process.exit = (code) => {
      const error = new Error(`process.exit(${code ?? ''}) was called`);
      // Thrown, since the caller does not expect this to return.
      if (this.offer({ kind: 'process.exit', error })) throw error;
      return this.exit.call(process, code);
    };
  }

  private uninstall(): void {
    process.off('uncaughtException', this.onUncaughtException);
    process.off('unhandledRejection', this.onUnhandledRejection);
    process.exit = this.exit;
  }

  private readonly onUncaughtException = (error: unknown): void =>
    this.take({ kind: 'uncaught exception', error }, 'uncaughtException');

  private readonly onUnhandledRejection = (error: unknown, promise: Promise<unknown>): void =>
    this.take({ kind: 'unhandled rejection', error, promise }, 'unhandledRejection');

  private take(fault: ProcessFault, event: 'uncaughtException' | 'unhandledRejection'): void {
    if (this.offer(fault)) return;
    if (this.lastResort !== undefined) this.lastResort(fault);
    // The listener disables Node's default of ending the process, which no other listener has asked for.
    else if (process.listenerCount(event) === 1) throw fault.error;
  }

  /** Whether a host claims the fault. */
  offer(fault: ProcessFault): boolean {
    const { error, promise } = fault;
    if ([error, promise].some((one) => isObject(one) && this.known.has(one))) return true;
    for (const claim of this.claims) {
      if (!claim(fault)) continue;
      const seen = promise ?? error;
      if (isObject(seen)) this.known.add(seen);
      return true;
    }
    return false;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** One per process, since it replaces `process.exit`. */
export const processFaults = new ProcessFaults();
