import { injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { PluginProgress } from '../../protocol/status/extension-host-status.js';

/** A running task, as returned to its creator; disposing ends it. */
export interface ProgressEntry extends Disposable {
  /** Properties that are not given keep their values. */
  report(change: Partial<Pick<PluginProgress, 'message' | 'percentage'>>): void;
}

interface Running {
  progress: PluginProgress;
  readonly cancel: () => void;
}

/** Plugins' long-running tasks, which the streamer can see and cancel. */
@injectable()
export class ProgressList {
  private readonly running = new Map<number, Running>();
  private lastId = 0;

  /** Oldest first. */
  list(): PluginProgress[] {
    return [...this.running.values()].map(({ progress }) => progress);
  }

  /** @param cancel Asks the creator to stop; the task continues until the creator ends it. */
  begin(begun: Omit<PluginProgress, 'id' | 'atMs'>, cancel: () => void): ProgressEntry {
    this.lastId += 1;
    const id = this.lastId;
    const running: Running = { progress: { id, ...begun, atMs: Date.now() }, cancel };
    this.running.set(id, running);
    return {
      report: (change) => {
        running.progress = { ...running.progress, ...change };
      },
      dispose: () => void this.running.delete(id),
    };
  }

  /** @throws `progress.notFound`; `config.invalid` if it cannot be cancelled. */
  cancel(id: number): void {
    const running = this.running.get(id);
    if (running === undefined) {
      throw new BulkheadError(ErrorCodes.progressNotFound, `there is no progress ${id}`, {
        remedy: 'See "bulkhead status".',
      });
    }
    const { cancellable, plugin, title } = running.progress;
    if (!cancellable) {
      throw new BulkheadError(ErrorCodes.configInvalid, `"${title}" cannot be cancelled`, { where: plugin });
    }
    running.cancel();
  }
}
