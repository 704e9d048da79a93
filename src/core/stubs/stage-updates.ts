/** Those who wait for an update that has not been sent. */
interface Waiting {
  readonly promise: Promise<void>;
  readonly resolve: (sent: Promise<void>) => void;
}

/**
 * Combines updates of the stage, each of which has all that changed before it: one is sent at a time, and no more than one for each frame,
 * however often they are asked for.
 */
export class StageUpdates {
  private waiting: Waiting | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isSending = false;
  private sentAtMs = Number.NEGATIVE_INFINITY;

  /**
   * @param send Sends the stage as it is when it is called.
   * @param frameMs Duration of a frame, ms.
   */
  constructor(
    private readonly send: () => Promise<void>,
    private readonly frameMs: () => number,
  ) {}

  /** Resolves when an update has arrived that was sent after this call; rejects if it fails. */
  request(): Promise<void> {
    if (this.waiting !== undefined) return this.waiting.promise;
    let resolve: Waiting['resolve'] = () => {};
    const promise = new Promise<void>((settle) => {
      resolve = settle;
    });
    this.waiting = { promise, resolve };
    this.schedule();
    return promise;
  }

  private schedule(): void {
    if (this.isSending || this.timer !== undefined) return;
    const waitMs = this.sentAtMs + this.frameMs() - performance.now();
    if (waitMs <= 0) this.sendNow();
    else this.timer = setTimeout(() => this.sendNow(), Math.ceil(waitMs));
  }

  private sendNow(): void {
    this.timer = undefined;
    const { waiting } = this;
    if (waiting === undefined) return;
    this.waiting = undefined;
    this.isSending = true;
    this.sentAtMs = performance.now();
    const sent = this.send().finally(() => {
      this.isSending = false;
      if (this.waiting !== undefined) this.schedule();
    });
    waiting.resolve(sent);
  }

  /** Sends at once what is waited for. */
  flush(): void {
    clearTimeout(this.timer);
    this.sendNow();
  }
}
