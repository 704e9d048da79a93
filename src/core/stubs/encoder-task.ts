import { checkValue } from '../../base/check-value.js';
import { describeExpectation } from '../../config/describe-issue.js';
import { VideoSchema } from '../../config/encoding-schema.js';
import type { AudioConfig, VideoConfig } from '../../config/schema.js';
import type { EncoderStartParams, SourcePosition } from '../../protocol/encoder.js';
import { BulkheadError, type ErrorCode, ErrorCodes } from '../../protocol/errors.js';
import type { EpochWriter } from '../timeline/timeline.js';
import { InputWatch } from './input-watch.js';

/** What is encoded and how, independent of the run that does it. */
export type EncoderTask = Omit<EncoderStartParams, 'media'>;

/** What can be changed while the encoder runs. */
export interface EncoderChange {
  readonly video?: Partial<VideoConfig> | undefined;
  readonly audio?: Partial<AudioConfig> | undefined;
  readonly ffmpegPath?: string | undefined;
}

/** @throws BulkheadError `config.invalid` if the settings do not fit together */
export function withChange(task: EncoderTask, { video, audio, ffmpegPath }: EncoderChange): EncoderTask {
  const { settings } = task;
  const checked = checkValue(VideoSchema, { ...settings.video, ...video }, { reportInput: true });
  if (!checked.success) {
    const [issue] = checked.error.issues;
    throw new BulkheadError(
      ErrorCodes.configInvalid,
      issue === undefined ? 'The settings do not fit together.' : describeExpectation(issue),
      { where: `video.${issue?.path.join('.') ?? ''}` },
    );
  }
  return {
    ...task,
    settings: { ...settings, video: checked.data, audio: { ...settings.audio, ...audio } },
    ...(ffmpegPath === undefined ? {} : { ffmpegPath }),
  };
}

/** Failures that no restart can fix: reported to the user if the broadcast has not been on air yet. */
const SETTINGS_FAILURES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ErrorCodes.ffmpegNotFound,
  ErrorCodes.ffmpegFailedToStart,
  ErrorCodes.ffmpegUnsupported,
  ErrorCodes.inputNotFound,
  ErrorCodes.inputDenied,
  ErrorCodes.inputInvalid,
  ErrorCodes.encoderUnknown,
  ErrorCodes.configInvalid,
]);

/** This many consecutive runs that ended before a broadcast's first frame mean that ffmpeg cannot run. */
const MAX_FAILED_STARTS = 3;

/** The encoder's task until it is stopped: what has to be known across the runs that do it, one after the other. */
export class RunningTask {
  readonly input: InputWatch;
  private runs = 0;
  private delivered = false;
  /** How far the source has been played, for the next run. */
  private position: SourcePosition = { item: 0, positionMs: 0 };
  /** The same of the other sources, by their ids. */
  private readonly others = new Map<string, SourcePosition>();
  private mainId = '';
  /** Runs that ended on their own before anything was delivered. */
  private failedStarts = 0;
  /** The last failure reported; undefined once a run has delivered again. */
  private reportedFailure: string | undefined;

  /** @param params Changes on air are in it, for the runs to come. */
  constructor(
    public params: EncoderTask,
    private readonly openEpoch: () => EpochWriter,
  ) {
    this.input = new InputWatch(params.settings.input);
  }

  /** Encoder runs so far. */
  get epochs(): number {
    return this.runs;
  }

  /** Whether any run has delivered what can be on air. */
  get hasDelivered(): boolean {
    return this.delivered;
  }

  /** Where the next run continues; undefined if it is to begin at the start. */
  get resume(): SourcePosition | undefined {
    return this.delivered ? this.position : undefined;
  }

  /** The same of each source, by its id. */
  get positions(): Readonly<Record<string, SourcePosition>> | undefined {
    if (!this.delivered) return undefined;
    return { ...Object.fromEntries(this.others), [this.mainId]: this.position };
  }

  /** Whether it ends with its input. */
  get playsOnce(): boolean {
    const { input } = this.params.settings;
    return 'loop' in input && !input.loop;
  }

  /** Opens the epoch of another run. */
  beginEpoch(): EpochWriter {
    this.runs += 1;
    return this.openEpoch();
  }

  /** A run delivers. */
  noteDelivery(): void {
    this.delivered = true;
    this.reportedFailure = undefined;
  }

  /** The sources have been played to here; the one that is on air first. */
  notePositions(sources: readonly (SourcePosition & { readonly id: string })[]): void {
    const [main, ...others] = sources;
    if (main === undefined) return;
    if (main.id !== this.mainId) this.others.set(this.mainId, this.position);
    this.mainId = main.id;
    this.position = positionOf(main);
    for (const source of others) this.others.set(source.id, positionOf(source));
  }

  /** The source has been played for so many frames since then; negative if not as far. */
  noteFrames(frames: number): void {
    const playedMs = (frames * 1000) / this.params.settings.video.fps;
    const positionMs = Math.max(0, Math.round(this.position.positionMs + playedMs));
    this.position = { ...this.position, positionMs };
  }

  /**
   * To be asked once about each run that has failed.
   *
   * @returns Why another run would fail too; undefined if it might not, as always once something has been delivered.
   */
  finalErrorOf(reason: BulkheadError): BulkheadError | undefined {
    if (this.delivered) return undefined;
    if (SETTINGS_FAILURES.has(reason.code)) return reason;
    if (reason.code !== ErrorCodes.encoderCrashed) return undefined;
    this.failedStarts += 1;
    if (this.failedStarts < MAX_FAILED_STARTS) return undefined;
    return new BulkheadError(
      ErrorCodes.ffmpegFailedToStart,
      `ffmpeg ended ${MAX_FAILED_STARTS} times before its first frame. Last error: ${reason.message}`,
      { where: 'encoder', remedy: reason.remedy, cause: reason },
    );
  }

  /** Whether a failure has to be reported: one that repeats without a frame in between is reported once. */
  isNews({ message }: BulkheadError): boolean {
    if (this.reportedFailure === message) return false;
    this.reportedFailure = message;
    return true;
  }
}

function positionOf({ item, positionMs, round }: SourcePosition): SourcePosition {
  return { item, positionMs, ...(round === undefined ? {} : { round }) };
}
