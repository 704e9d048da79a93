import type { Disposable } from 'vscode-jsonrpc';

export interface ProcessFault {
  readonly kind: 'uncaught exception' | 'unhandled rejection' | 'process.exit';
  /** What was thrown; for `process.exit` an error with the caller's stack. */
  readonly error: unknown;
}

/** Takes a fault upon itself, or answers false. */
export type FaultClaim = (fault: ProcessFault) => boolean;

/**
 * What would end the whole process, offered to the hosts that live in it: in `hybrid` mode a plugin's uncaught error
 * should end its host and not the core. What no host claims goes its usual way.
 */
class ProcessFaults {
  private readonly claims = new Set<FaultClaim>();
  /** An error that was claimed once, and comes again since a plugin did not catch it. */
  private readonly known = new WeakSet<object>();
  private readonly exit = process.exit;

  watch(claim: FaultClaim): Disposable {
    if (this.claims.size === 0) this.install();
    this.claims.add(claim);
    return {
      dispose: () => {
        if (this.claims.delete(claim) && this.claims.size === 0) this.uninstall();
      },
    };
  }

  private install(): void {
    process.on('uncaughtException', this.onUncaughtException);
    process.on('unhandledRejection', this.onUnhandledRejection);
    process.exit = (code) => {
      const error = new Error(`process.exit(${code ?? ''}) was called`);
      // Thrown, since whoever calls it does not expect it to return.
      if (this.offer({ kind: 'process.exit', error })) throw error;
      return this.exit.call(process, code);
    };
  }

  private uninstall(): void {
    process.off('uncaughtException', this.onUncaughtException);
    process.off('unhandledRejection', this.onUnhandledRejection);
    process.exit = this.exit;
  }

  private readonly onUncaughtException = (error: unknown): void => {
    const claimed = this.offer({ kind: 'uncaught exception', error });
    // Listening keeps Node from ending the process, which nobody else has asked for.
    if (!claimed && process.listenerCount('uncaughtException') === 1) throw error;
  };

  private readonly onUnhandledRejection = (error: unknown): void => {
    const claimed = this.offer({ kind: 'unhandled rejection', error });
    if (!claimed && process.listenerCount('unhandledRejection') === 1) throw error;
  };

  /** Whether a host takes the fault upon itself. */
  offer(fault: ProcessFault): boolean {
    const error = typeof fault.error === 'object' && fault.error !== null ? fault.error : undefined;
    if (error !== undefined && this.known.has(error)) return true;
    for (const claim of this.claims) {
      if (!claim(fault)) continue;
      if (error !== undefined) this.known.add(error);
      return true;
    }
    return false;
  }
}

/** One in a process, since it takes the place of `process.exit`. */
export const processFaults = new ProcessFaults();
