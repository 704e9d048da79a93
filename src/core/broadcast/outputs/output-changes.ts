import * as z from '../../../base/zod.js';
import { OutputSchema } from '../../../config/output-schema.js';
import type { OutputConfig } from '../../../config/schema.js';
import { boundedList } from '../../../protocol/bounded.js';
import type { OutputChange, OutputSecrets } from '../../../protocol/outputs.js';
import { fingerprint } from '../kept/kept-entries.js';

/** One output as the streamer wants it. */
export interface WantedOutput {
  /** Its secrets are references, or stand here. */
  readonly config: OutputConfig;
  /** In the place of what the references lead to. */
  readonly secrets?: OutputSecrets | undefined;
  readonly isStopped: boolean;
}

/** As many outputs as a broadcast may have. */
export const MAX_OUTPUTS = 64;
/** Longest secret, characters. */
export const MAX_SECRET = 4096;

export const SecretsSchema = z.strictObject({
  key: z.string().min(1).max(MAX_SECRET).optional(),
  backupKey: z.string().min(1).max(MAX_SECRET).optional(),
  password: z.string().max(MAX_SECRET).optional(),
  passphrase: z.string().max(MAX_SECRET).optional(),
});

/** How the outputs differ from the configuration: what is kept of a show. */
export const KeptChangesSchema = boundedList(
  z.strictObject({
    id: z.string().min(1).max(64),
    /** Fingerprint of the configuration's output at the time; absent where it had none of this id. */
    base: z.string().max(64).optional(),
    /** The output, where it is not the configuration's. */
    output: z.strictObject({ config: OutputSchema, secrets: SecretsSchema.optional() }).optional(),
    removed: z.literal(true).optional(),
    stopped: z.literal(true).optional(),
  }),
  2 * MAX_OUTPUTS,
);

export type KeptChanges = z.output<typeof KeptChangesSchema>;

/** What has to be kept so that {@link applyChanges} makes `wanted` of the configuration. */
export function changesOf(configured: readonly OutputConfig[], wanted: readonly WantedOutput[]): KeptChanges {
  const removed = configured
    .filter(({ id }) => !wanted.some(({ config }) => config.id === id))
    .map((config) => ({ id: config.id, base: fingerprint(config), removed: true as const }));
  const others = wanted.flatMap(({ config, secrets, isStopped }) => {
    const own = configured.find(({ id }) => id === config.id);
    const base = own === undefined ? undefined : fingerprint(own);
    const isOwn = base === fingerprint(config) && secrets === undefined;
    if (isOwn && !isStopped) return [];
    return [
      {
        id: config.id,
        ...(base === undefined ? {} : { base }),
        ...(isOwn ? {} : { output: { config, ...(secrets === undefined ? {} : { secrets }) } }),
        ...(isStopped ? { stopped: true as const } : {}),
      },
    ];
  });
  return [...removed, ...others];
}

/**
 * The outputs of the configuration with what was changed on air. A change counts only as long as the configuration says of
 * that output what it said then: who edits it wants the edit.
 */
export function applyChanges(configured: readonly OutputConfig[], kept: KeptChanges): WantedOutput[] {
  const changes = new Map(kept.map((change) => [change.id, change]));
  const own = configured.flatMap((config) => {
    const change = changes.get(config.id);
    if (change === undefined || change.base !== fingerprint(config)) return [{ config, isStopped: false }];
    if (change.removed) return [];
    return [{ config, ...change.output, isStopped: change.stopped === true }];
  });
  const added = kept.flatMap(({ id, base, output, stopped }) => {
    const isAdded =
      base === undefined && output !== undefined && !configured.some((config) => config.id === id);
    return isAdded ? [{ ...output, isStopped: stopped === true }] : [];
  });
  return [...own, ...added].slice(0, Math.max(MAX_OUTPUTS, configured.length));
}

/** The changes as shown to people. */
export function describeChanges(kept: KeptChanges): OutputChange[] {
  return kept.map(({ id, base, output, removed, stopped }) => {
    if (removed) return { id, kind: 'removed' };
    if (stopped) return { id, kind: 'stopped' };
    return { id, kind: output !== undefined && base === undefined ? 'added' : 'changed' };
  });
}
