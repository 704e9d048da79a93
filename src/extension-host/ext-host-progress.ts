import type { Progress, ProgressOptions } from '@bulkhead/extension-api';
import { type CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';
import { CancelProgressNotification, PluginProgressNotification } from '../protocol/plugin-progress.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import type { PluginScope } from './plugin-scope.js';

/** Reports within this interval are combined, ms. */
const INTERVAL_MS = 100;

type Report = Parameters<Progress['report']>[0];

/** The `window.withProgress` of this host's plugins. Its pair in the core is `MainThreadProgress`. */
export class ExtHostProgress {
  private readonly running = new Map<string, CancellationTokenSource>();
  private lastToken = 0;

  constructor(private readonly connection: RpcConnection) {
    connection.onNotification(CancelProgressNotification.type, ({ token }) =>
      this.running.get(String(token))?.cancel(),
    );
  }

  async withProgress<R>(
    scope: PluginScope,
    { title, cancellable = false }: ProgressOptions,
    task: (progress: Progress, token: CancellationToken) => R | PromiseLike<R>,
  ): Promise<R> {
    scope.checkActive();
    const { connection, running } = this;
    const plugin = scope.id;
    this.lastToken += 1;
    const token = String(this.lastToken);
    const source = new CancellationTokenSource();
    const reporter = new ProgressReporter((value) =>
      connection.sendNotification(PluginProgressNotification.type, {
        plugin,
        token,
        value: { kind: 'report', ...value },
      }),
    );
    let done = false;
    running.set(token, source);
    connection.sendNotification(PluginProgressNotification.type, {
      plugin,
      token,
      value: { kind: 'begin', title: String(title), cancellable },
    });
    const held = scope.hold({
      dispose: () => {
        reporter.dispose();
        running.delete(token);
        connection.sendNotification(PluginProgressNotification.type, {
          plugin,
          token,
          value: { kind: 'end' },
        });
        // The plugin ended while the task was running.
        if (!done) source.cancel();
      },
    });
    try {
      return await task(Object.freeze({ report: (value: Report) => reporter.report(value) }), source.token);
    } finally {
      done = true;
      held.dispose();
    }
  }
}

interface ReportedState {
  message?: string;
  percentage?: number;
}

/** Combines a plugin's reports, and sends them at a rate that people can read. */
class ProgressReporter {
  private readonly state: ReportedState = {};
  private timer: NodeJS.Timeout | undefined;
  private sentAtMs = Number.NEGATIVE_INFINITY;
  private disposed = false;

  constructor(private readonly send: (state: Readonly<ReportedState>) => void) {}

  report({ message, increment }: Report): void {
    if (this.disposed) return;
    if (message !== undefined) this.state.message = String(message);
    if (increment !== undefined) {
      this.state.percentage = Math.min(100, Math.max(0, (this.state.percentage ?? 0) + Number(increment)));
    }
    const waitMs = this.sentAtMs + INTERVAL_MS - performance.now();
    if (waitMs <= 0) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), waitMs);
  }

  private flush(): void {
    this.timer = undefined;
    this.sentAtMs = performance.now();
    this.send(this.state);
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
  }
}
