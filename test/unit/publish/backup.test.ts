import assert from 'node:assert/strict';
import { DisposableStore } from '../../../src/base/disposable-store.js';
import { BackupDestination } from '../../../src/core/publish/backup/backup-destination.js';
import { TwinOutput } from '../../../src/core/publish/backup/twin-output.js';
import type { MediaSession } from '../../../src/core/publish/media-session.js';
import type { Output } from '../../../src/core/publish/output.js';
import { PublishedOutput } from '../../../src/core/publish/published-output.js';
import type { Refusals } from '../../../src/core/publish/rtmp/refusals.js';
import { RtmpDestination, RtmpOutput } from '../../../src/core/publish/rtmp/rtmp-output.js';
import type { RtmpTarget } from '../../../src/core/publish/rtmp/rtmp-target.js';
import { BulkheadError, type ErrorCode, ErrorCodes } from '../../../src/protocol/errors.js';
import { FakeClock } from '../../support/fake-clock.js';
import { FakeSession } from './fake-session.js';
import { startingPoint, tag } from './tags.js';

type Role = 'primary' | 'backup';
interface Try {
  readonly role: Role;
  readonly atMs: number;
  accept(): FakeSession;
  refuse(code: ErrorCode): void;
}

describe('an output with a backup address', () => {
  let clock: FakeClock;
  let tries: Try[];
  /** Whether each server answers a question. */
  let answering: Record<Role, boolean>;
  const outputs = new DisposableStore();

  const open = (target: RtmpTarget, refusals: Refusals, signal: AbortSignal): Promise<MediaSession> =>
    new Promise((resolve, reject) => {
      const role = target.host as Role;
      signal.addEventListener('abort', () => reject(refusals.from(signal.reason, 'connecting')));
      tries.push({
        role,
        atMs: performance.now(),
        accept: () => {
          const session = new FakeSession();
          resolve(session);
          return session;
        },
        refuse: (code) => reject(new BulkheadError(code, `refused by the ${role}`)),
      });
    });

  const settings = (role: Role) => ({ id: 'main', url: `rtmp://${role}/live/key` });

  beforeEach(() => {
    clock = new FakeClock();
    tries = [];
    answering = { primary: true, backup: true };
  });

  afterEach(async () => {
    outputs.clear();
    await clock.pass(3000);
    assert.equal(clock.pending, 0, 'a timer is left');
    clock.restore();
  });

  function last(): Try {
    const found = tries.at(-1);
    assert.ok(found);
    return found;
  }

  const state = (output: Output) => {
    const { state: whole, backup } = output.status();
    return [whole, ...(backup?.connections.map((one) => `${one.role} ${one.state}`) ?? [])].join(', ');
  };

  describe('on failure', () => {
    let output: PublishedOutput;

    function destination(role: Role): RtmpDestination {
      const made = new RtmpDestination(settings(role), open);
      return Object.assign(made, { answers: async () => answering[role] });
    }

    beforeEach(() => {
      const both = new BackupDestination(destination('primary'), destination('backup'));
      output = outputs.add(new PublishedOutput('main', both, startingPoint));
      output.start();
    });

    async function goLive(): Promise<FakeSession> {
      const session = last().accept();
      await clock.pass(900, 50);
      assert.equal(output.status().state, 'live');
      // As much as ends an outage.
      session.bytesTaken += 5000;
      return session;
    }

    /** Lets what is tried fail until the role is tried, for 30 s at most. */
    async function failUntil(role: Role, code: ErrorCode = ErrorCodes.outputUnreachable): Promise<void> {
      for (let count = 0; last().role !== role && count < 300; count++) {
        last().refuse(code);
        await clock.pass(100);
      }
      assert.equal(last().role, role);
    }

    /** Passes the time until the role is tried. */
    async function passUntil(role: Role, mostMs: number): Promise<void> {
      for (let passedMs = 0; last().role !== role && passedMs < mostMs; passedMs += 250)
        await clock.pass(250);
      assert.equal(last().role, role);
    }

    it('tries the primary alone for some seconds, then the backup, and never has both', async () => {
      const primary = await goLive();
      await clock.pass(6000);
      assert.equal(state(output), 'live, primary live, backup standby');
      const lostAtMs = performance.now();
      primary.serverCloses();
      await clock.pass(100);
      await failUntil('backup');
      const triedAfter = last().atMs - lostAtMs;
      assert.ok(triedAfter >= 5000 && triedAfter < 8000, String(triedAfter));
      assert.ok(tries.filter(({ role }) => role === 'primary').length > 3);
      await goLive();
      assert.equal(state(output), 'live, primary standby, backup live');
      assert.equal(output.status().backup?.connections[0]?.error?.code, ErrorCodes.outputUnreachable);
    });

    it('does not leave the primary for a short outage', async () => {
      const primary = await goLive();
      await clock.pass(6000);
      primary.serverCloses();
      await clock.pass(1500);
      for (let count = 0; count < 3; count++) {
        last().refuse(ErrorCodes.outputUnreachable);
        await clock.pass(1000);
      }
      assert.equal(last().role, 'primary');
      await goLive();
      assert.deepEqual(new Set(tries.map(({ role }) => role)), new Set(['primary']));
    });

    it('sends the backup what the primary has not acknowledged, and what came meanwhile', async () => {
      const primary = await goLive();
      await clock.pass(6000);
      primary.acknowledged = true;
      primary.receivedBytes = primary.bytesTaken;
      await clock.pass(500);
      output.push(tag('keyframe', 7000));
      output.push(tag('interframe', 7033));
      await clock.pass(500);
      primary.serverCloses();
      await clock.pass(100);
      output.push(tag('interframe', 7066));
      await failUntil('backup');
      output.push(tag('keyframe', 9000));
      const backup = await goLive();
      output.push(tag('interframe', 9033));
      assert.deepEqual(
        backup.sent.filter((sent) => sent.includes('frame')),
        ['keyframe 7000', 'interframe 7033', 'interframe 7066', 'keyframe 9000', 'interframe 9033'],
      );
    });

    it('goes to the backup at once from a primary that stands still while the backup answers', async () => {
      const primary = await goLive();
      primary.answers = false;
      primary.stalled = 3000;
      await clock.pass(500);
      assert.deepEqual(
        primary.calls.filter((call) => call.startsWith('fail')),
        [],
      );
      primary.stalled = 7000;
      await clock.pass(2500);
      assert.ok(primary.calls.includes('fail output.stalled'), primary.calls.join());
      await clock.pass(500);
      assert.equal(last().role, 'backup');
    });

    it('waits for a network that is interrupted for both', async () => {
      const primary = await goLive();
      answering.backup = false;
      primary.answers = false;
      primary.stalled = 30_000;
      await clock.pass(5000);
      assert.equal(tries.length, 1);
      assert.ok(!primary.calls.some((call) => call.startsWith('fail')));
    });

    it('goes back when the primary has answered for a minute, and keeps what comes meanwhile', async () => {
      const primary = await goLive();
      primary.serverCloses();
      await clock.pass(100);
      answering.primary = false;
      await failUntil('backup');
      const backup = await goLive();
      await clock.pass(120_000, 500);
      assert.equal(last().role, 'backup', 'the primary does not answer');
      answering.primary = true;
      await clock.pass(40_000, 500);
      assert.equal(last().role, 'backup', 'it has not answered for long');
      backup.acknowledged = true;
      output.push(tag('keyframe', 200_000));
      backup.receivedBytes = backup.bytesTaken;
      backup.closes = false;
      for (let count = 0; !backup.calls.includes('close') && count < 400; count++) await clock.pass(100);
      assert.equal(last().role, 'backup', 'closed before the other one is opened');
      output.push(tag('keyframe', 201_000));
      await passUntil('primary', 3000);
      assert.ok(!backup.calls.includes('endStream'), 'the stream goes on');
      output.push(tag('keyframe', 202_000));
      const again = await goLive();
      assert.deepEqual(again.sent.filter((sent) => sent.startsWith('keyframe')).slice(-2), [
        'keyframe 201000',
        'keyframe 202000',
      ]);
      assert.equal(state(output), 'live, primary live, backup standby');
    });

    it('leaves a primary at once that answers and does not take the stream, and tries it more seldom', async () => {
      (await goLive()).serverCloses();
      await clock.pass(100);
      await failUntil('backup');
      await goLive();
      await passUntil('primary', 80_000);
      last().refuse(ErrorCodes.outputKeyInUse);
      await clock.pass(1500);
      assert.equal(last().role, 'backup');
      await goLive();
      await clock.pass(100_000, 250);
      assert.equal(last().role, 'backup');
      await passUntil('primary', 40_000);
    });

    it('tries both in turn while neither works', async () => {
      (await goLive()).serverCloses();
      await clock.pass(100);
      await failUntil('backup');
      const from = tries.length;
      for (let count = 0; count < 200; count++) {
        last().refuse(ErrorCodes.outputUnreachable);
        await clock.pass(500);
      }
      const later = tries.slice(from).map(({ role }) => role);
      assert.ok(later.length > 8);
      assert.ok(
        later.every((role, index) => index === 0 || role !== later[index - 1]),
        later.join(),
      );
    });

    it('starts at the backup if the primary refuses, and fails only if both do', async () => {
      last().refuse(ErrorCodes.outputRefused);
      await clock.pass(500);
      assert.equal(last().role, 'backup');
      assert.equal(output.status().state, 'connecting');
      last().refuse(ErrorCodes.outputRefused);
      await clock.pass(500);
      assert.equal(output.status().state, 'failed');
    });

    it('ends the stream of the connection in use', async () => {
      const primary = await goLive();
      await output.stop(100);
      assert.ok(primary.calls.includes('endStream'));
      assert.equal(output.status().state, 'stopped');
    });
  });

  describe('at once', () => {
    let output: TwinOutput;

    beforeEach(() => {
      const [primary, backup] = (['primary', 'backup'] as const).map(
        (role) => new RtmpOutput(settings(role), startingPoint, open),
      );
      assert.ok(primary && backup);
      output = outputs.add(new TwinOutput('main', primary, backup));
      output.start();
    });

    const tryOf = (role: Role) => {
      const found = tries.findLast((one) => one.role === role);
      assert.ok(found);
      return found;
    };

    it('sends both the same with the same timestamps', async () => {
      const both = [tryOf('primary').accept(), tryOf('backup').accept()] as const;
      await clock.pass(900, 50);
      for (const [kind, atMs] of [
        ['interframe', 33],
        ['audio', 40],
        ['keyframe', 2000],
      ] as const) {
        output.push(tag(kind, atMs));
      }
      assert.ok(both[0].sent.includes('keyframe 2000'));
      assert.deepEqual(both[0].sent, both[1].sent);
      assert.equal(state(output), 'live, primary live, backup live');
      const { sessions: count, framesSent, bytesSent } = output.status();
      assert.deepEqual([count, framesSent, bytesSent], [1, 3, both[0].bytesTaken + both[1].bytesTaken]);
    });

    for (const [working, failing] of [
      ['primary', 'backup'],
      ['backup', 'primary'],
    ] as const) {
      it(`is live with the ${working} alone, while the ${failing} is refused`, async () => {
        tryOf(failing).refuse(ErrorCodes.outputRefused);
        tryOf(working).accept();
        await clock.pass(900, 50);
        const { state: whole, error, backup } = output.status();
        assert.deepEqual([whole, error], ['live', undefined]);
        const other = backup?.connections.find(({ role }) => role === failing);
        assert.deepEqual([other?.state, other?.error?.code], ['failed', ErrorCodes.outputRefused]);
      });
    }

    it('fails when both have failed', async () => {
      tryOf('primary').refuse(ErrorCodes.outputRefused);
      await clock.pass(100);
      assert.equal(output.status().state, 'connecting');
      tryOf('backup').refuse(ErrorCodes.outputTls);
      await clock.pass(100);
      assert.equal(output.status().state, 'failed');
      assert.equal(output.status().error?.code, ErrorCodes.outputRefused);
    });

    it('does not count a reconnect while the other one is live', async () => {
      const primary = tryOf('primary').accept();
      tryOf('backup').accept();
      await clock.pass(900, 50);
      primary.serverCloses();
      await clock.pass(500);
      assert.equal(state(output), 'live, primary reconnecting, backup live');
      tryOf('primary').accept();
      await clock.pass(900, 50);
      assert.equal(state(output), 'live, primary live, backup live');
      assert.equal(output.status().sessions, 1);
      assert.equal(output.status().backup?.connections[0]?.sessions, 2);
    });

    it('reports the connection that is worse off to an adaptive bitrate', async () => {
      const primary = tryOf('primary').accept();
      const backup = tryOf('backup').accept();
      await clock.pass(900, 50);
      primary.stalled = 40;
      backup.room = 0;
      backup.stalled = 300;
      output.push(tag('interframe', 33));
      await clock.pass(200);
      assert.equal(output.flow()?.stalledMs, 300);
    });

    it('ends both', async () => {
      const both = [tryOf('primary').accept(), tryOf('backup').accept()];
      await clock.pass(900, 50);
      await output.stop(100);
      for (const session of both) assert.ok(session.calls.includes('endStream'));
      assert.equal(state(output), 'stopped, primary stopped, backup stopped');
    });
  });
});
