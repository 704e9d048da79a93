import inspector from 'node:inspector';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { INSPECTOR_HOST, type InspectorOptions } from '../protocol/inspector.js';
import { inspectorPortFree } from './inspector-port.js';

/** How long the process that had the port before may take to end, ms. */
const RELEASE_MS = 3000;

/**
 * Opens Node's inspector in this process, for a debugger on this computer.
 *
 * @throws BulkheadError `port.inUse`
 */
export async function openInspector({ port, wait }: InspectorOptions): Promise<void> {
  await inspectorPortFree(port, RELEASE_MS);
  // Else Node would wait at its end until the debugger detaches.
  process.once('exit', closeInspector);
  // In one call: a debugger that lets it go on before it has begun to wait would leave it waiting.
  inspector.open(port, INSPECTOR_HOST, wait);
  // Node only prints why it could not.
  if (!isInspected()) {
    throw new BulkheadError(ErrorCodes.portInUse, `the inspector could not be opened on port ${port}`);
  }
}

/** Detaches the debugger and frees the port. */
export function closeInspector(): void {
  inspector.close();
}

/** Whether a debugger can attach to this process. */
export function isInspected(): boolean {
  return inspector.url() !== undefined;
}
