import { isDeepStrictEqual } from 'node:util';
import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import type { NamedSource } from '../../config/schema.js';
import type { SourceListChange } from '../../protocol/plugin-sources.js';
import { LiveCollection } from '../broadcast/collection/live-collection.js';

const INTERVAL_MS = 100;

/** Which sources there are, as plugins hear of it: changes that follow each other fast are combined. */
@injectable()
export class SourceListFeed implements Disposable {
  private readonly watching: Disposable;
  private timer: NodeJS.Timeout | undefined;
  private last: ReadonlyMap<string, NamedSource>;
  private readonly emitter = new Emitter<SourceListChange>();
  readonly onDidChange: Event<SourceListChange> = this.emitter.event;

  constructor(
    @inject(LiveCollection)
    private readonly collection: Pick<LiveCollection, 'current' | 'status' | 'onDidChange'>,
  ) {
    this.last = this.now();
    this.watching = collection.onDidChange(() => {
      this.timer ??= setTimeout(() => this.look(), INTERVAL_MS);
    });
  }

  private now(): ReadonlyMap<string, NamedSource> {
    const { collection } = this;
    const sources = collection.status === undefined ? [] : collection.current.sources;
    return new Map(sources.map((source) => [source.id, source]));
  }

  private look(): void {
    this.timer = undefined;
    const { last } = this;
    const now = this.now();
    this.last = now;
    const change = {
      added: [...now.keys()].filter((id) => !last.has(id)),
      removed: [...last.keys()].filter((id) => !now.has(id)),
      changed: [...now].flatMap(([id, source]) => {
        const before = last.get(id);
        return before === undefined || isDeepStrictEqual(before, source) ? [] : [id];
      }),
    };
    if (Object.values(change).some((ids) => ids.length > 0)) this.emitter.fire(change);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.watching.dispose();
    this.emitter.dispose();
  }
}
