import type { OutputConnection } from '../../../protocol/status/output-connections.js';
import type { OutputStatus } from '../../../protocol/status/output-status.js';
import { type OutputNotice, OutputNotices } from './output-notices.js';

/** What to report about one output, whose connections, if it has two, are reported on one by one. */
export class BackupNotices {
  private readonly whole = new OutputNotices();
  private readonly ofRole = { primary: new OutputNotices(), backup: new OutputNotices() };
  private used: OutputConnection['role'] = 'primary';

  /** What is new in the output's changed status. */
  of(status: OutputStatus, nowMs: number): OutputNotice[] {
    const { backup } = status;
    if (backup?.mode === 'at-once') {
      return backup.connections.flatMap((connection) => this.ofConnection(connection, nowMs));
    }
    const news = [this.whole.of(status, nowMs)].filter((notice) => notice !== undefined);
    const used = backup?.connections.find(({ state }) => state === 'live')?.role ?? this.used;
    if (used === this.used) return news;
    this.used = used;
    const message =
      used === 'backup'
        ? 'the stream goes to the backup address now'
        : 'the stream goes to the primary address again';
    return [...news, { severity: 'info', message }];
  }

  private ofConnection({ role, state, error }: OutputConnection, nowMs: number): OutputNotice[] {
    if (state === 'standby') return [];
    const news = this.ofRole[role].of({ state, ...(error === undefined ? {} : { error }) }, nowMs);
    return news === undefined ? [] : [{ ...news, message: `${role}: ${news.message}` }];
  }
}
