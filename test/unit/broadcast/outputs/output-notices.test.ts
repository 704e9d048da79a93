import assert from 'node:assert/strict';
import { OutputNotices } from '../../../../src/core/broadcast/outputs/output-notices.js';
import { BulkheadError, ErrorCodes } from '../../../../src/protocol/errors.js';
import { NO_OUTPUT_STATISTICS } from '../../../../src/protocol/output-statistics.js';
import type { OutputState } from '../../../../src/protocol/status/output-connections.js';

describe('the notices about an output', () => {
  let news: OutputNotices;
  let nowMs: number;

  beforeEach(() => {
    news = new OutputNotices();
    nowMs = 1000;
  });

  /** What is told of this state, `afterMs` after the one before. */
  function change(state: OutputState, reason?: string, afterMs = 100): string | undefined {
    nowMs += afterMs;
    const error =
      reason === undefined ? {} : { error: new BulkheadError(ErrorCodes.outputClosed, reason).toData() };
    const status = {
      id: 'main',
      url: '',
      sessions: 0,
      bytesSent: 0,
      droppedFrames: 0,
      queueMs: 0,
      ...NO_OUTPUT_STATISTICS,
    };
    const notice = news.of({ ...status, state, ...error }, nowMs);
    return notice && `${notice.severity}: ${notice.message}`;
  }

  it('are none if nothing fails', () => {
    assert.deepEqual(
      [change('connecting'), change('live'), change('live'), change('stopped')],
      Array(4).fill(undefined),
    );
  });

  it('report each reason once, and that it is live again', () => {
    change('live');
    assert.equal(change('reconnecting', 'closed', 60_000), 'warning: closed');
    assert.equal(change('reconnecting', 'nothing listens'), 'warning: nothing listens');
    for (let n = 0; n < 5; n++) {
      assert.equal(change('reconnecting', 'closed', 1000), undefined);
      assert.equal(change('reconnecting', 'nothing listens', 1000), undefined);
    }
    assert.equal(change('live', undefined, 400), 'info: live again after 11 s');
    assert.equal(change('reconnecting', 'closed', 6000), 'warning: closed');
    assert.equal(change('live', undefined, 300), 'info: live again after 0.3 s');
    assert.equal(change('reconnecting', 'closed', 6000), 'warning: closed');
    assert.equal(change('live', undefined, 600_000), 'info: live again after 10 min');
  });

  it('report dropped frames at most once a minute, and when that is over', () => {
    change('live');
    assert.equal(change('live', 'slow', 1000), 'warning: slow');
    assert.equal(change('live', undefined, 20_000), 'info: no frames are being lost any more');
    assert.equal(change('live', 'slow', 20_000), undefined);
    assert.equal(change('live', undefined, 10_000), undefined);
    assert.equal(change('live', 'slow', 10_000), 'warning: slow');
    assert.equal(change('reconnecting', 'closed', 1000), 'warning: closed');
    assert.equal(change('live', undefined, 2000), 'info: live again after 2.0 s');
  });

  it('report that it is live if it was not at first', () => {
    change('connecting');
    change('connecting', 'in use');
    assert.equal(change('live'), 'info: live now');
  });

  it('are not repeated for a server that always accepts and closes', () => {
    change('live');
    change('reconnecting', 'closed', 10_000);
    change('live');
    for (let n = 0; n < 10; n++) {
      assert.equal(change('reconnecting', 'closed', 4999), undefined);
      assert.equal(change('live'), undefined);
    }
    assert.equal(change('reconnecting', 'refused'), 'warning: refused');
    assert.match(change('live') ?? '', /live again/);
  });

  it('are limited to a number of reasons per outage', () => {
    const told = Array.from({ length: 100 }, (_, n) => change('connecting', `reason ${n}`));
    assert.equal(told.filter((one) => one !== undefined).length, 8);
  });
});
