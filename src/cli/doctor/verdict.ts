import type { BroadcastConfig } from '../../config/schema.js';
import type { Finding } from './finding.js';

/** Whether `bulkhead live` would go live, by its own rule: one destination is enough. */
export interface Verdict {
  readonly canGoLive: boolean;
  /** Ids of the outputs that would not go live. */
  readonly failedOutputs: readonly string[];
}

export function judge(
  findings: readonly Finding[],
  { outputs, liveServer }: Pick<BroadcastConfig, 'outputs' | 'liveServer'>,
): Verdict {
  const problems = findings.filter(({ verdict }) => verdict === 'problem');
  const failedOutputs = outputs
    .map(({ id }) => id)
    .filter((id) => problems.some(({ output }) => output === id));
  const hasDestination =
    failedOutputs.length < outputs.length || (liveServer.enabled ?? outputs.length === 0);
  return { canGoLive: hasDestination && problems.every(({ output }) => output !== undefined), failedOutputs };
}

export function verdictText({ canGoLive, failedOutputs }: Verdict): string {
  if (!canGoLive) return 'A broadcast cannot go live yet: see ✗ above.';
  if (failedOutputs.length === 0) return 'Ready to go live.';
  const names = failedOutputs.map((id) => `"${id}"`).join(', ');
  return `Ready to go live, but not to ${names}: see ✗ above. Bulkhead keeps trying to connect there.`;
}
