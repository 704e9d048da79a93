import { RateLimiter } from '../../base/rate-limiter.js';
import { DeliverEventRequest, type FireEventParams } from '../../protocol/plugin-events.js';
import type { Log } from '../log/log.js';
import type { HostChannel } from './host-channel.js';

/** Most events that wait for one host: further ones are dropped. */
const MAX_WAITING = 100;
/** Events that a host is sent before it has handled the first of them: its answers to heartbeats come after them. */
const AT_ONCE = 4;
/** How long one of them is waited for, ms; a host that hangs is ended before. */
const DELIVERY_MS = 60_000;
/** How often the first of those that are dropped is logged. */
const LOGGED = { burst: 1, perSecond: 0.2 };

/** The events on their way to one host: bounded, and a slow listener delays nothing else. */
export class EventQueue {
  private readonly waiting: FireEventParams[] = [];
  private readonly lines = new RateLimiter(LOGGED);
  private sent = 0;
  private unlogged = 0;

  constructor(
    private readonly channel: Pick<HostChannel, 'sendRequest'>,
    private readonly log: Pick<Log, 'warn'>,
  ) {}

  /** Never throws. */
  add(params: FireEventParams): void {
    if (this.waiting.length >= MAX_WAITING) this.drop(params);
    else this.waiting.push(params);
    this.send();
  }

  /** Nothing more is sent. */
  clear(): void {
    this.waiting.length = 0;
  }

  private send(): void {
    while (this.sent < AT_ONCE) {
      const next = this.waiting.shift();
      if (next === undefined) return;
      this.sent += 1;
      const handled = () => {
        this.sent -= 1;
        this.send();
        if (this.sent === 0) this.reportDropped(next);
      };
      this.channel
        .sendRequest(DeliverEventRequest.type, next, { deadlineMs: DELIVERY_MS })
        .then(handled, handled);
    }
  }

  private drop({ plugin, event }: FireEventParams): void {
    if (!this.lines.take()) {
      this.unlogged += 1;
      return;
    }
    const message = `the plugin "${plugin}" is slow to take events: ${MAX_WAITING} wait, and those that follow are dropped`;
    this.log.warn(message, { plugin, event });
  }

  private reportDropped({ plugin }: FireEventParams): void {
    const { unlogged } = this;
    if (unlogged === 0) return;
    this.unlogged = 0;
    const message = `${unlogged} more events were dropped, which the plugin "${plugin}" was too slow to take`;
    this.log.warn(message, { plugin });
  }
}
