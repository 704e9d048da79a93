import type { Disposable as ApiDisposable, Event as ApiEvent } from '@bulkhead/extension-api';
import type { Disposable } from 'vscode-jsonrpc';
import type { Event } from '../base/event.js';
import { type ApiProposal, requireProposal } from '../protocol/api-proposals.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import type { PluginDescription } from '../protocol/extension-host.js';
import { foldOwnFrames } from './own-frames.js';

/** Receives failures of a plugin that no caller waits for. */
export interface FaultSink {
  report(failure: BulkheadError): void;
}

/**
 * The owner of a plugin's registrations and listeners: they are disposed of with it, and their failures are
 * attributed to the plugin.
 */
export class PluginScope implements Disposable {
  /** With descriptions of those that the plugin has to dispose of. */
  private readonly held = new Map<Disposable, string | undefined>();
  private starting: Promise<unknown>[] | undefined = [];
  private disposed = false;

  constructor(
    readonly plugin: PluginDescription,
    private readonly faults: FaultSink,
  ) {}

  get id(): string {
    return this.plugin.id;
  }

  /**
   * The error for the core and the streamer: the plugin, what failed, and its own error as the cause. A denied
   * permission stays `permission.denied`: the streamer can grant it, and the plugin is not broken.
   */
  failure(what: string, error: unknown): BulkheadError {
    foldOwnFrames(error);
    const { code, message, remedy } = BulkheadError.from(error, ErrorCodes.pluginFailed);
    const kept = code === ErrorCodes.permissionDenied ? code : ErrorCodes.pluginFailed;
    return new BulkheadError(kept, `the plugin "${this.id}" failed: ${what}: ${message}`, {
      where: this.id,
      remedy,
      cause: error instanceof Error ? error : undefined,
    });
  }

  /**
   * Keeps a resource until it is disposed of individually or with the scope.
   *
   * @param what Description in the report of resources that the plugin did not dispose of; undefined if it need not.
   */
  hold(resource: Disposable, what?: string): Disposable {
    const entry = {
      dispose: () => {
        if (this.held.delete(entry)) resource.dispose();
      },
    };
    this.held.set(entry, what);
    if (this.disposed) entry.dispose();
    return entry;
  }

  /** Work that the plugin's activation waits for and fails with; after the activation its failure is reported. */
  track(what: string, work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (this.starting === undefined) this.report(what, error);
    });
    this.starting?.push(work);
  }

  /** What the plugin has registered and not disposed of. */
  left(): string[] {
    return [...this.held.values()].filter((what) => what !== undefined);
  }

  /** Ends the activation: resolves once all work tracked so far has completed. */
  async started(): Promise<void> {
    const work = this.starting ?? [];
    try {
      await Promise.all(work);
    } finally {
      this.starting = undefined;
    }
  }

  /** Calls into the plugin without a caller that waits for the result. */
  call(what: string, callback: () => unknown): void {
    try {
      const result = callback();
      if (result instanceof Promise) result.catch((error: unknown) => this.report(what, error));
    } catch (error) {
      this.report(what, error);
    }
  }

  /** Reports a failure that no caller waits for to the core. */
  report(what: string, error: unknown): void {
    this.reportFailure(this.failure(what, error));
  }

  /** Reports one that {@link failure} has made. */
  reportFailure(failure: BulkheadError): void {
    this.faults.report(failure);
  }

  /** An event for plugins: errors of listeners are reported, and the listeners are removed with the plugin. */
  event<T>(name: string, event: Event<T>): ApiEvent<T> {
    return (listener, thisArgs, disposables?: ApiDisposable[]) => {
      this.checkActive();
      const what = `a listener of ${name}`;
      const heard = event((value) => this.call(what, () => listener.call(thisArgs, value)));
      const registration = this.hold(heard, what);
      disposables?.push(registration);
      return registration;
    };
  }

  /** @throws `permission.denied`, with instructions, if the plugin may not use this proposed API. */
  checkProposal(proposal: ApiProposal): void {
    requireProposal(this.plugin, proposal);
  }

  /** @throws if code of a plugin runs after its end. */
  checkActive(): void {
    if (this.disposed) throw this.failure('a call into the API', 'the plugin is no longer active');
  }

  dispose(): void {
    this.disposed = true;
    this.starting = undefined;
    for (const entry of [...this.held.keys()].reverse()) entry.dispose();
  }
}
