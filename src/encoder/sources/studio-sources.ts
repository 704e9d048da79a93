import type { Disposable } from 'vscode-jsonrpc';
import type { EncodeSettings } from '../../config/encode-settings.js';
import type { SourceConfig } from '../../config/schema.js';
import { isLiveInput } from '../../config/sources.js';
import type { SourcePosition, SourceStatus } from '../../protocol/encoder.js';
import type { BulkheadError } from '../../protocol/errors.js';
import { plainFrame } from '../canvas/frame-pool.js';
import { isLasting } from './lasting-failure.js';
import { openSource } from './open-source.js';
import { ReopeningSource } from './reopening-source.js';
import type { Source } from './source.js';
import { SourceNotes } from './source-notes.js';
import type { SourceSite } from './source-site.js';
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

/** How long a source is waited for that was on air before, ms: a file is there soon, and another frame meanwhile would only flash. */
const REOPENS_MS = 1200;
const LIVE_REOPENS_MS = 400;
/** The same for the first time, where there is a fallback: connecting and the first keyframe take longer, ms. */
const CONNECTS_MS = 3000;
const FROM_START: SourcePosition = { item: 0, positionMs: 0 };

/** The sources of a run: the one that is on air, and its fallback while that is needed. */
export class StudioSources implements Disposable {
  private readonly notes: SourceNotes;
  private main: Entry | undefined;
  private stage: SourceWithFallback | undefined;
  private disposed = false;

  constructor(private readonly options: StudioSourcesOptions) {
    const { site, onProblem } = options;
    this.notes = new SourceNotes({ ffmpegPath: site.ffmpeg.path, onProblem });
  }

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
      .map(({ id, input, source }) => this.notes.statusOf(id, input, source));
  }

  private async openMain(id: string, input: SourceConfig): Promise<Source> {
    const { site, resume, onFailure } = this.options;
    const mayFail = this.patienceMs() === undefined;
    const events = this.notes.eventsOf(id, input, mayFail ? onFailure : () => {});
    const start = resume ?? FROM_START;
    if (mayFail) return openSource(input, site, events, start);
    // Until it can be opened, its fallback is on air.
    return new ReopeningSource(
      () => openSource(input, site, events, start),
      (error) => this.notes.note(id, error, isLasting(error.code, input.type)),
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
    const events = this.notes.eventsOf(id, input, () => {});
    return new ReopeningSource(
      () => openSource(input, site, events, FROM_START),
      (error) => {
        if (!this.notes.has(id)) onProblem(error);
        this.notes.note(id, error, isLasting(error.code, input.type));
      },
      FROM_START,
    );
  }

  dispose(): void {
    this.disposed = true;
    this.stage?.dispose();
  }
}
