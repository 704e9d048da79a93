import type { RecordedFileReport } from '../../protocol/recorder.js';

/** Files whose reports are kept each; earlier ones are summed up. */
const MOST_KEPT = 50;

/** The files of a recording, as its recorders have reported them. */
export class RecordedFiles {
  private readonly reports = new Map<string, RecordedFileReport>();
  private earlier = { count: 0, bytes: 0, recordedMs: 0 };
  private last: RecordedFileReport | undefined;

  take(reports: readonly RecordedFileReport[]): void {
    for (const report of reports) {
      this.reports.set(`${report.id} ${report.part}`, report);
      this.last = report;
    }
    for (const [key, { bytes, recordedMs }] of this.reports) {
      if (this.reports.size <= MOST_KEPT) break;
      this.reports.delete(key);
      const { earlier } = this;
      this.earlier = {
        count: earlier.count + 1,
        bytes: earlier.bytes + bytes,
        recordedMs: earlier.recordedMs + recordedMs,
      };
    }
  }

  /** The one that is written. */
  get open(): RecordedFileReport | undefined {
    return this.last?.isOpen === true ? this.last : undefined;
  }

  /** The one that is written cannot be gone on with. */
  leave(): void {
    const { last } = this;
    if (last !== undefined) this.take([{ ...last, isOpen: false }]);
  }

  get path(): string | undefined {
    return this.last?.path;
  }

  /** Of the last ones. */
  get paths(): string[] {
    return [...new Set([...this.reports.values()].map(({ path }) => path))];
  }

  get count(): number {
    return this.earlier.count + this.reports.size;
  }

  get bytes(): number {
    return this.sum(({ bytes }) => bytes) + this.earlier.bytes;
  }

  get recordedMs(): number {
    return this.sum(({ recordedMs }) => recordedMs) + this.earlier.recordedMs;
  }

  private sum(of: (report: RecordedFileReport) => number): number {
    return [...this.reports.values()].reduce((sum, report) => sum + of(report), 0);
  }
}
