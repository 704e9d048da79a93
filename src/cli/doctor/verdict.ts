import type { BroadcastConfig } from '../../config/schema.js';
import type { Finding } from './finding.js';

/** Whether `bulkhead live` would go live, as it decides itself: one destination is enough. */
export interface Verdict {
  readonly canGoLive: boolean;
  /** Ids of the outputs that would not be live. */
  readonly deadOutputs: readonly string[];
}

export function judge(
  findings: readonly Finding[],
  { outputs, liveServer }: Pick<BroadcastConfig, 'outputs' | 'liveServer'>,
): Verdict {
  const problems = findings.filter(({ verdict }) => verdict === 'problem');
  const deadOutputs = outputs
    .map(({ id }) => id)
    .filter((id) => problems.some(({ output }) => output === id));
  const hasDestination = deadOutputs.length < outputs.length || (liveServer.enabled ?? outputs.length === 0);
  return { canGoLive: hasDestination && problems.every(({ output }) => output !== undefined), deadOutputs };
}

export function verdictText({ canGoLive, deadOutputs }: Verdict): string {
  if (!canGoLive) return 'A broadcast cannot go live yet: see ✗ above.';
  if (deadOutputs.length === 0) return 'Ready to go live.';
  const names = deadOutputs.map((id) => `"${id}"`).join(', ');
  return `Ready to go live, but not to ${names}: see ✗ above. Bulkhead keeps trying to connect there.`;
}
