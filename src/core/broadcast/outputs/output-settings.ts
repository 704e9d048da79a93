import { checkValue } from '../../../base/check-value.js';
import { describeIssue } from '../../../config/describe-issue.js';
import { OutputSchema } from '../../../config/output-schema.js';
import { platformOf } from '../../../config/platforms.js';
import { type BroadcastConfig, LIVE_SERVER_OUTPUT, type OutputConfig } from '../../../config/schema.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import { OUTPUT_SECRETS, type OutputSecrets, type OutputSettingsChange } from '../../../protocol/outputs.js';
import type { WantedOutput } from './output-changes.js';

/** Stands for a key that was given as a value. */
const GIVEN_KEY = 'given on air';

/** Whether the broadcast goes to the embedded live server. */
export function isShownHere({ liveServer, outputs }: BroadcastConfig): boolean {
  return liveServer.enabled ?? outputs.length === 0;
}

/** Until it has said where it listens, the embedded live server is shown where it is configured to. */
export function embeddedOutput({ liveServer }: BroadcastConfig): OutputConfig {
  return { id: LIVE_SERVER_OUTPUT, type: 'rtmp', url: `rtmp://127.0.0.1:${liveServer.rtmpPort}/live/stream` };
}

/** The settings after a change. A new reference takes the place of a value that was given before, and the other way round. */
export function changedSettings(
  { config, secrets }: WantedOutput,
  change: OutputSettingsChange,
  given: OutputSecrets | undefined,
): { readonly config: OutputConfig; readonly kept: OutputSecrets | undefined } {
  const former = leavesAddress(config, change)
    ? { ...config, url: undefined, backupUrl: undefined, backupKey: undefined }
    : config;
  const settings = Object.entries(withoutUndefined({ ...former, ...withoutUndefined(change) })).filter(
    ([, value]) => value !== null,
  );
  const kept: OutputSecrets = Object.fromEntries(
    OUTPUT_SECRETS.map((name) => [
      name,
      given?.[name] ?? (change[name] === undefined ? secrets?.[name] : undefined),
    ]).filter(([, value]) => value !== undefined),
  );
  return {
    config: keyed(checked(config.id, Object.fromEntries(settings)), kept),
    kept: Object.keys(kept).length === 0 ? undefined : kept,
  };
}

/** Whether the address of another platform takes the place of this one, which is not kept without being asked for. */
function leavesAddress({ platform, url }: OutputConfig, change: OutputSettingsChange): boolean {
  if (change.url !== undefined || change.platform === undefined || change.platform === platform) return false;
  return url === platformOf(platform)?.url || platformOf(change.platform ?? undefined)?.url !== undefined;
}

/** @throws BulkheadError `config.invalid` for a setting that this kind of output does not have, or not like this */
function checked(id: string, settings: object): OutputConfig {
  const result = checkValue(OutputSchema, settings, { reportInput: true });
  if (result.success) return result.data;
  const [message = 'it is not valid'] = result.error.issues.flatMap((issue) =>
    describeIssue(issue, () => []),
  );
  throw new BulkheadError(ErrorCodes.configInvalid, message, { where: `outputs.${id}` });
}

/** An address is shown by where its key is: that there is one has to be known while the output is stopped. */
export function keyed(config: OutputConfig, secrets: OutputSecrets | undefined): OutputConfig {
  if (config.key !== undefined || secrets?.key === undefined) return config;
  return { ...config, key: GIVEN_KEY } as OutputConfig;
}

function withoutUndefined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Partial<T>;
}
