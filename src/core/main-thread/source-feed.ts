import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { DisposableStore } from '../../base/disposable-store.js';
import { Emitter, type Event } from '../../base/event.js';
import type { SourceState } from '../../protocol/encoder.js';
import type { SourceStateChanged } from '../../protocol/plugin-sources.js';
import { BroadcastView } from '../broadcast/broadcast-view.js';
import { LiveCollection } from '../broadcast/collection/live-collection.js';

/** What plugins may see of a source's status. */
export interface KnownState {
  readonly state: SourceState;
  readonly error?: string;
}

/** The states of the scenes' sources, as the encoder reports them. */
@injectable()
export class SourceFeed implements Disposable {
  private readonly watching: DisposableStore;
  private last: ReadonlyMap<string, KnownState> = new Map();
  private readonly emitter = new Emitter<readonly SourceStateChanged[]>();
  readonly onDidChangeStates: Event<readonly SourceStateChanged[]> = this.emitter.event;

  constructor(
    @inject(BroadcastView) private readonly broadcast: Pick<BroadcastView, 'status' | 'onDidReportSources'>,
    @inject(LiveCollection)
    private readonly collection: Pick<LiveCollection, 'current' | 'status' | 'onDidChange'>,
  ) {
    this.watching = new DisposableStore([
      broadcast.onDidReportSources(() => this.look()),
      collection.onDidChange(() => {
        // The next broadcast begins anew.
        if (collection.status === undefined) this.last = new Map();
      }),
    ]);
  }

  /** By id; empty without a broadcast. */
  states(): ReadonlyMap<string, KnownState> {
    const { collection } = this;
    if (collection.status === undefined) return new Map();
    const reported = new Map(this.broadcast.status().sources.map((source) => [source.id, source]));
    return new Map(
      collection.current.sources.map(({ id }) => {
        // Only those that are open are reported.
        const { state = 'cold', error } = reported.get(id) ?? {};
        return [id, { state, ...(error === undefined ? {} : { error: error.message }) }];
      }),
    );
  }

  private look(): void {
    const now = this.states();
    const changes = [...now].flatMap(([id, { state: to, error }]) => {
      const { state: from } = this.last.get(id) ?? { state: 'cold' };
      return from === to ? [] : [{ id, from, to, ...(error === undefined ? {} : { error }) }];
    });
    this.last = now;
    if (changes.length > 0) this.emitter.fire(changes);
  }

  dispose(): void {
    this.watching.dispose();
    this.emitter.dispose();
  }
}
