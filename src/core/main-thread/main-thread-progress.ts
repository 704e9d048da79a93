import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { RateLimiter } from '../../base/rate-limiter.js';
import * as z from '../../base/zod.js';
import { CancelProgressNotification, PluginProgressNotification } from '../../protocol/plugin-progress.js';
import { type ProgressEntry, ProgressList } from '../streamer/progress-list.js';
import { FromPluginSchema, type HostChannel } from './host-channel.js';
import type { MainThreadNamespace, ServedHost } from './main-thread-namespace.js';
import { oneLine, oneLineOfText } from './plugin-text.js';

/** Maximum number of tasks that one host shows at once; further ones are ignored. */
const MAX_RUNNING = 10;
const MAX_TEXT = 200;

const shared = {
  message: oneLine(MAX_TEXT).optional(),
  percentage: z
    .number()
    .transform((value) => Math.min(100, Math.max(0, value)))
    .optional(),
};
const Progress = FromPluginSchema.extend({
  token: z.string().max(100),
  value: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('begin'),
      title: oneLineOfText(MAX_TEXT),
      cancellable: z.boolean().default(false),
      ...shared,
    }),
    z.object({ kind: z.literal('report'), ...shared }),
    z.object({ kind: z.literal('end') }),
  ]),
});

/** Shows the progress of plugins' tasks. Its pair in the host is `ExtHostProgress`. */
@injectable()
export class MainThreadProgress implements MainThreadNamespace {
  constructor(@inject(ProgressList) private readonly list: ProgressList) {}

  serve({ channel }: ServedHost): Disposable {
    return new HostProgress(channel, this.list);
  }
}

/** The progress of one host's plugins. */
class HostProgress implements Disposable {
  private readonly running = new Map<string, ProgressEntry>();
  /** A host that keeps to its own limit never reaches this one. */
  private readonly limiter = new RateLimiter({ burst: 500, perSecond: 200 });
  private readonly handler: Disposable;

  constructor(
    private readonly channel: HostChannel,
    private readonly list: ProgressList,
  ) {
    this.handler = channel.receive(
      PluginProgressNotification.type,
      Progress,
      (progress) => this.take(progress),
      () => this.limiter.take(),
    );
  }

  private take({ plugin, token, value }: z.infer<typeof Progress>): void {
    // Unique per plugin, so that plugins of one host cannot access each other's progress.
    const key = JSON.stringify([plugin, token]);
    const { kind } = value;
    if (kind === 'begin') {
      if (this.running.has(key) || this.running.size >= MAX_RUNNING) return;
      const { kind: _, ...begun } = value;
      const cancel = () => this.channel.sendNotification(CancelProgressNotification.type, { token });
      this.running.set(key, this.list.begin({ plugin, ...begun }, cancel));
    } else if (kind === 'report') {
      const { kind: _, ...change } = value;
      this.running.get(key)?.report(change);
    } else {
      this.running.get(key)?.dispose();
      this.running.delete(key);
    }
  }

  dispose(): void {
    this.handler.dispose();
    for (const entry of this.running.values()) entry.dispose();
    this.running.clear();
  }
}
