import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import type { ScenesOnAir } from '../../protocol/plugin-scenes.js';
import { LiveCollection } from '../broadcast/collection/live-collection.js';

const INTERVAL_MS = 100;

/** Changes of the scenes as plugins hear of them: at once when another one is on air, combined otherwise. */
@injectable()
export class SceneFeed implements Disposable {
  private readonly watching: Disposable;
  private timer: NodeJS.Timeout | undefined;
  private last: ScenesOnAir;
  private readonly emitter = new Emitter<ScenesOnAir>();
  readonly onDidChange: Event<ScenesOnAir> = this.emitter.event;

  constructor(
    @inject(LiveCollection) private readonly collection: Pick<LiveCollection, 'status' | 'onDidChange'>,
  ) {
    this.last = this.now();
    this.watching = collection.onDidChange(() => this.changed());
  }

  now(): ScenesOnAir {
    const { programme, preview } = this.collection.status ?? {};
    return { onAir: programme, previewed: preview };
  }

  private changed(): void {
    if (this.now().onAir !== this.last.onAir) this.tell();
    else this.timer ??= setTimeout(() => this.tell(), INTERVAL_MS);
  }

  private tell(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.last = this.now();
    this.emitter.fire(this.last);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.watching.dispose();
    this.emitter.dispose();
  }
}
