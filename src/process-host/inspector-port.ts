import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { INSPECTOR_HOST } from '../protocol/inspector.js';

const LOOK_EVERY_MS = 20;

/**
 * Resolves when an inspector can listen on the port.
 *
 * @param withinMs How long to wait for another program to release it, ms.
 * @throws BulkheadError `port.inUse`
 */
export async function inspectorPortFree(port: number, withinMs = 0): Promise<void> {
  const endsAtMs = performance.now() + withinMs;
  for (;;) {
    const code = await refusalOf(port);
    if (code === undefined) return;
    if (code !== 'EADDRINUSE' || performance.now() >= endsAtMs) throw unusable(port, code);
    await sleep(LOOK_EVERY_MS);
  }
}

/** The operating system's code if nothing can listen on the port now. */
function refusalOf(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'unknown'));
    server.listen(port, INSPECTOR_HOST, () => server.close(() => resolve(undefined)));
  });
}

function unusable(port: number, code: string): BulkheadError {
  return new BulkheadError(
    ErrorCodes.portInUse,
    code === 'EADDRINUSE'
      ? `the TCP port ${port} of ${INSPECTOR_HOST} is in use by another program`
      : `the TCP port ${port} of ${INSPECTOR_HOST} cannot be used (${code})`,
    { where: '--inspect', remedy: 'Give another one: --inspect=PORT.' },
  );
}
