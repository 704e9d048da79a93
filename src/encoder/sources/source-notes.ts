import { basename } from 'node:path';
import type { SourceConfig } from '../../config/schema.js';
import type { SourceState, SourceStatus } from '../../protocol/encoder.js';
import { BulkheadError, ErrorCodes, type ErrorData } from '../../protocol/errors.js';
import { describeInput, describeWhere, explainFfmpegExit, type FfmpegExit } from '../ffmpeg-errors.js';
import { isLasting } from './lasting-failure.js';
import type { Source } from './source.js';
import type { SourceEvents } from './source-site.js';

export interface SourceNotesOptions {
  readonly ffmpegPath: string;
  /** Something has to be known, and does not stop the broadcast. */
  readonly onProblem: (error: BulkheadError) => void;
}

/** Why a source does not deliver. */
interface NotedError {
  readonly error: ErrorData;
  readonly notedMs: number;
  /** Trying again will hardly help. */
  readonly lasts: boolean;
}

const CLOSED = { state: 'cold', pid: 0, position: undefined, cpuPercent: undefined } as const;
/** Longer than a live source counts as live after its last frame, at any frame rate, ms. */
const KEEP_ERROR_MS = 2000;
/** A microphone that fails again within this time has not been back, ms: it is tried again every 5 s at least. */
const STAYS_LOST_MS = 15_000;

/** What is known of sources besides what they deliver: why they do not, and what the streamer has been told of them. */
export class SourceNotes {
  private readonly errors = new Map<string, NotedError>();
  /** What has been said of files of a playlist, of which there are at most 10,000. */
  private readonly skips = new Set<string>();
  private microphoneLostMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: SourceNotesOptions) {}

  /** Whether it is known why it does not deliver. */
  has(id: string): boolean {
    return this.errors.has(id);
  }

  /** @param source undefined while it is closed */
  statusOf(id: string, { type }: SourceConfig, source: Source | undefined): SourceStatus {
    const { state, pid, position, cpuPercent } = source ?? CLOSED;
    const noted = this.errorOf(id, state);
    return {
      ...{ id, type, pid, state: state === 'retrying' && noted?.lasts === true ? 'failed' : state },
      ...{ positionMs: position?.positionMs ?? 0, item: position?.item ?? 0 },
      ...(position?.round === undefined ? {} : { round: position.round }),
      ...(cpuPercent === undefined ? {} : { cpuPercent }),
      ...(noted === undefined ? {} : { error: noted.error }),
    };
  }

  /** What a source of this id reports. */
  eventsOf(id: string, { type }: SourceConfig, onLoss: (error: BulkheadError) => void): SourceEvents {
    return {
      onLoss: (exit: FfmpegExit, input) => {
        const error = explainFfmpegExit({ ...exit, delivered: false }, input, this.options.ffmpegPath);
        const isBeside = input.type !== type && input.type === 'microphone';
        // A process that has delivered was lost, whatever it says of its last packet. The state is that of the frames.
        if (!isBeside) this.note(id, error, exit.delivered !== true && isLasting(error.code, type));
        onLoss(error);
        if (isBeside) this.lostMicrophone(error);
      },
      onSkip: (error) => this.skipped(error),
      onUnreadable: (error) => {
        this.note(id, error, isLasting(error.code, type));
        onLoss(error);
      },
      onDamage: (input, fromS, toS) => this.options.onProblem(damaged(input, fromS, toS)),
    };
  }

  /** Beside a camera or a screen, whose frames go on, its loss is seen nowhere else. Said once, however often it is tried again. */
  private lostMicrophone(error: BulkheadError): void {
    const now = performance.now();
    if (now - this.microphoneLostMs > STAYS_LOST_MS) this.options.onProblem(error);
    this.microphoneLostMs = now;
  }

  /** It does not deliver for this reason. */
  note(id: string, error: BulkheadError, lasts: boolean): void {
    this.errors.set(id, { error: error.toData(), notedMs: performance.now(), lasts });
  }

  /** The reason does not count any more, although it does not deliver yet. */
  forget(id: string): void {
    this.errors.delete(id);
  }

  /** Why it does not deliver. A source that has just been lost still counts as live for a moment. */
  private errorOf(id: string, state: SourceState): NotedError | undefined {
    const noted = this.errors.get(id);
    if (state !== 'live') return noted;
    if (noted !== undefined && performance.now() - noted.notedMs > KEEP_ERROR_MS) this.errors.delete(id);
    return undefined;
  }

  /** Said once, however often the playlist comes to it. */
  private skipped({ code, message, where = '', remedy }: BulkheadError): void {
    const what = `${where}: ${message}`;
    if (this.skips.has(what)) return;
    this.skips.add(what);
    this.options.onProblem(
      new BulkheadError(code, `${basename(where)} is left out: ${message}`, { where, remedy }),
    );
  }
}

function damaged(input: SourceConfig, fromS: number, toS: number): BulkheadError {
  return new BulkheadError(
    ErrorCodes.inputDamaged,
    `${describeInput(input)} is damaged or cut off: what lies between ${fromS.toFixed(1)} s and ${toS.toFixed(1)} s is left out.`,
    { where: describeWhere(input), remedy: 'Check that it plays elsewhere, or replace it.' },
  );
}
