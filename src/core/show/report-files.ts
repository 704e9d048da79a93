import { join } from 'node:path';
import envPaths from 'env-paths';
import { withDeadline } from '../../base/with-deadline.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { BroadcastReport } from '../../protocol/report.js';
import { keepNewest } from '../disk/keep-newest.js';
import { replaceFile } from '../disk/own-file.js';

const PREFIX = 'broadcast-';
/** Reports that are kept. */
const KEPT = { count: 100, bytes: 32 << 20 };
const WRITE_DEADLINE_MS = 3000;

/** The reports of past broadcasts, a file each, readable by their owner only. */
export class ReportFiles {
  constructor(private readonly folder = join(envPaths('bulkhead', { suffix: '' }).data, 'reports')) {}

  /** @returns the file's path. @throws BulkheadError `storage.failed`, also for a disk that does not respond */
  async write(report: BroadcastReport): Promise<string> {
    const time = new Date(report.startedAtMs).toISOString().replaceAll(':', '-');
    const path = join(this.folder, `${PREFIX}${time}.json`);
    const written = replaceFile(path, `${JSON.stringify(report, undefined, 2)}\n`);
    try {
      await withDeadline(written, WRITE_DEADLINE_MS, () => {
        throw new Error('the disk does not respond');
      });
    } catch (error) {
      throw new BulkheadError(
        ErrorCodes.storageFailed,
        `the report of the broadcast cannot be kept: ${(error as Error).message}`,
        { where: path, remedy: 'See what is wrong with that folder.', cause: error },
      );
    }
    void keepNewest(this.folder, PREFIX, KEPT).catch(() => {});
    return path;
  }
}
