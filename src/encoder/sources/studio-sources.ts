import { basename } from 'node:path';
import type { Disposable } from 'vscode-jsonrpc';
import type { EncodeSettings, SourceConfig } from '../../config/schema.js';
import { isLiveInput } from '../../config/sources.js';
import type { SourcePosition, SourceState, SourceStatus } from '../../protocol/encoder.js';
import { BulkheadError, ErrorCodes, type ErrorData } from '../../protocol/errors.js';
import { describeInput, describeWhere, explainFfmpegExit, type FfmpegExit } from '../ffmpeg-errors.js';
import { openSource, plainFrame, type SourceEvents, type SourceSite } from './open-source.js';
import { ReopeningSource } from './reopening-source.js';
import type { Source } from './source.js';
import { SourceWithFallback } from './source-with-fallback.js';

export interface StudioSourcesOptions {
  readonly settings: EncodeSettings;
  readonly site: SourceSite;
  /** Where the source was when the encoder before ended; undefined if it has not been on air yet. */
  readonly resume: SourcePosition | undefined;
  /** Something has to be known, and does not stop the broadcast. */
  readonly onProblem: (error: BulkheadError) => void;
  /** Its process has ended, or it cannot be opened, and no encoder before has had it on air. */
  readonly onFailure: (error: BulkheadError) => void;
}

/** One source that is open. */
interface Entry {
  readonly id: string;
  readonly input: SourceConfig;
  readonly source: Source;
}

const CLOSED = { state: 'cold', pid: 0, position: undefined } as const;
/** How long a source is waited for that was on air before, ms: a file is there soon, and another frame meanwhile would only flash. */
const REOPENS_MS = 1200;
const LIVE_REOPENS_MS = 400;
/** The same for the first time, where there is a fallback: connecting and the first keyframe take longer, ms. */
const CONNECTS_MS = 3000;
/** Longer than a live source counts as live after its last frame, at any frame rate, ms. */
const KEEP_ERROR_MS = 2000;
/** A microphone that fails again within this time has not been back, ms: it is tried again every 5 s at least. */
const STAYS_LOST_MS = 15_000;
const FROM_START: SourcePosition = { item: 0, positionMs: 0 };

/** The sources of a run: the one that is on air, and its fallback while that is needed. */
export class StudioSources implements Disposable {
  private readonly errors = new Map<string, { readonly error: ErrorData; readonly notedMs: number }>();
  /** What has been said of files of a playlist, of which there are at most 10,000. */
  private readonly skips = new Set<string>();
  private microphoneLostMs = Number.NEGATIVE_INFINITY;
  private main: Entry | undefined;
  private stage: SourceWithFallback | undefined;
  private disposed = false;

  constructor(private readonly options: StudioSourcesOptions) {}

  /**
   * Opens the source.
   *
   * @returns what is on air
   * @throws BulkheadError if it cannot be opened, and has not been on air yet
   */
  async open(): Promise<SourceWithFallback> {
    const { settings, site } = this.options;
    const { input, inputId = 'input', fallback } = settings;
    const source = await this.openMain(inputId, input);
    this.main = { id: inputId, input, source };
    this.stage = new SourceWithFallback({
      source,
      openFallback: fallback === undefined ? undefined : () => this.openFallback(fallback.id, fallback.input),
      keepsFallbackOpen: fallback?.warm === true,
      still: () => plainFrame(site.pool),
      reopensWithinMs: this.patienceMs(),
    });
    if (this.disposed) this.stage.dispose();
    return this.stage;
  }

  status(): readonly SourceStatus[] {
    const { fallback } = this.options.settings;
    return [this.main, fallback && { ...fallback, source: this.stage?.fallback }]
      .filter((entry) => entry !== undefined)
      .map(({ id, input, source }) => {
        const { state, pid, position } = source ?? CLOSED;
        const error = this.errorOf(id, state);
        return {
          id,
          type: input.type,
          state,
          pid,
          positionMs: position?.positionMs ?? 0,
          item: position?.item ?? 0,
          ...(error === undefined ? {} : { error }),
        };
      });
  }

  private async openMain(id: string, input: SourceConfig): Promise<Source> {
    const { site, resume, onFailure } = this.options;
    const mayFail = this.patienceMs() === undefined;
    const events = this.events(id, input, mayFail ? onFailure : () => {});
    const start = resume ?? FROM_START;
    if (mayFail) return openSource(input, site, events, start);
    // Until it can be opened, its fallback is on air.
    return new ReopeningSource(
      () => openSource(input, site, events, start),
      (error) => this.note(id, error),
      start,
    );
  }

  /** How long the broadcast waits for the source until it begins without it, ms; undefined if it can't. */
  private patienceMs(): number | undefined {
    const { settings, resume } = this.options;
    const { input, fallback } = settings;
    if (resume !== undefined) return isLiveInput(input) ? LIVE_REOPENS_MS : REOPENS_MS;
    // Nothing may be published yet.
    if (input.type === 'ingest') return LIVE_REOPENS_MS;
    return fallback !== undefined && isLiveInput(input) ? CONNECTS_MS : undefined;
  }

  private openFallback(id: string, input: SourceConfig): Source {
    const { site, onProblem } = this.options;
    const events = this.events(id, input, () => {});
    return new ReopeningSource(
      () => openSource(input, site, events, FROM_START),
      (error) => {
        if (!this.errors.has(id)) onProblem(error);
        this.note(id, error);
      },
      FROM_START,
    );
  }

  private events(id: string, { type }: SourceConfig, onLoss: (error: BulkheadError) => void): SourceEvents {
    const note = (error: BulkheadError) => {
      this.note(id, error);
      onLoss(error);
    };
    return {
      onLoss: (exit: FfmpegExit, input) => {
        const error = explainFfmpegExit({ ...exit, delivered: false }, input, this.options.site.ffmpeg.path);
        note(error);
        if (input.type !== type && input.type === 'microphone') this.lostMicrophone(error);
      },
      onSkip: (error) => this.skipped(error),
      onUnreadable: note,
      onDamage: (input, fromS, toS) => this.options.onProblem(damaged(input, fromS, toS)),
    };
  }

  /** Beside a camera or a screen, whose frames go on, its loss is seen nowhere else. Said once, however often it is tried again. */
  private lostMicrophone(error: BulkheadError): void {
    const now = performance.now();
    if (now - this.microphoneLostMs > STAYS_LOST_MS) this.options.onProblem(error);
    this.microphoneLostMs = now;
  }

  private note(id: string, error: BulkheadError): void {
    this.errors.set(id, { error: error.toData(), notedMs: performance.now() });
  }

  /** Why it does not deliver. A source that has just been lost still counts as live for a moment. */
  private errorOf(id: string, state: SourceState): ErrorData | undefined {
    const noted = this.errors.get(id);
    if (state !== 'live') return noted?.error;
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

  dispose(): void {
    this.disposed = true;
    this.stage?.dispose();
  }
}

function damaged(input: SourceConfig, fromS: number, toS: number): BulkheadError {
  return new BulkheadError(
    ErrorCodes.inputDamaged,
    `${describeInput(input)} is damaged or cut off: what lies between ${fromS.toFixed(1)} s and ${toS.toFixed(1)} s is left out.`,
    { where: describeWhere(input), remedy: 'Check that it plays elsewhere, or replace it.' },
  );
}
