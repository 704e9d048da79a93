import assert from 'node:assert/strict';
import { InProcessLauncher } from '../../../src/core/processes/in-process-launcher.js';
import { LiveServerStub } from '../../../src/core/stubs/live-server-stub.js';
import { isKey } from '../../../src/live-server/stream-key.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import {
  type KeyHash,
  type LiveServerPorts,
  type LiveServerStartParams,
  LiveServerStartRequest,
  type LiveServerStartResult,
} from '../../../src/protocol/live-server.js';
import type { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import { FakeClock } from '../../support/fake-clock.js';
import { eventually } from '../../support/wait.js';

const ignore = (): void => {};
const SILENT = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };
const WANTED: LiveServerPorts = { rtmpPort: 1935, httpPort: 8000 };

/** As if the requested ports were in use, and the next ones free. */
function listening({ rtmpPort, httpPort }: LiveServerPorts): LiveServerStartResult {
  return {
    publishUrl: `rtmp://127.0.0.1:${rtmpPort + 1}/live/stream`,
    pageUrl: `http://127.0.0.1:${httpPort + 1}/`,
    playUrl: `http://127.0.0.1:${httpPort + 1}/live/stream.flv`,
    ingestUrl: `rtmp://127.0.0.1:${rtmpPort + 1}/ingest`,
    rtmpPort: rtmpPort + 1,
    httpPort: httpPort + 1,
  };
}

describe('LiveServerStub', () => {
  let stub: LiveServerStub;
  /** Each process' requested ports and addresses, in order. */
  let asked: LiveServerPorts[];
  /** The hash of the key given to each. */
  let keys: KeyHash[];
  let instances: { connection: RpcConnection; exit(code: number): void }[];
  let answer: (params: LiveServerStartParams) => LiveServerStartResult | Promise<LiveServerStartResult>;

  beforeEach(() => {
    asked = [];
    keys = [];
    instances = [];
    answer = listening;
    const launcher = new InProcessLauncher({
      role: 'live-server',
      initializeResult: { capabilities: {} },
      activate: ({ connection, exit }) => {
        instances.push({ connection, exit });
        connection.onRequest(LiveServerStartRequest.type, ({ publishKey, ingests, ...params }) => {
          asked.push(params);
          keys.push(publishKey);
          return answer({ ...params, publishKey, ingests });
        });
        return { dispose: ignore };
      },
    });
    stub = new LiveServerStub({ 'live-server': launcher }, { logLevel: 'info' }, SILENT);
  });

  afterEach(async () => {
    await stub.stop();
    stub.dispose();
  });

  it("has the live server's addresses only once it listens", async () => {
    assert.equal(stub.status, undefined);
    const { pageUrl, playUrl } = await stub.start(WANTED);
    assert.deepEqual(stub.status, { pid: process.pid, pageUrl, playUrl });
  });

  it('asks the next process for the ports that the first one got', async () => {
    const { pageUrl } = await stub.start(WANTED);
    answer = (params) => ({ ...listening(params), ...params, pageUrl });
    let changes = 0;
    stub.onDidChange(() => {
      changes += 1;
    });

    instances[0]?.exit(1);

    await eventually('the second process was asked', () => (asked.length > 1 ? true : undefined));
    assert.deepEqual(asked, [WANTED, { rtmpPort: 1936, httpPort: 8001 }]);
    assert.ok(changes > 0);
    assert.equal(stub.status?.pageUrl, pageUrl);
  });

  it('uses one view token for all processes if other machines can watch', async () => {
    const tokens: (KeyHash | undefined)[] = [];
    answer = (params) => {
      tokens.push(params.viewToken);
      return listening(params);
    };
    const moved = new Promise((resolve) => stub.onDidMove(resolve));
    const { pageUrl, playUrl } = await stub.start({ ...WANTED, host: '0.0.0.0' });
    instances[0]?.exit(1);
    await moved;
    const token = new URL(pageUrl).searchParams.get('token') ?? '';
    assert.equal(token.length, 22);
    assert.equal(new URL(playUrl).searchParams.get('token'), token);
    assert.equal(new URL(stub.status?.pageUrl ?? '').searchParams.get('token'), token);
    assert.deepEqual(
      tokens.map((hash) => hash !== undefined && isKey(hash, token)),
      [true, true],
    );
  });

  it('creates a key for each process, which gets only its hash', async () => {
    const keyOf = (url: string) => new URL(url).searchParams.get('key') ?? '';
    const urls: string[] = [];
    stub.onDidMove((url) => urls.push(url));
    urls.push((await stub.start(WANTED)).publishUrl);
    instances[0]?.exit(1);
    await eventually('it has moved', () => (urls.length > 1 ? true : undefined));
    assert.deepEqual(
      keys.map((key, process) => urls.map((url) => isKey(key, keyOf(url)) && process)),
      [
        [0, false],
        [false, 1],
      ],
    );
    assert.equal(new Set(keys.map(({ salt }) => salt)).size, 2);
    assert.doesNotMatch(JSON.stringify(stub.status), /key/);
  });

  it('reports where to publish when another process runs, and not before', async () => {
    const moves: string[] = [];
    stub.onDidMove((publishUrl) => moves.push(publishUrl));
    await stub.start(WANTED);
    assert.deepEqual(moves, []);

    instances[0]?.exit(1);

    await eventually('it has moved', () => (moves.length > 0 ? true : undefined));
    assert.match(moves.join(), /^rtmp:\/\/127\.0\.0\.1:1937\/live\/stream\?key=[\w-]{43}$/);
  });

  it('starts another process if one fails for a reason other than settings', async () => {
    let tries = 0;
    answer = (params) => {
      tries += 1;
      if (tries === 1) throw new Error('broken');
      return listening(params);
    };

    await stub.start(WANTED);

    assert.equal(instances.length, 2);
  });

  it('fails if no port is available', async () => {
    answer = () => {
      throw new BulkheadError(ErrorCodes.portInUse, 'none');
    };

    await assert.rejects(stub.start(WANTED), { code: ErrorCodes.portInUse });

    assert.equal(instances.length, 1);
    assert.equal(stub.status, undefined);
  });

  it('can be started again after it gave up and was stopped', async () => {
    answer = () => {
      throw new BulkheadError(ErrorCodes.portInUse, 'none');
    };
    await assert.rejects(stub.start(WANTED));
    await stub.stop();
    answer = listening;
    assert.equal((await stub.start(WANTED)).rtmpPort, 1936);
  });

  describe('on a fake clock', () => {
    let clock: FakeClock;

    beforeEach(() => {
      clock = new FakeClock();
    });

    afterEach(async () => {
      stub.dispose();
      await clock.pass(2000);
      assert.equal(clock.pending, 0, 'a timer is left');
      clock.restore();
    });

    /** State of a start: its result, its error, or neither yet. */
    function outcomeOf(start: Promise<LiveServerStartResult>): { said: string } {
      const outcome = { said: 'waits' };
      start.then(
        ({ rtmpPort }) => {
          outcome.said = `listens on ${rtmpPort}`;
        },
        (error: BulkheadError) => {
          outcome.said = `${error.code}: ${error.message}`;
        },
      );
      return outcome;
    }

    it('fails if a live server never listens, with a remedy', async () => {
      answer = () => new Promise(() => {});
      const started = outcomeOf(stub.start(WANTED));
      await clock.pass(14_900, 500);
      assert.equal(started.said, 'waits');
      await clock.pass(200);
      assert.match(started.said, /^process\.failed: .*did not come up within 15 s/);
      await clock.pass(60_000, 1000);
      assert.equal(stub.status, undefined);
    });

    it('configures the process once, however often it is started', async () => {
      const started = [
        outcomeOf(stub.start(WANTED)),
        outcomeOf(stub.start({ rtmpPort: 5000, httpPort: 6000 })),
      ];
      await clock.settle();
      assert.deepEqual(
        [started.map(({ said }) => said), asked],
        [Array(2).fill('listens on 1936'), [WANTED]],
      );
    });

    it('rejects a start that is stopped, and ignores its late answer', async () => {
      let late: ((result: LiveServerStartResult) => void) | undefined;
      answer = () =>
        new Promise((resolve) => {
          late = resolve;
        });
      const started = outcomeOf(stub.start(WANTED));
      await clock.settle();
      const stopped = stub.stop();
      late?.(listening(WANTED));
      await clock.pass(2000);
      await stopped;
      assert.match(started.said, /was stopped/);
      assert.equal(stub.status, undefined);
    });

    for (const [what, wrong] of [
      ['a port that is none', { ...listening(WANTED), rtmpPort: 0 }],
      ['an address of megabytes', { ...listening(WANTED), pageUrl: 'x'.repeat(2_000_000) }],
      ['nothing', null],
    ] as const) {
      it(`starts another process if one answers with ${what}`, async () => {
        let tries = 0;
        answer = (params) => {
          tries += 1;
          return tries === 1 ? (wrong as LiveServerStartResult) : listening(params);
        };
        const started = outcomeOf(stub.start(WANTED));
        await clock.pass(3000);
        assert.deepEqual([started.said, instances.length], ['listens on 1936', 2]);
      });
    }

    it('retries a port taken by another program, and reports that once', async () => {
      const lost: string[] = [];
      stub.onDidLoseAddress(({ message }) => lost.push(message));
      const started = outcomeOf(stub.start(WANTED));
      await clock.settle();
      assert.equal(started.said, 'listens on 1936');
      answer = () => {
        throw new BulkheadError(ErrorCodes.portInUse, 'taken');
      };
      instances.at(-1)?.exit(1);
      await clock.pass(20_000, 500);
      assert.ok(instances.length > 3, `${instances.length} processes`);
      assert.deepEqual(lost, ['taken']);
      answer = listening;
      await clock.pass(20_000, 500);
      const { length } = instances;
      await clock.pass(20_000, 500);
      assert.equal(instances.length, length, 'it stays');
    });

    it('is restarted without limit when it keeps crashing, with its page at the same address', async () => {
      const started = outcomeOf(stub.start(WANTED));
      await clock.settle();
      assert.equal(started.said, 'listens on 1936');
      answer = (params) => ({ ...listening(params), ...params, pageUrl: 'http://127.0.0.1:8001/' });
      for (let n = 0; n < 10; n++) {
        instances.at(-1)?.exit(1);
        await clock.pass(4000, 500);
        assert.equal(instances.length, n + 2);
      }
      assert.equal(stub.status?.pageUrl, 'http://127.0.0.1:8001/');
      assert.ok(asked.slice(1).every(({ rtmpPort }) => rtmpPort === 1936));
    });
  });
});
