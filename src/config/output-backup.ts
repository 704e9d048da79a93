import * as z from '../base/zod.js';
import { findRtmpUrlProblem, RTMP_URL_PATTERN } from '../rtmp/rtmp-url.js';
import { type PlatformName, platformOf } from './platforms.js';

/** How an output uses its backup address. */
export const BackupModeSchema = z.enum(['at-once', 'on-failure', 'off']);
export type BackupMode = z.output<typeof BackupModeSchema>;

/** The settings of an output's second address. */
export const BACKUP_FIELDS = {
  backup: BackupModeSchema.optional().describe(
    'How the backup address is used: "at-once" sends the same stream there all the time, "on-failure" only while the primary cannot be used, "off" never. By default, with a "backupUrl", what the platform takes: "at-once" for YouTube, "on-failure" for others.',
  ),
  backupUrl: z
    .string()
    .superRefine((url, context) => {
      const message = findRtmpUrlProblem(url);
      if (message !== undefined) context.addIssue({ code: 'custom', input: url, message });
    })
    .meta({
      description: 'The backup of "url", as that. May be left out where the "platform" has one, as YouTube.',
      pattern: RTMP_URL_PATTERN,
    })
    .optional(),
  backupKey: z
    .string()
    .min(1)
    .optional()
    .describe('The stream key of the backup, as "key": by default the same.'),
};

interface BackedUpOutput {
  readonly platform?: PlatformName | undefined;
  readonly backup?: BackupMode | undefined;
  readonly backupUrl?: string | undefined;
  readonly backupKey?: string | undefined;
}

/** The backup that an output uses; undefined if it uses none. */
export function backupOf({
  platform: name,
  backup,
  backupUrl,
}: BackedUpOutput): { readonly mode: Exclude<BackupMode, 'off'>; readonly url: string } | undefined {
  const { backup: known } = platformOf(name) ?? {};
  // What doubles the upload has to be asked for.
  const mode = backup ?? (backupUrl === undefined ? 'off' : (known?.mode ?? 'on-failure'));
  const url = backupUrl ?? known?.url;
  return mode === 'off' || url === undefined ? undefined : { mode, url };
}

/** Finds settings of a backup that have no address. */
export function checkBackup(output: BackedUpOutput, context: z.RefinementCtx): void {
  const { backup, backupKey, backupUrl, platform } = output;
  const isWanted = (backup !== undefined && backup !== 'off') || backupKey !== undefined;
  if (!isWanted || (backupUrl ?? platformOf(platform)?.backup?.url) !== undefined) return;
  const message = 'missing; expected the backup address, rtmp://HOST/APP or rtmps://HOST/APP';
  context.addIssue({ code: 'custom', path: ['backupUrl'], input: undefined, message });
}
