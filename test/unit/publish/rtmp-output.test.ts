import assert from 'node:assert/strict';
import { DisposableStore } from '../../../src/base/disposable-store.js';
import type { MediaSession } from '../../../src/core/publish/media-session.js';
import { NoAnswerError } from '../../../src/core/publish/published-output.js';
import type { Refusals } from '../../../src/core/publish/rtmp/refusals.js';
import { RtmpOutput } from '../../../src/core/publish/rtmp/rtmp-output.js';
import type { RtmpTarget } from '../../../src/core/publish/rtmp/rtmp-target.js';
import { BulkheadError, type ErrorCode, ErrorCodes } from '../../../src/protocol/errors.js';
import { FakeClock } from '../../support/fake-clock.js';
import { FakeSession } from './fake-session.js';
import { startingPoint, tag } from './tags.js';

/** One try of the output to get a session, which the test lets succeed or fail. */
interface Try {
  readonly target: RtmpTarget;
  readonly atMs: number;
  accept(): FakeSession;
  refuse(code: ErrorCode, message?: string): void;
}

describe('RtmpOutput, with the sessions that a test makes', () => {
  let clock: FakeClock;
  let tries: Try[];
  let output: RtmpOutput;
  const outputs = new DisposableStore();
  /** State and sessions, with the error's code, after each change. */
  let history: string[];

  function makeOutput(url = 'rtmp://host/live/key', openSession = open): void {
    outputs.clear();
    output = outputs.add(new RtmpOutput({ id: 'main', url }, startingPoint, openSession));
    history = [];
    output.onDidChange(() => {
      const { state, sessions, error } = output.status();
      history.push(`${state} ${sessions}${error === undefined ? '' : ` ${error.code}`}`);
    });
  }

  const open = (target: RtmpTarget, refusals: Refusals, signal: AbortSignal): Promise<MediaSession> =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(refusals.from(signal.reason, 'connecting')));
      tries.push({
        target,
        atMs: performance.now(),
        accept: () => {
          const session = new FakeSession();
          resolve(session);
          return session;
        },
        refuse: (code, message = code) => reject(new BulkheadError(code, message)),
      });
    });

  beforeEach(() => {
    clock = new FakeClock();
    tries = [];
    makeOutput();
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

  /** Accepts the latest try, and waits until it is live. */
  async function goLive(): Promise<FakeSession> {
    const session = last().accept();
    await clock.pass(900, 50);
    assert.equal(output.status().state, 'live');
    return session;
  }

  it('is live with its first session, and counts what was sent over all of them', async () => {
    output.start();
    output.start();
    const first = await goLive();
    assert.equal(tries.length, 1);
    output.push(tag('interframe', 33));
    assert.equal(first.sent.at(-1), 'interframe 33');
    const { bytesSent } = output.status();
    first.serverCloses();
    await clock.settle();
    assert.deepEqual([output.status().state, output.status().bytesSent], ['reconnecting', bytesSent]);
    const second = await goLive();
    assert.equal(output.status().bytesSent, bytesSent + second.bytesTaken);
    assert.deepEqual(history, ['connecting 0', 'live 1', 'reconnecting 1 output.closed', 'live 2']);
  });

  it('takes further tracks, their headers too, only if it is set to', async () => {
    const extra = (kind: 'extra-video-header' | 'extra-keyframe') => ({
      ...tag('audio', 70),
      kind,
      track: 1,
    });
    for (const multitrack of [true, false, undefined]) {
      outputs.clear();
      const start = () => [...startingPoint(), extra('extra-video-header')];
      output = outputs.add(
        new RtmpOutput({ id: 'main', url: 'rtmp://host/live/key', multitrack }, start, open),
      );
      output.start();
      const session = await goLive();
      assert.equal(last().target.multitrack, multitrack === true);
      output.push(extra('extra-keyframe'));
      const taken = session.sent.filter((what) => what.startsWith('extra'));
      assert.deepEqual(taken, multitrack ? ['extra-video-header 70', 'extra-keyframe 70'] : []);
    }
  });

  it('keeps nothing that is pushed before its first session', async () => {
    output.start();
    output.push(tag('interframe', 33));
    const session = await goLive();
    assert.ok(!session.sent.includes('interframe 33'));
    assert.equal(output.status().queueMs, 0);
  });

  it('goes on after a lost session with what was pushed while there was none', async () => {
    output.start();
    const first = await goLive();
    output.push(tag('interframe', 33));
    first.serverCloses();
    await clock.settle();
    for (const next of [tag('audio', 40), tag('interframe', 66), tag('keyframe', 100)]) output.push(next);
    last().refuse(ErrorCodes.outputUnreachable);
    await clock.pass(10_000, 100);
    output.push(tag('interframe', 10_000));
    const second = await goLive();
    output.push(tag('interframe', 10_033));
    assert.deepEqual(second.sent, [
      ...['metadata 0', 'video-header 33', 'audio-header 3', 'keyframe 34', 'interframe 35', 'audio 40'],
      ...['interframe 66', 'keyframe 100', 'interframe 10000', 'interframe 10033'],
    ]);
    assert.equal(output.status().droppedFrames, 0);
  });

  it('sends what the server has not acknowledged again, at its own time', async () => {
    output.start();
    const first = await goLive();
    output.push(tag('interframe', 33));
    first.receivedBytes = first.bytesTaken;
    await clock.pass(500, 50);
    for (const next of [tag('audio', 40), tag('interframe', 66), tag('audio', 70)]) output.push(next);
    first.serverCloses();
    await clock.settle();
    const second = await goLive();
    assert.deepEqual(second.sent.slice(3), [
      'keyframe 34',
      'interframe 35',
      'audio 40',
      'interframe 66',
      'audio 70',
    ]);
  });

  it('begins with what is live then after a long outage, and where it is set to', async () => {
    for (const [catchUpSeconds, outageMs] of [
      [undefined, 61_000],
      [0, 1000],
    ] as const) {
      outputs.clear();
      const settings = { id: 'main', url: 'rtmp://host/live/key', catchUpSeconds };
      output = outputs.add(new RtmpOutput(settings, startingPoint, open));
      output.start();
      (await goLive()).serverCloses();
      await clock.settle();
      output.push(tag('interframe', 33));
      for (let ms = 0; ms < outageMs; ms += 1000) {
        last().refuse(ErrorCodes.outputUnreachable);
        await clock.pass(1000, 100);
      }
      output.push(tag('keyframe', 61_000));
      last().refuse(ErrorCodes.outputUnreachable);
      for (const { length } = tries; tries.length === length; ) await clock.pass(100);
      const second = await goLive();
      assert.ok(!second.sent.some((sent) => /interframe|61000/.test(sent)), second.sent.join());
    }
  });

  it('tries again soon where the server may hold the session that was lost', async () => {
    output.start();
    (await goLive()).serverCloses();
    await clock.settle();
    for (let n = 0; n < 20; n++) {
      last().refuse(ErrorCodes.outputKeyInUse);
      await clock.pass(500, 50);
    }
    assert.ok(tries.length >= 20, `${tries.length} tries in 10 s`);
  });

  it('fails permanently if it is refused before it has ever been live', async () => {
    output.start();
    last().refuse(ErrorCodes.outputRefused);
    await clock.pass(60_000, 1000);
    assert.deepEqual([tries.length, history], [1, ['connecting 0', 'failed 0 output.refused']]);
  });

  it('keeps trying after a refusal once it has been live', async () => {
    output.start();
    (await goLive()).serverCloses(ErrorCodes.outputRefused);
    await clock.settle();
    last().refuse(ErrorCodes.outputAuthFailed);
    await clock.pass(1000, 100);
    assert.equal(tries.length, 3);
    assert.equal(output.status().state, 'reconnecting');
    await goLive();
    assert.equal(output.status().error, undefined);
  });

  it('aborts an attempt without an answer, and reports that once', async () => {
    output.start();
    await clock.pass(60_000, 500);
    assert.ok(tries.length >= 4 && tries.length <= 6, `${tries.length} tries`);
    assert.deepEqual(history, ['connecting 0', 'connecting 0 output.unreachable']);
  });

  it('retries immediately, then with growing delays, and immediately again after a lasting session', async () => {
    output.start();
    await goLive().then((session) => session.serverCloses());
    for (let n = 0; n < 8; n++) {
      await clock.pass(20_000, 50);
      last().refuse(ErrorCodes.outputUnreachable);
      await clock.settle();
    }
    await clock.pass(20_000, 50);
    const session = await goLive();
    session.bytesTaken = 10_000;
    await clock.pass(5000, 100);
    const before = tries.length;
    session.serverCloses();
    await clock.settle();
    assert.equal(tries.length, before + 1);
  });

  it('waits longer before it sends to a server that has closed at once', async () => {
    output.start();
    const session = last().accept();
    await clock.pass(100, 10);
    session.serverCloses();
    await clock.settle();
    const second = last().accept();
    await clock.pass(250, 10);
    assert.deepEqual([second.sent, history.at(-1)], [[], 'connecting 0 output.closed']);
    await clock.pass(100, 10);
    assert.deepEqual(second.sent, ['metadata 0', 'video-header 0', 'audio-header 3', 'keyframe 1']);
  });

  it('is sent to another server, and comes back to its own when that one is lost', async () => {
    output.start();
    const session = await goLive();
    session.reconnectRequest = { tcUrl: '//other:1936/app', atMs: performance.now() };
    output.push(tag('keyframe', 33));
    await clock.pass(200, 10);
    assert.deepEqual([last().target.host, last().target.port, last().target.app], ['other', 1936, 'app']);
    assert.equal(last().target.streamKey, 'key');
    assert.deepEqual(history.slice(-1), ['reconnecting 1']);
    (await goLive()).serverCloses();
    await clock.pass(500, 10);
    assert.equal(last().target.host, 'host');
  });

  for (const [what, tcUrl] of [
    ['in plain text', 'rtmp://other/app'],
    ['that is no address', 'http://other/app'],
    ['of thousands of characters', `rtmps://${'x'.repeat(5000)}/app`],
    ['that is not named', undefined],
  ] as const) {
    it(`stays with its own server where it is sent to one ${what}`, async () => {
      makeOutput('rtmps://host/live/key');
      output.start();
      const session = await goLive();
      session.reconnectRequest = { tcUrl, atMs: performance.now() };
      output.push(tag('keyframe', 33));
      await clock.pass(500, 10);
      assert.equal(tries.length, 2);
      assert.deepEqual([last().target.host, last().target.secure], ['host', true]);
    });
  }

  it('does not follow redirects in circles', async () => {
    output.start();
    for (let n = 0; n < 600; n++) {
      if (tries.length > 0 && last().atMs > performance.now() - 100) {
        const session = last().accept();
        session.reconnectRequest = { tcUrl: `rtmp://host${n}/app`, atMs: 0 };
        await clock.pass(60, 10);
        output.push(tag('keyframe', n * 100));
      }
      await clock.pass(100, 50);
    }
    assert.ok(tries.length < 40, `${tries.length} tries in a minute`);
  });

  it('is live with an error while too little is taken of it', async () => {
    output.start();
    const session = await goLive();
    session.room = 0;
    for (let n = 1; n <= 150; n++) {
      output.push(tag(n % 10 === 0 ? 'keyframe' : 'interframe', n * 100));
      await clock.pass(100);
    }
    assert.deepEqual([output.status().state, output.status().error?.code], ['live', 'output.slow']);
    assert.match(output.status().error?.remedy ?? '', /video\.bitrateKbps/);
    session.drain(Number.POSITIVE_INFINITY);
    await clock.pass(12_000);
    assert.deepEqual(history, ['connecting 0', 'live 1', 'live 1 output.slow', 'live 1']);
  });

  it('stops in order, once, and takes nothing more', async () => {
    output.start();
    const session = await goLive();
    const stopped = [output.stop(5000), output.stop(1)];
    output.push(tag('interframe', 33));
    await Promise.all(stopped);
    assert.deepEqual(session.calls, ['endStream', 'dispose']);
    assert.ok(!session.sent.includes('interframe 33'));
    await clock.pass(30_000, 1000);
    assert.deepEqual([tries.length, history.at(-1)], [1, 'stopped 1']);
  });

  it('stops at once while it connects, and while it waits for its next try', async () => {
    output.start();
    await output.stop(60_000);
    assert.equal(output.status().state, 'stopped');

    makeOutput();
    output.start();
    for (let n = 0; n < 3; n++) {
      last().refuse(ErrorCodes.outputUnreachable);
      await clock.settle();
    }
    const { length } = tries;
    await output.stop(60_000);
    await clock.pass(30_000, 1000);
    assert.deepEqual([tries.length, output.status().state], [length, 'stopped']);
  });

  it('disposes of a session that is opened after its end', async () => {
    let late: ((session: MediaSession) => void) | undefined;
    makeOutput(undefined, () => {
      return new Promise((resolve) => {
        late = resolve;
      });
    });
    output.start();
    const stopped = output.stop(1000);
    const session = new FakeSession();
    late?.(session);
    await stopped;
    assert.deepEqual(session.calls, ['dispose']);
  });

  it('never rejects, whatever a session is opened with', async () => {
    makeOutput(undefined, () => Promise.reject(new NoAnswerError()));
    output.start();
    await clock.settle();
    assert.equal(output.status().error?.code, ErrorCodes.outputUnreachable);
    assert.match(output.status().error?.message ?? '', /^host:1935 did not respond$/);
  });
});
