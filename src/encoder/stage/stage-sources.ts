import { isDeepStrictEqual } from 'node:util';
import type { Disposable } from 'vscode-jsonrpc';
import type { StageSource as StageSourceConfig } from '../../config/encode-settings.js';
import type { SourceConfig } from '../../config/schema.js';
import type { SourcePosition } from '../../protocol/encoder.js';
import type { Frame } from '../canvas/frame-pool.js';
import { goesOnMeanwhile, SourceSuccessors } from './source-successors.js';
import type { StageSource } from './stage-source.js';

export interface StageSourcesOptions {
  readonly open: (source: StageSourceConfig, start: SourcePosition) => StageSource;
  /** Where sources were when the encoder before ended, by their ids. */
  readonly positions?: ReadonlyMap<string, SourcePosition> | undefined;
  /** A source is no more. */
  readonly onRemove: (id: string) => void;
}

const FROM_START: SourcePosition = { item: 0, positionMs: 0 };
/** How long a source stays open that nothing shows any more, ms: it may be shown again. */
const KEEP_MS = 10_000;

/** The sources of scenes: those that are open, and where the others continue. */
export class StageSources implements Disposable {
  private readonly opened = new Map<string, StageSource>();
  private readonly unusedSinceMs = new Map<string, number>();
  private readonly successors = new SourceSuccessors();
  /** Where sources continue that are not open. */
  private readonly positions: Map<string, SourcePosition>;

  constructor(
    private configs: readonly StageSourceConfig[],
    private readonly options: StageSourcesOptions,
  ) {
    this.positions = new Map(options.positions);
  }

  /** Those that are open. */
  get all(): readonly StageSource[] {
    return [...this.opened.values()];
  }

  /** Undefined while it is not open. */
  get(id: string): StageSource | undefined {
    return this.opened.get(id);
  }

  /** Whether each can be shown, or has failed to. */
  hasAll(ids: Iterable<string>): boolean {
    return [...ids].every((id) => {
      const source = this.opened.get(id);
      return source?.isReady === true || source?.isMissing === true;
    });
  }

  /** The source that is to be open, or shown, in the place of this one. */
  fallbackOf(id: string): StageSource | undefined {
    if (this.opened.get(id)?.needsFallback !== true) return undefined;
    const fallback = this.configs.find((one) => one.id === id)?.fallback;
    return fallback === undefined ? undefined : this.opened.get(fallback);
  }

  /** What a layer of this source shows. */
  shown(id: string): Frame | undefined {
    const source = this.opened.get(id);
    const fallback = source?.showsFallback === true ? this.fallbackOf(id)?.current : undefined;
    return fallback ?? source?.current;
  }

  /** Opens what is needed with its fallbacks, and closes what has not been for a while. */
  keep(needed: ReadonlySet<string>): void {
    const all = new Set(needed);
    for (const { id, fallback } of this.configs)
      if (fallback !== undefined && all.has(id) && this.opened.get(id)?.needsFallback === true)
        all.add(fallback);
    for (const source of this.configs) if (all.has(source.id)) this.open(source);
    const now = performance.now();
    for (const id of this.opened.keys()) {
      if (all.has(id)) this.unusedSinceMs.delete(id);
      else if (!this.unusedSinceMs.has(id)) this.unusedSinceMs.set(id, now);
      else if (now - (this.unusedSinceMs.get(id) ?? now) >= KEEP_MS) this.close(id);
    }
  }

  /** Closes sources that are no more, and opens those anew that are others now. */
  set(configs: readonly StageSourceConfig[]): void {
    const before = this.configs;
    this.configs = configs;
    const inputIn = (list: readonly StageSourceConfig[], id: string) =>
      list.find((source) => source.id === id)?.input;
    for (const id of [...this.opened.keys()]) {
      const [now, then] = [inputIn(configs, id), inputIn(before, id)];
      if (now === undefined) {
        this.close(id);
        this.options.onRemove(id);
      } else if (!isDeepStrictEqual(now, then)) this.reopen(id, playsTheSame(now, then));
    }
    for (const { id, input } of before)
      if (!playsTheSame(inputIn(configs, id), input)) this.positions.delete(id);
  }

  /** Opens a source anew, from its beginning; if it is not open, as soon as it is. */
  restart(id: string): void {
    if (this.opened.has(id)) this.reopen(id, false);
    else this.positions.delete(id);
  }

  /** Opens a source anew, of which larger frames are needed, from where it is. @returns false where it would have to stand still meanwhile */
  enlarge(id: string): boolean {
    const source = this.opened.get(id);
    if (source === undefined || !goesOnMeanwhile(source) || this.successors.has(id)) return false;
    this.reopen(id, true);
    return true;
  }

  /** Whether another one is about to take its place. */
  isBeingReplaced(id: string): boolean {
    return this.successors.has(id);
  }

  /** To be called once for each slot. @param samples of the slot */
  replace(samples: number): void {
    for (const next of this.successors.takeReady((id) => this.opened.get(id), samples)) {
      const { id } = next;
      const before = this.opened.get(id);
      const shown = before?.current;
      if (next.current === undefined && shown !== undefined) next.showFirst(shown.retain());
      before?.dispose();
      this.opened.set(id, next);
    }
  }

  private open(config: StageSourceConfig): void {
    const { id } = config;
    if (this.opened.has(id)) return;
    this.opened.set(id, this.options.open(config, this.positions.get(id) ?? FROM_START));
  }

  /**
   * It goes on until the new one delivers where both can be open, or else shows its last frame.
   *
   * @param goesOn whether from where it is; else from its beginning
   */
  private reopen(id: string, goesOn: boolean): void {
    const config = this.configs.find((source) => source.id === id);
    const before = this.opened.get(id);
    if (!goesOn) this.positions.delete(id);
    if (config !== undefined && before !== undefined && goesOnMeanwhile(before)) {
      const start = goesOn ? before.source.position : undefined;
      this.successors.add(this.options.open(config, start ?? FROM_START), before, goesOn);
      return;
    }
    const shown = before?.current;
    shown?.retain();
    this.close(id);
    if (!goesOn) this.positions.delete(id);
    if (config !== undefined) this.open(config);
    if (shown !== undefined) this.opened.get(id)?.showFirst(shown);
  }

  private close(id: string): void {
    this.successors.remove(id);
    const source = this.opened.get(id);
    const position = source?.source.position;
    if (position !== undefined) this.positions.set(id, position);
    source?.dispose();
    this.opened.delete(id);
    this.unusedSinceMs.delete(id);
  }

  /** Closes a source, which begins anew when it is opened again. */
  rewind(id: string): void {
    this.close(id);
    this.positions.delete(id);
  }

  dispose(): void {
    for (const id of [...this.opened.keys()]) this.close(id);
    this.successors.dispose();
  }
}

/** Whether a position in the one is the same in the other. */
function playsTheSame(one: SourceConfig | undefined, other: SourceConfig | undefined): boolean {
  return isDeepStrictEqual({ ...one, filters: undefined }, { ...other, filters: undefined });
}
