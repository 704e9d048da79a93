import type { Writable } from 'node:stream';
import type { EncoderCommandParams } from '../protocol/encoder.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';

/** ffmpeg processes about ten a second; this many pending commands mean flooding. */
const MAX_PENDING = 32;
const DEADLINE_MS = 5000;

/** Limits of ffmpeg's `sscanf` buffers (ffmpeg.c, check_keyboard_interaction). */
const NAME = /^[^\s]{1,63}$/;
const ARGUMENT = /^[^\r\n]{1,255}$/;

const REPLY = /Command reply for stream \d+: ret:(-?\d+)/;

interface Pending {
  readonly codes: number[];
  readonly resolve: (code: number) => void;
  readonly reject: (error: BulkheadError) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * Live commands for ffmpeg's filters: written to its stdin as whole lines (an incomplete line would freeze the
 * pipeline until the rest arrives), answered in order on its stderr, once by each filtergraph.
 */
export class LiveCommands {
  private readonly pending: Pending[] = [];

  /** @param filtergraphs number of answers to each command */
  constructor(
    private readonly stdin: Writable,
    private readonly filtergraphs: number,
    private readonly deadlineMs = DEADLINE_MS,
  ) {}

  /** Resolves with 0 if a filter accepted the command, else with ffmpeg's error number. */
  send({ target, command, argument }: EncoderCommandParams): Promise<number> {
    if (!NAME.test(target) || !NAME.test(command) || !ARGUMENT.test(argument)) {
      throw new BulkheadError(ErrorCodes.configInvalid, 'ffmpeg does not accept this command.', {
        where: `${target} ${command}`,
        remedy: 'A name is one word; the argument is one line of at most 255 characters.',
      });
    }
    if (this.pending.length >= MAX_PENDING) {
      throw new BulkheadError(ErrorCodes.rpcBusy, `${MAX_PENDING} live commands wait for ffmpeg already.`, {
        where: target,
        remedy: 'Send fewer; ffmpeg takes about ten a second.',
      });
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        // It stays in the queue: its answers may still arrive, and must not be taken for the next one's.
        reject(
          new BulkheadError(ErrorCodes.rpcTimeout, 'ffmpeg did not respond to a live command in time.', {
            where: target,
          }),
        );
      }, this.deadlineMs);
      this.pending.push({ codes: [], resolve, reject, timer });
      this.stdin.write(`c${target} -1 ${command} ${argument}\n`);
    });
  }

  /** Parses a line of stderr; returns false if it is not an answer. */
  take(line: string): boolean {
    const code = REPLY.exec(line)?.[1];
    if (code === undefined) return false;
    const [first] = this.pending;
    if (first === undefined) return true;
    first.codes.push(Number(code));
    if (first.codes.length >= this.filtergraphs) {
      this.pending.shift();
      clearTimeout(first.timer);
      first.resolve(first.codes.includes(0) ? 0 : (first.codes[0] ?? -1));
    }
    return true;
  }

  /** ffmpeg has exited: there will be no more answers. */
  dispose(): void {
    for (const { timer, reject } of this.pending.splice(0)) {
      clearTimeout(timer);
      reject(new BulkheadError(ErrorCodes.encoderCrashed, 'ffmpeg ended before it answered a live command.'));
    }
  }
}
