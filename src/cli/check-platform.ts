import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import type { CliContext } from './cli-context.js';
import { type Finding, ok, problem, warning } from './doctor/finding.js';

/** Set to 1, the commands start where Bulkhead has been found not to work, with a warning. */
const OVERRIDE = 'BULKHEAD_UNTESTED_PLATFORM';

const NAMES: Partial<Record<NodeJS.Platform, string>> = { darwin: 'macOS', win32: 'Windows' };

type Surroundings = Pick<CliContext, 'platform' | 'env' | 'stderr'>;

/**
 * What was only written for a platform, and never run there, is said at the start of what needs it.
 *
 * @throws BulkheadError `platform.unsupported` on Windows
 */
export function checkPlatform({ platform, env, stderr }: Surroundings): void {
  const { verdict, message, remedy } = platformFinding(platform, env);
  if (verdict === 'problem') throw new BulkheadError(ErrorCodes.platformUnsupported, message, { remedy });
  if (verdict === 'warning') stderr.line(`bulkhead: warning: ${message}`);
}

/** The same for `bulkhead doctor`. */
export function platformFinding(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): Finding {
  const name = NAMES[platform] ?? platform;
  if (platform === 'linux') return ok('platform', 'Linux');
  if (platform === 'win32' && env[OVERRIDE] !== '1') {
    return problem(
      'platform',
      'Bulkhead does not run on Windows yet: its processes talk over descriptors that Windows does not pass on',
      `Use Linux, or Linux in WSL 2. To try it all the same, set ${OVERRIDE}=1.`,
    );
  }
  return warning(
    'platform',
    `Bulkhead was written for ${name} and has never been run there; expect failures, and report them`,
  );
}
