import type { BroadcastState } from '@bulkhead/extension-api';

/** What happened to the broadcast, for somebody who does not watch it. */
export type Chapter = 'start' | 'break' | 'recover' | 'end';

export interface StoryOptions {
  /** Whether the start of the present broadcast has been told before. */
  readonly begun: boolean;
  /** A break that is over sooner is not told, ms. */
  readonly settleMs: number;
  readonly tell: (chapter: Chapter) => void;
}

/** Makes of a broadcast's states what is worth telling: each break once, and not the short ones. */
export class Story {
  private onAir: boolean;
  private broken: 'no' | 'perhaps' | 'told' = 'no';
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: StoryOptions) {
    this.onAir = options.begun;
  }

  follow(state: BroadcastState): void {
    if (state === 'live') this.live();
    else if (state === 'reconnecting') this.reconnecting();
    else if (state === 'idle') this.idle();
  }

  private live(): void {
    clearTimeout(this.timer);
    if (!this.onAir) this.options.tell('start');
    else if (this.broken === 'told') this.options.tell('recover');
    this.onAir = true;
    this.broken = 'no';
  }

  private reconnecting(): void {
    if (!this.onAir || this.broken !== 'no') return;
    this.broken = 'perhaps';
    this.timer = setTimeout(() => {
      this.broken = 'told';
      this.options.tell('break');
    }, this.options.settleMs);
  }

  private idle(): void {
    clearTimeout(this.timer);
    if (this.onAir) this.options.tell('end');
    this.onAir = false;
    this.broken = 'no';
  }

  dispose(): void {
    clearTimeout(this.timer);
  }
}
