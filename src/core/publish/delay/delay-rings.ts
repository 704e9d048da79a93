import { join } from 'node:path';
import envPaths from 'env-paths';
import { DELAY_MAX_BYTES } from '../../../config/output-delay.js';
import { FolderFiles, removeLeftDelays } from './delay-files.js';
import { DelayRing } from './delay-ring.js';

const DEADLINE_MS = 5000;

/** Where long delays are kept unless the configuration names a folder. */
export function defaultDelayFolder(): string {
  return join(envPaths('bulkhead', { suffix: '' }).cache, 'delays');
}

/** One output's use of a ring. */
export interface RingUse {
  readonly ring: DelayRing;
  /** Resolves when the files are gone, if it was the last use. Never rejects. */
  end(): Promise<void>;
}

/** The rings on disk: one for the outputs that get the same stream, so that it is written once. */
export class DelayRings {
  private readonly rings = new Map<string, { readonly ring: DelayRing; uses: number }>();
  private readonly tidied = new Set<string>();

  constructor(
    private readonly create = (folder: string) =>
      new DelayRing(new FolderFiles(folder), { maxBytes: DELAY_MAX_BYTES, deadlineMs: DEADLINE_MS }),
  ) {}

  /** Removes what a core has left behind that was killed, in the background; once for each folder. */
  tidy(folder = defaultDelayFolder()): void {
    if (this.tidied.has(folder)) return;
    this.tidied.add(folder);
    void removeLeftDelays(folder);
  }

  /** @param stream the same for outputs that get the same tags */
  use(stream: string, folder = defaultDelayFolder()): RingUse {
    this.tidy(folder);
    const key = JSON.stringify([folder, stream]);
    const known = this.rings.get(key);
    const shared = known ?? { ring: this.create(folder), uses: 0 };
    if (known === undefined) this.rings.set(key, shared);
    shared.uses += 1;
    let hasEnded = false;
    return {
      ring: shared.ring,
      end: async () => {
        if (hasEnded) return;
        hasEnded = true;
        shared.uses -= 1;
        if (shared.uses > 0) return;
        this.rings.delete(key);
        await shared.ring.end();
      },
    };
  }
}
