import assert from 'node:assert/strict';
import { Emitter } from '../../../src/base/event.js';
import { StatusFeed } from '../../../src/core/control/status-feed.js';
import { StatusRevisions } from '../../../src/core/show/status-revisions.js';
import { Notices } from '../../../src/core/streamer/notices.js';
import type { BroadcastState, Status } from '../../../src/protocol/status/status.js';
import type { StatusChangedParams } from '../../../src/protocol/status-changes.js';
import { FakeClock } from '../../support/fake-clock.js';
import { IDLE_STATUS } from '../../support/idle-status.js';

const { revision: _, ...IDLE } = IDLE_STATUS;

class Client {
  readonly received: StatusChangedParams[] = [];
  queuedBytes = 0;
  takes = true;

  readonly sendNotification = (_type: unknown, params?: unknown): boolean => {
    if (this.takes) this.received.push(params as StatusChangedParams);
    return this.takes;
  };

  /** The sections of each message. */
  get sections(): string[][] {
    return this.received.map(({ changes }) => Object.keys(changes));
  }
}

describe('the feed of the status', () => {
  let clock: FakeClock;
  let status: Omit<Status, 'revision'>;
  let looks: number;
  /** How long one takes. */
  let lookMs: number;
  const state = new Emitter<BroadcastState>();
  let notices: Notices;
  let feed: StatusFeed;

  beforeEach(() => {
    clock = new FakeClock();
    status = IDLE;
    looks = 0;
    lookMs = 0;
    notices = new Notices();
    const revisions = new StatusRevisions();
    const show = {
      status: () => {
        looks += 1;
        if (lookMs > 0) clock.tick(lookMs);
        return revisions.number(status);
      },
      changesSince: revisions.changesSince.bind(revisions),
      onDidChangeState: state.event,
    };
    feed = new StatusFeed(show, notices);
  });

  afterEach(() => {
    feed.dispose();
    notices.dispose();
    assert.equal(clock.pending, 0, 'a timer is left');
    clock.restore();
  });

  it('sends a change of state in the turn in which it happens, once for all that changes', async () => {
    const client = new Client();
    const { status: snapshot } = feed.subscribe(client, Infinity);
    status = { ...status, state: 'starting' };
    state.fire('starting');
    status = { ...status, state: 'live' };
    state.fire('live');
    notices.notice({ severity: 'info', source: 'a', message: 'b' });
    await clock.pass(1);
    const { revision } = snapshot;
    assert.deepEqual(client.received, [
      { previous: revision, revision: revision + 1, changes: { state: 'live' } },
    ]);
  });

  it('finds what no event announces', async () => {
    const client = new Client();
    feed.subscribe(client, Infinity);
    status = { ...status, encoder: { ...status.encoder, restarts: 1 } };
    await clock.pass(250);
    status = { ...status, encoder: { ...status.encoder, fps: 30 } };
    await clock.pass(1000);
    assert.deepEqual(client.sections, [['encoder']]);
  });

  it('sends meters as often as they are asked for, under the same revision', async () => {
    const [seldom, often] = [new Client(), new Client()];
    feed.subscribe(seldom, 2000);
    feed.subscribe(often, 400);
    await clock.pass(4100);
    assert.equal(seldom.received.length, 2);
    assert.equal(often.received.length, 10);
    for (const { previous, revision } of often.received) assert.equal(previous, revision);
    assert.ok(
      often.sections.every((sections) => sections.includes('uptimeMs') && !sections.includes('markers')),
    );
  });

  it('sends null for a section that is gone', async () => {
    status = { ...status, error: { code: 'internal', message: 'x' } };
    const client = new Client();
    feed.subscribe(client, Infinity);
    status = IDLE;
    await clock.pass(250);
    assert.deepEqual(client.received[0]?.changes, { error: null });
  });

  it('lets a client that does not read wait, and sends it the newest state alone afterwards', async () => {
    const [slow, full] = [new Client(), new Client()];
    const { status: snapshot } = feed.subscribe(slow, Infinity);
    feed.subscribe(full, Infinity);
    slow.queuedBytes = 1_000_000;
    full.takes = false;
    for (const next of ['starting', 'live', 'reconnecting', 'live'] as const) {
      status = { ...status, state: next };
      state.fire(next);
      await clock.pass(500);
    }
    assert.deepEqual([slow.received, full.received], [[], []]);
    slow.queuedBytes = 0;
    full.takes = true;
    await clock.pass(200);
    for (const { received } of [slow, full]) {
      assert.deepEqual([received.length, received[0]?.previous], [1, snapshot.revision]);
      assert.equal(received[0]?.changes.state, 'live');
      assert.equal(received[0]?.revision, snapshot.revision + 4);
    }
  });

  it('looks less often while that takes long, but at once at what is announced', async () => {
    const client = new Client();
    feed.subscribe(client, Infinity);
    lookMs = 3;
    looks = 0;
    await clock.pass(4000);
    assert.ok(looks >= 8 && looks <= 12, `${looks} looks`);
    await clock.pass(10);
    looks = 0;
    state.fire('live');
    await clock.pass(1);
    assert.equal(looks, 1);
  });

  it('looks at the status only while there are subscribers', async () => {
    const client = new Client();
    const { subscription } = feed.subscribe(client, 100);
    subscription.dispose();
    const before = looks;
    state.fire('live');
    await clock.pass(2000);
    assert.equal(looks, before);
  });
});
