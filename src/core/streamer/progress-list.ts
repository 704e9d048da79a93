import { injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import type { PluginProgress } from '../../protocol/control.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';

/** One progress as whoever makes it has it; disposing ends it. */
export interface ProgressEntry extends Disposable {
  /** What is not given stays as it was. */
  report(change: Partial<Pick<PluginProgress, 'message' | 'percentage'>>): void;
}

interface Running {
  progress: PluginProgress;
  readonly cancel: () => void;
}

/** What plugins do that takes its time, for the streamer to see, and to stop. */
@injectable()
export class ProgressList {
  private readonly running = new Map<number, Running>();
  private lastId = 0;

  /** Oldest first. */
  list(): PluginProgress[] {
    return [...this.running.values()].map(({ progress }) => progress);
  }

  /** @param cancel Asks whoever makes it to stop; it goes on until that ends it. */
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

  /** @throws `progress.notFound`; `config.invalid` for one that cannot be cancelled. */
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
