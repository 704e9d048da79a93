import { RateLimiter } from '../../base/rate-limiter.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';

/** Changes are checked against all scenes, and written to the disk. */
const CHANGES = { burst: 100, perSecond: 30 };
/** Other calls ask the encoder each time, or are answered with all that there is. */
const OTHERS = { burst: 20, perSecond: 10 };

/** Each costs as little as its message. Hosts themselves send less. */
const FRAMES = { burst: 1000, perSecond: 1000 };

/** How often one host may call what costs more than its own message. */
export class CallRates {
  private readonly changes = new RateLimiter(CHANGES);
  private readonly others = new RateLimiter(OTHERS);
  private readonly frames = new RateLimiter(FRAMES);

  /** @throws `rpc.busy` */
  change(plugin: string): void {
    if (!this.changes.take()) throw busy(plugin, CHANGES);
  }

  /** @throws `rpc.busy` */
  other(plugin: string): void {
    if (!this.others.take()) throw busy(plugin, OTHERS);
  }

  /** @throws `rpc.busy` */
  frame(plugin: string): void {
    if (!this.frames.take()) throw busy(plugin, FRAMES);
  }
}

function busy(plugin: string, { perSecond }: typeof CHANGES): BulkheadError {
  const message = `the plugin "${plugin}" makes more than ${perSecond} calls of this kind a second`;
  return new BulkheadError(ErrorCodes.rpcBusy, message, { where: plugin, remedy: 'Call less often.' });
}
