import assert from 'node:assert/strict';
import { BackupNotices } from '../../../../src/core/broadcast/outputs/backup-notices.js';
import { BulkheadError, ErrorCodes } from '../../../../src/protocol/errors.js';
import { NO_OUTPUT_STATISTICS } from '../../../../src/protocol/output-statistics.js';
import type { OutputBackup, OutputConnection } from '../../../../src/protocol/status/output-connections.js';
import type { OutputStatus } from '../../../../src/protocol/status/output-status.js';

type State = OutputConnection['state'];

describe('the notices about an output with a backup', () => {
  let news: BackupNotices;
  let nowMs: number;

  beforeEach(() => {
    news = new BackupNotices();
    nowMs = 1000;
  });

  function change(
    mode: OutputBackup['mode'],
    state: OutputStatus['state'],
    [primary, backup]: readonly [State, State],
    reasons: Partial<Record<OutputConnection['role'], string>> = {},
  ): string[] {
    nowMs += 10_000;
    const error = (reason: string | undefined) =>
      reason === undefined ? {} : { error: new BulkheadError(ErrorCodes.outputClosed, reason).toData() };
    const status: OutputStatus = {
      ...{ id: 'main', url: '', sessions: 0, bytesSent: 0, droppedFrames: 0, queueMs: 0, state },
      ...NO_OUTPUT_STATISTICS,
      ...(mode === 'on-failure' ? error(reasons.primary) : {}),
      backup: {
        mode,
        connections: [
          { role: 'primary', url: '', sessions: 0, state: primary, ...error(reasons.primary) },
          { role: 'backup', url: '', sessions: 0, state: backup, ...error(reasons.backup) },
        ],
      },
    };
    return news.of(status, nowMs).map(({ severity, message }) => `${severity}: ${message}`);
  }

  it('say of both connections at once what becomes of each', () => {
    assert.deepEqual(change('at-once', 'live', ['live', 'connecting'], { backup: 'closed' }), [
      'warning: backup: closed',
    ]);
    assert.deepEqual(change('at-once', 'live', ['live', 'live']), ['info: backup: live now']);
    assert.deepEqual(change('at-once', 'live', ['reconnecting', 'live'], { primary: 'lost' }), [
      'warning: primary: lost',
    ]);
    assert.deepEqual(change('at-once', 'live', ['live', 'live']), ['info: primary: live again after 10 s']);
  });

  it('say that the stream goes to the backup, and that it is back', () => {
    assert.deepEqual(change('on-failure', 'live', ['live', 'standby']), []);
    assert.deepEqual(change('on-failure', 'reconnecting', ['reconnecting', 'standby'], { primary: 'lost' }), [
      'warning: lost',
    ]);
    assert.deepEqual(change('on-failure', 'live', ['standby', 'live']), [
      'info: live again after 10 s',
      'info: the stream goes to the backup address now',
    ]);
    assert.deepEqual(change('on-failure', 'live', ['live', 'standby']), [
      'info: the stream goes to the primary address again',
    ]);
  });
});
