import assert from 'node:assert/strict';
import fc from 'fast-check';
import { StatusRevisions } from '../../../src/core/show/status-revisions.js';
import { NO_OUTPUT_STATISTICS } from '../../../src/protocol/output-statistics.js';
import type { OutputStatus } from '../../../src/protocol/status/output-status.js';
import type { Status } from '../../../src/protocol/status/status.js';
import { applyChanges } from '../../../src/protocol/status-changes.js';
import { IDLE_STATUS } from '../../support/idle-status.js';

type Unnumbered = Omit<Status, 'revision'>;

const { revision: _, ...IDLE } = IDLE_STATUS;
const OUTPUT: OutputStatus = {
  ...{ id: 'a', url: 'rtmp://a/b/***', sessions: 1, bytesSent: 1, droppedFrames: 0, queueMs: 0 },
  ...NO_OUTPUT_STATISTICS,
  state: 'live',
};
const INPUT = { name: 'a.mp4', state: 'delivering', missingMs: 0, loops: true } as const;

/** What changes between one status and the next: state, meters, or a section that comes and goes. */
const change = fc.oneof(
  fc.constantFrom('idle', 'live', 'reconnecting').map((state) => ({ state }) as const),
  fc.nat(5).map((uptimeMs) => ({ uptimeMs })),
  fc.nat(3).map((rssBytes) => ({ core: { ...IDLE.core, rssBytes } })),
  fc.nat(3).map((restarts) => ({ encoder: { ...IDLE.encoder, restarts } })),
  fc.nat(3).map((fps) => ({ encoder: { ...IDLE.encoder, fps } })),
  fc.nat(2).map((sessions) => ({ outputs: [{ ...OUTPUT, sessions }] })),
  fc.nat(2).map((bytesSent) => ({ outputs: [{ ...OUTPUT, bytesSent }] })),
  fc.option(fc.constant(INPUT), { nil: undefined }).map((input) => ({ input })),
);

/** Without the keys that are undefined, as JSON carries it. */
const sent = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

describe('the revisions of the status', () => {
  it('grow with what is no meter, and only with that', () => {
    const revisions = new StatusRevisions();
    const first = revisions.number(IDLE).revision;
    assert.equal(revisions.number({ ...IDLE, uptimeMs: 5 }).revision, first);
    assert.equal(revisions.number({ ...IDLE, core: { ...IDLE.core, rssBytes: 7 } }).revision, first);
    assert.equal(revisions.number({ ...IDLE, outputs: [OUTPUT] }).revision, first + 1);
    assert.equal(revisions.number({ ...IDLE, outputs: [{ ...OUTPUT, bytesSent: 9 }] }).revision, first + 1);
    assert.equal(revisions.number({ ...IDLE, outputs: [] }).revision, first + 2);
  });

  it('count two sections that change at once as one change', () => {
    const revisions = new StatusRevisions();
    const first = revisions.number(IDLE).revision;
    assert.equal(revisions.number({ ...IDLE, state: 'live', input: INPUT }).revision, first + 1);
  });

  it('tell a client what changed since any earlier one, so that it ends up with the same status', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ change, reads: fc.boolean(), withMeters: fc.boolean() }), { maxLength: 40 }),
        (steps) => {
          const revisions = new StatusRevisions();
          let status: Unnumbered = IDLE;
          let held: Status = sent(revisions.number(status));
          for (const { change: next, reads, withMeters } of steps) {
            status = { ...status, ...next };
            const numbered = revisions.number(status);
            if (!reads) continue;
            const changes = revisions.changesSince(held.revision, numbered, withMeters);
            if (changes === undefined) {
              assert.equal(held.revision, numbered.revision);
              continue;
            }
            const applied = applyChanges(held, sent(changes));
            assert.ok(applied !== undefined);
            held = applied;
            assert.equal(held.revision, numbered.revision);
            if (withMeters) assert.deepEqual(held, sent(numbered));
          }
          const last = revisions.number(status);
          const changes = revisions.changesSince(held.revision, last, true);
          assert.ok(changes !== undefined);
          assert.deepEqual(applyChanges(held, sent(changes)), sent(last));
        },
      ),
    );
  });

  it('are not applied to a status of another revision', () => {
    const changes = { previous: IDLE_STATUS.revision + 1, revision: IDLE_STATUS.revision + 2, changes: {} };
    assert.equal(applyChanges(IDLE_STATUS, changes), undefined);
  });
});
