import assert from 'node:assert/strict';
import type { MediaSocket } from '../../../src/core/media-sockets/media-sockets.js';
import { InProcessLauncher } from '../../../src/core/processes/in-process-launcher.js';
import { RecorderStub, type RecorderTask } from '../../../src/core/stubs/recorder-stub.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import {
  RecorderFailedNotification,
  type RecorderStartParams,
  RecorderStartRequest,
  RecorderWroteNotification,
} from '../../../src/protocol/recorder.js';
import type { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import { MemoryMediaSockets } from '../../support/memory-media-sockets.js';
import { SILENT_LOG } from '../../support/silent-log.js';
import { eventually } from '../../support/wait.js';

const FILE = { id: 'one', folder: '/rec', name: 'show', format: 'mkv', keepFreeBytes: 0 } as const;

describe('RecorderStub', () => {
  let stub: RecorderStub;
  let sockets: MemoryMediaSockets;
  let instances: { connection: RpcConnection; exit(code: number): void }[];
  let started: RecorderStartParams[];
  let answer: () => null;
  let events: string[];
  let resume: RecorderStartParams['resume'];
  let socket: MediaSocket | undefined;

  const task: RecorderTask = {
    resume: () => resume,
    onStart: (opened) => {
      socket = opened;
      events.push('start');
    },
    onWrote: ({ through }) => events.push(`wrote ${through}`),
    onFailed: ({ error }) => events.push(`failed ${error.code}`),
    onRepaired: () => events.push('repaired'),
    onRefused: ({ message }) => {
      events.push(`refused: ${message}`);
      resume = undefined;
      return true;
    },
    onLost: () => events.push('lost'),
  };

  beforeEach(() => {
    sockets = new MemoryMediaSockets();
    [instances, started, events] = [[], [], []];
    resume = undefined;
    answer = () => null;
    const launcher = new InProcessLauncher({
      role: 'recorder',
      initializeResult: { capabilities: {} },
      activate: ({ connection, exit }) => {
        instances.push({ connection, exit });
        connection.onRequest(RecorderStartRequest.type, (params) => {
          started.push(params);
          const answered = answer();
          sockets.connect(params.media);
          return answered;
        });
        return { dispose: () => {} };
      },
    });
    stub = new RecorderStub({ recorder: launcher }, { logLevel: 'info' }, sockets, SILENT_LOG);
  });

  afterEach(async () => {
    await stub.stop();
    stub.dispose();
  });

  const seen = (event: string) => eventually(event, () => (events.includes(event) ? true : undefined));

  it('hands a process a socket, and passes on what it reports', async () => {
    stub.start(task);
    await seen('start');
    assert.ok(socket);
    const { connection } = instances[0] ?? assert.fail('no process');
    connection.sendNotification(RecorderWroteNotification.type, { through: 7, files: [] });
    const error = new BulkheadError(ErrorCodes.recordingDiskFull, 'full').toData();
    connection.sendNotification(RecorderFailedNotification.type, { error, files: [] });
    await seen('failed recording.diskFull');
    assert.deepEqual(events, ['start', 'wrote 7', 'failed recording.diskFull']);
  });

  it('gives the next process what is to be gone on with', async () => {
    stub.start(task);
    await seen('start');
    resume = { file: FILE, part: 1, path: '/rec/show.mkv' };
    instances[0]?.exit(1);
    await eventually('another one', () => started[1]);
    assert.deepEqual(
      started.map((params) => params.resume),
      [undefined, resume],
    );
    await eventually('it starts', () =>
      events.filter((event) => event === 'start').length === 2 ? true : undefined,
    );
    assert.deepEqual(events, ['start', 'lost', 'start']);
    assert.equal(stub.restarts, 1);
  });

  it('asks what to do with a file that a process cannot go on with', async () => {
    resume = { file: FILE, part: 1, path: '/rec/show.mkv' };
    answer = () => {
      answer = () => null;
      throw new BulkheadError(ErrorCodes.recordingFailed, 'it is gone');
    };
    stub.start(task);
    await seen('start');
    assert.deepEqual(events, ['refused: it is gone', 'start']);
    assert.equal(started[1]?.resume, undefined);
  });

  it('takes nothing from a process that is not at work any more, and passes nothing on once it is stopped', async () => {
    stub.start(task);
    await seen('start');
    await stub.stop();
    assert.deepEqual(events, ['start']);
    assert.equal(stub.pid, 0);
  });

  it('refuses reports that are not valid', async () => {
    stub.start(task);
    await seen('start');
    const { connection } = instances[0] ?? assert.fail('no process');
    connection.sendNotification(RecorderWroteNotification.type, { through: -1, files: [] });
    connection.sendNotification(RecorderWroteNotification.type, { through: 1, files: [] });
    await seen('wrote 1');
    assert.deepEqual(events, ['start', 'wrote 1']);
  });
});
