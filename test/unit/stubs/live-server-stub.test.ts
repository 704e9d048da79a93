import assert from 'node:assert/strict';
import { InProcessLauncher } from '../../../src/core/processes/in-process-launcher.js';
import { LiveServerStub } from '../../../src/core/stubs/live-server-stub.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import {
  type LiveServerStartParams,
  LiveServerStartRequest,
  type LiveServerStartResult,
} from '../../../src/protocol/live-server.js';
import type { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import { eventually } from '../../support/wait.js';

const ignore = (): void => {};
const SILENT = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };
const WANTED: LiveServerStartParams = { rtmpPort: 1935, httpPort: 8000 };

/** As if the wanted ports were in use, and the next ones were not. */
function listening({ rtmpPort, httpPort }: LiveServerStartParams): LiveServerStartResult {
  return {
    publishUrl: `rtmp://127.0.0.1:${rtmpPort + 1}/live/stream`,
    pageUrl: `http://127.0.0.1:${httpPort + 1}/`,
    playUrl: `http://127.0.0.1:${httpPort + 1}/live/stream.flv`,
    rtmpPort: rtmpPort + 1,
    httpPort: httpPort + 1,
  };
}

describe('LiveServerStub', () => {
  let stub: LiveServerStub;
  /** What each process in turn was asked for, and how it is reached. */
  let asked: LiveServerStartParams[];
  let instances: { connection: RpcConnection; exit(code: number): void }[];
  let answer: (params: LiveServerStartParams) => LiveServerStartResult | Promise<LiveServerStartResult>;

  beforeEach(() => {
    asked = [];
    instances = [];
    answer = listening;
    const launcher = new InProcessLauncher({
      role: 'live-server',
      initializeResult: { capabilities: {} },
      activate: ({ connection, exit }) => {
        instances.push({ connection, exit });
        connection.onRequest(LiveServerStartRequest.type, (params) => {
          asked.push(params);
          return answer(params);
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

  it('says where the live server is, and nothing before that', async () => {
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

  it('says where to publish when another process had to take another port, and not before', async () => {
    const moves: string[] = [];
    stub.onDidMove((publishUrl) => moves.push(publishUrl));
    await stub.start(WANTED);
    assert.deepEqual(moves, []);

    instances[0]?.exit(1);

    await eventually('it has moved', () => (moves.length > 0 ? true : undefined));
    assert.deepEqual(moves, ['rtmp://127.0.0.1:1937/live/stream']);
  });

  it('tries another process when one fails to start for a reason of its own', async () => {
    let tries = 0;
    answer = (params) => {
      tries += 1;
      if (tries === 1) throw new Error('broken');
      return listening(params);
    };

    await stub.start(WANTED);

    assert.equal(instances.length, 2);
  });

  it('gives up when no port can be had', async () => {
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
});
