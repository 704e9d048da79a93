import type { CancellationToken } from 'vscode-jsonrpc';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { HeartbeatRequest } from '../../protocol/lifecycle.js';
import type { CallOptions } from '../../rpc/rpc-connection.js';

/** Calls that a host is sent before it has handled the first of them. */
const AT_ONCE = 8;
/** Unanswered calls to one host, those that wait here among them: of one plugin, and of all. */
const MAX_OF_CALLER = 128;
const MAX_OF_ALL = 256;
/** How long the answer to a probe is waited for, ms; a host that hangs is ended before. */
const PROBE_MS = 60_000;

/** The host that is called. */
interface CalledHost {
  readonly name: string;
  sendRequest(type: typeof HeartbeatRequest.type, params: object, options: CallOptions): Promise<unknown>;
}

interface QueuedCall {
  readonly send: () => void;
}

/**
 * Calls of plugins on their way to another plugin's host. A host handles its messages in order, so its answer to a heartbeat
 * comes after all calls that were sent before: without a bound, a plugin that calls another one faster than that one works
 * has it ended as if it hung.
 *
 * What is bounded is what the host has not handled yet, not what it has not answered: a function that waits for the network,
 * the streamer, or the plugin that has called it delays no other call. A call counts as handled once it is answered, or once
 * a probe is that was sent after it. Functions that wait first and work later escape this; for them there is a bound of all.
 */
export class CallQueue {
  private readonly waiting = new Set<QueuedCall>();
  /** Sent, and perhaps not handled yet. */
  private readonly sent = new Set<QueuedCall>();
  private readonly unanswered = new Map<string, number>();
  private unansweredOfAll = 0;
  private isProbing = false;

  constructor(private readonly host: CalledHost) {}

  /**
   * Calls `send` when it is the call's turn.
   *
   * @param caller the plugin that calls
   * @throws what `send` throws; `rpc.busy` if too many calls are unanswered; `rpc.cancelled` if it is cancelled while it waits
   */
  async run<R>(caller: string, send: () => Promise<R>, token: CancellationToken | undefined): Promise<R> {
    this.checkRoom(caller);
    this.count(caller, 1);
    try {
      return await this.queue(send, token);
    } finally {
      this.count(caller, -1);
    }
  }

  private queue<R>(send: () => Promise<R>, token: CancellationToken | undefined): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      const cancellation = token?.onCancellationRequested(() => {
        if (!this.waiting.delete(call)) return;
        cancellation?.dispose();
        reject(new BulkheadError(ErrorCodes.rpcCancelled, 'The call was cancelled before it was sent.'));
      });
      const answered = () => {
        this.sent.delete(call);
        this.sendNext();
      };
      const call: QueuedCall = {
        send: () => {
          cancellation?.dispose();
          const answer = send();
          answer.then(answered, answered);
          resolve(answer);
        },
      };
      this.waiting.add(call);
      this.sendNext();
    });
  }

  private sendNext(): void {
    for (const call of this.waiting) {
      if (this.sent.size >= AT_ONCE) {
        this.probe();
        return;
      }
      this.waiting.delete(call);
      this.sent.add(call);
      call.send();
    }
  }

  /** A host that has ended fails the probe, and then each of the calls that wait. */
  private probe(): void {
    if (this.isProbing) return;
    this.isProbing = true;
    const before = [...this.sent];
    const handled = () => {
      this.isProbing = false;
      for (const call of before) this.sent.delete(call);
      this.sendNext();
    };
    this.host.sendRequest(HeartbeatRequest.type, {}, { deadlineMs: PROBE_MS }).then(handled, handled);
  }

  private count(caller: string, change: 1 | -1): void {
    const count = (this.unanswered.get(caller) ?? 0) + change;
    if (count === 0) this.unanswered.delete(caller);
    else this.unanswered.set(caller, count);
    this.unansweredOfAll += change;
  }

  private checkRoom(caller: string): void {
    const { name } = this.host;
    const busy = (message: string) =>
      new BulkheadError(ErrorCodes.rpcBusy, message, {
        where: caller,
        remedy: 'Wait for answers before calling again.',
      });
    if ((this.unanswered.get(caller) ?? 0) >= MAX_OF_CALLER) {
      throw busy(`${MAX_OF_CALLER} calls of the plugin "${caller}" to ${name} wait for an answer already`);
    }
    if (this.unansweredOfAll >= MAX_OF_ALL) {
      throw busy(`${MAX_OF_ALL} calls of plugins to ${name} wait for an answer already`);
    }
  }
}
