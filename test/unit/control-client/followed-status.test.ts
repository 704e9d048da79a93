import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Emitter } from '../../../src/base/event.js';
import { ControlClient } from '../../../src/control-client/control-client.js';
import { FollowedStatus } from '../../../src/control-client/followed-status.js';
import { StatusFeed } from '../../../src/core/control/status-feed.js';
import { StatusRevisions } from '../../../src/core/show/status-revisions.js';
import { Notices } from '../../../src/core/streamer/notices.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import type { BroadcastState, Status } from '../../../src/protocol/status/status.js';
import {
  StatusChangedNotification,
  type StatusChangedParams,
  SubscribeRequest,
} from '../../../src/protocol/status-changes.js';
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';
import { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import { FakeClock } from '../../support/fake-clock.js';
import { IDLE_STATUS } from '../../support/idle-status.js';

const { revision: _, ...IDLE } = IDLE_STATUS;
type Sections = Omit<Status, 'revision'>;

/** A core's end of a connection; the tests say what it answers and sends. */
class CoreEnd {
  readonly client: ControlClient;
  readonly connection: RpcConnection;
  subscribe: () => Status = () => IDLE_STATUS;
  subscriptions = 0;

  constructor() {
    const [near, far] = createInMemoryPair();
    this.connection = new RpcConnection(near, { peer: 'client' });
    this.connection.onRequest(SubscribeRequest.type, () => {
      this.subscriptions += 1;
      return this.subscribe();
    });
    this.connection.listen();
    this.client = new ControlClient(far);
  }

  send(params: StatusChangedParams): void {
    this.connection.sendNotification(StatusChangedNotification.type, params);
  }

  dispose(): void {
    this.client.dispose();
    this.connection.dispose();
  }
}

describe('FollowedStatus', () => {
  let clock: FakeClock;
  let core: CoreEnd;
  let followed: FollowedStatus;
  let seen: unknown[];

  beforeEach(() => {
    clock = new FakeClock();
    core = new CoreEnd();
    followed = new FollowedStatus();
    seen = [];
    followed.onDidChange(({ revision, state }) => seen.push([revision, state]));
    followed.onDidBecomeStale(() => seen.push('stale'));
  });

  afterEach(async () => {
    followed.dispose();
    core.dispose();
    await clock.pass(1100);
    assert.equal(clock.pending, 0, 'a timer is left');
    clock.restore();
  });

  it('has a snapshot, then what changes', async () => {
    assert.deepEqual([followed.status, followed.isStale], [undefined, true]);
    await followed.follow(core.client);
    core.send({ previous: 1, revision: 2, changes: { state: 'live' } });
    await clock.settle();
    assert.deepEqual(seen, [
      [1, 'idle'],
      [2, 'live'],
    ]);
    assert.equal(followed.isStale, false);
  });

  it('is stale from a missed change to the next snapshot', async () => {
    await followed.follow(core.client);
    core.subscribe = () => ({ ...IDLE_STATUS, revision: 9, state: 'live' });
    core.send({ previous: 3, revision: 4, changes: { state: 'starting' } });
    core.send({ previous: 4, revision: 5, changes: { state: 'stopping' } });
    await clock.settle();
    assert.deepEqual(seen, [[1, 'idle'], 'stale', [9, 'live']]);
    assert.deepEqual([core.subscriptions, followed.isStale], [2, false]);
  });

  it('asks with the next change for a snapshot that failed, and is stale until it has one', async () => {
    await followed.follow(core.client);
    core.subscribe = () => {
      throw new BulkheadError(ErrorCodes.rpcBusy, 'not now');
    };
    core.send({ previous: 3, revision: 4, changes: {} });
    await clock.settle();
    assert.deepEqual([core.subscriptions, followed.isStale], [2, true]);
    core.subscribe = () => ({ ...IDLE_STATUS, revision: 5 });
    core.send({ previous: 4, revision: 5, changes: {} });
    await clock.settle();
    assert.deepEqual([core.subscriptions, followed.isStale, followed.status?.revision], [3, false, 5]);
  });

  it('keeps what it knew as stale when the core is lost, and goes on with the next core', async () => {
    await followed.follow(core.client);
    core.connection.dispose();
    await clock.settle();
    assert.deepEqual([followed.isStale, followed.status], [true, IDLE_STATUS]);
    const next = new CoreEnd();
    next.subscribe = () => ({ ...IDLE_STATUS, state: 'live' });
    await followed.follow(next.client);
    assert.deepEqual(seen, [[1, 'idle'], 'stale', [1, 'live']]);
    core.client.dispose();
    assert.equal(followed.isStale, false);
    next.dispose();
  });

  type Step =
    | { readonly do: 'set'; readonly change: Partial<Sections> }
    | { readonly do: 'remove' | 'announce' }
    | { readonly do: 'join' | 'lose' | 'stall' | 'read'; readonly client: number };
  const small = fc.nat(2);
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({
      do: fc.constant('set' as const),
      change: fc.oneof(
        fc.record({ state: fc.constantFrom('idle' as const, 'live' as const, 'stopping' as const) }),
        fc.record({ uptimeMs: small }),
        small.map((n) => ({
          input: { name: `${n}`, state: 'waiting' as const, missingMs: n, loops: false },
        })),
        small.map((n) => ({ error: { code: 'internal' as const, message: `${n}` } })),
        small.map((n) => ({ markers: [{ id: n, label: 'a', timestampMs: n, atMs: n }] })),
      ),
    }),
    fc.record({ do: fc.constantFrom('remove' as const, 'announce' as const) }),
    fc.record({
      do: fc.constantFrom('join' as const, 'lose' as const, 'stall' as const, 'read' as const),
      client: small,
    }),
  );

  it('comes to the status of the core, whatever changes, joins late, reads late or is lost', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        let sections: Sections = IDLE;
        const revisions = new StatusRevisions();
        const stateEmitter = new Emitter<BroadcastState>();
        const notices = new Notices();
        const show = {
          status: () => revisions.number(structuredClone(sections)),
          changesSince: revisions.changesSince.bind(revisions),
          onDidChangeState: stateEmitter.event,
        };
        const feed = new StatusFeed(show, notices);
        const clients = [0, 1, 2].map(() => {
          const end = new CoreEnd();
          const sender = {
            queuedBytes: 0,
            loses: false,
            sendNotification: (_type: unknown, params?: unknown) => {
              if (!sender.loses) end.send(params as StatusChangedParams);
              return true;
            },
          };
          let subscription: { dispose(): void } | undefined;
          end.subscribe = () => {
            subscription?.dispose();
            const begun = feed.subscribe(sender, Infinity);
            subscription = begun.subscription;
            return begun.status;
          };
          return { end, sender, followed: new FollowedStatus(), joined: false };
        });
        try {
          for (const one of steps) {
            const client = 'client' in one ? clients[one.client] : undefined;
            if (one.do === 'set') sections = { ...sections, ...one.change };
            else if (one.do === 'remove') {
              const { input: _input, error: _error, ...rest } = sections;
              sections = rest;
            } else if (one.do === 'announce') stateEmitter.fire(sections.state);
            else if (client === undefined) continue;
            else if (one.do === 'join') {
              client.joined = true;
              await client.followed.follow(client.end.client);
            } else if (one.do === 'lose') client.sender.loses = true;
            else if (one.do === 'stall') client.sender.queuedBytes = 1e6;
            else {
              client.sender.loses = false;
              client.sender.queuedBytes = 0;
            }
            clock.tick(40);
            await clock.settle();
          }
          for (const { sender } of clients) {
            sender.loses = false;
            sender.queuedBytes = 0;
          }
          // A change with a section that has meters brings those as well; a gap shows with the next change.
          const { error: _lastError, ...rest } = sections;
          for (const next of [{ ...rest, error: { code: 'internal' as const, message: 'x' } }, rest]) {
            const name = 'error' in next ? 'last but one' : 'last';
            sections = { ...next, input: { name, state: 'lost', missingMs: 1, loops: false } };
            clock.tick(100);
            await clock.settle();
          }
          const { uptimeMs: _expectedUptime, ...expected } = show.status();
          for (const { followed: copy, joined } of clients) {
            if (!joined) continue;
            const { uptimeMs: _uptime, ...status } = copy.status ?? show.status();
            assert.deepEqual([copy.isStale, status], [false, expected]);
          }
        } finally {
          for (const { end, followed: copy } of clients) {
            copy.dispose();
            end.dispose();
          }
          feed.dispose();
          notices.dispose();
          stateEmitter.dispose();
        }
      }),
      { numRuns: 60 },
    );
  });
});
