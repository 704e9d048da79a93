import type { BroadcastState } from '@bulkhead/extension-api';

/** An event of the broadcast, for those who are not watching. */
export type BroadcastEvent = 'start' | 'break' | 'recover' | 'end';

export interface BroadcastEventsOptions {
  /** Whether the start of the current broadcast has already been announced. */
  readonly begun: boolean;
  /** A break that ends sooner is not announced, ms. */
  readonly settleMs: number;
  readonly announce: (event: BroadcastEvent) => void;
}

/**
 * Selects the changes of a broadcast's state to announce: each break once, and not the short ones.
 */
export class BroadcastEvents {
  private onAir: boolean;
  private broken: 'no' | 'perhaps' | 'announced' = 'no';
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: BroadcastEventsOptions) {
    this.onAir = options.begun;
  }

  follow(state: BroadcastState): void {
    if (state === 'live') this.live();
    else if (state === 'reconnecting') this.reconnecting();
    else if (state === 'idle') this.idle();
  }

  private live(): void {
    clearTimeout(this.timer);
    if (!this.onAir) this.options.announce('start');
    else if (this.broken === 'announced') this.options.announce('recover');
    this.onAir = true;
    this.broken = 'no';
  }

  private reconnecting(): void {
    if (!this.onAir || this.broken !== 'no') return;
    this.broken = 'perhaps';
    this.timer = setTimeout(() => {
      this.broken = 'announced';
      this.options.announce('break');
    }, this.options.settleMs);
  }

  private idle(): void {
    clearTimeout(this.timer);
    if (this.onAir) this.options.announce('end');
    this.onAir = false;
    this.broken = 'no';
  }

  dispose(): void {
    clearTimeout(this.timer);
  }
}
