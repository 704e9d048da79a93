import { fileURLToPath } from 'node:url';
import { ProcessLauncher } from '../../src/core/processes/process-launcher.js';
import { LiveServerStub } from '../../src/core/stubs/live-server-stub.js';
import { freePort } from './ports.js';

const BUNDLE = fileURLToPath(new URL('../../bin/live-server.cjs', import.meta.url));
const ignore = (): void => {};
const SILENT = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };

/** The embedded live server in its process, as the core runs it. */
export function liveServerStub(entryPoint = BUNDLE): LiveServerStub {
  const launcher = new ProcessLauncher('live-server', { entryPoint });
  return new LiveServerStub({ 'live-server': launcher }, { logLevel: 'info' }, SILENT);
}

export async function freePorts(): Promise<{ readonly rtmpPort: number; readonly httpPort: number }> {
  return { rtmpPort: await freePort(), httpPort: await freePort() };
}
