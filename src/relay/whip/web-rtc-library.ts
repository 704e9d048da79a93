import { importModule } from '../../base/import-module.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { WEB_RTC_PACKAGE } from '../../protocol/relay.js';
import type { WebRtcLibrary } from './peer.js';

/** @throws BulkheadError `platform.unsupported` if it is not installed, or not made for this computer */
export async function loadWebRtc(
  load: () => Promise<WebRtcLibrary> = () =>
    importModule<WebRtcLibrary & Record<string, unknown>>(WEB_RTC_PACKAGE),
): Promise<WebRtcLibrary> {
  try {
    return await load();
  } catch (error) {
    throw new BulkheadError(
      ErrorCodes.platformUnsupported,
      `WHIP needs the package ${WEB_RTC_PACKAGE}, which cannot be loaded`,
      {
        remedy:
          'Install Bulkhead again with optional packages, on Linux with x64 or arm64, macOS or Windows; or use another protocol.',
        cause: error,
      },
    );
  }
}
