import type { NoticeParams } from '../../../protocol/control.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import { INSPECTOR_HOST, type InspectorOptions } from '../../../protocol/inspector.js';

/** What the streamer is told when the author of a plugin begins to debug it. */
export function inspectionNotice(id: string, { port }: InspectorOptions): Omit<NoticeParams, 'atMs'> {
  return {
    severity: 'warning',
    source: id,
    message:
      `"${id}" is being debugged at ${INSPECTOR_HOST}:${port}. Until that ends it may hang, and take as long as it likes to be ` +
      'activated and to run a command; and any program on this computer can control its process.',
  };
}

export function notInspectable(): BulkheadError {
  return new BulkheadError(
    ErrorCodes.configInvalid,
    'this core runs plugins in its own process, in which no debugger can stop a plugin without stopping the broadcast',
    { where: '--inspect', remedy: 'Start the core in another mode: without --isolate encoder.' },
  );
}
