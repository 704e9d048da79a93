import type { Frame, FrameLayout } from '../canvas/frame-pool.js';
import type { SourceFeed } from '../tracks/source-renditions.js';
import type { StageSources } from './stage-sources.js';

/** Sources of which an encode is made alone: what each has in a slot, before it is composed and mixed. */
export class FedSources {
  private wanted: ReadonlySet<string> = new Set();
  /** Those that have begun. */
  private readonly begun = new Set<string>();

  constructor(
    private readonly sources: Pick<StageSources, 'get' | 'isBeingReplaced'>,
    private readonly layoutOf: (frame: Frame) => FrameLayout,
    /** Opens a source anew, as large as it is. @returns false where it is, or where it would have to stand still meanwhile */
    private readonly enlarge: (id: string) => boolean,
  ) {}

  get ids(): ReadonlySet<string> {
    return this.wanted;
  }

  /** @returns whether they are others than before */
  set(ids: readonly string[]): boolean {
    const isSame = ids.length === this.wanted.size && ids.every((id) => this.wanted.has(id));
    this.wanted = new Set(ids);
    for (const id of this.begun) if (!this.wanted.has(id)) this.begun.delete(id);
    return !isSame;
  }

  /** To be called once for each slot, when the sources have taken theirs. @returns undefined where none is wanted */
  take(): readonly SourceFeed[] | undefined {
    return this.wanted.size === 0 ? undefined : [...this.wanted].flatMap((id) => this.feedOf(id));
  }

  private feedOf(id: string): readonly SourceFeed[] {
    const source = this.sources.get(id);
    if (source?.current === undefined) return [];
    // One that is about to be larger begins then.
    if (!this.begun.has(id) && (this.sources.isBeingReplaced(id) || this.enlarge(id))) return [];
    this.begun.add(id);
    const { current: frame, version, pcm: sound } = source;
    return [{ id, frame, version, layout: this.layoutOf(frame), sound }];
  }
}
