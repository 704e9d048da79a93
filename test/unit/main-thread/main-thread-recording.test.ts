import assert from 'node:assert/strict';
import { NotificationType } from 'vscode-jsonrpc/node';
import { Emitter } from '../../../src/base/event.js';
import { MainThreadRecording } from '../../../src/core/main-thread/main-thread-recording.js';
import { ErrorCodes } from '../../../src/protocol/errors.js';
import { RecordingChangedNotification } from '../../../src/protocol/plugin-recording.js';
import type { RecordingStatus } from '../../../src/protocol/recording.js';
import { installedPlugin } from '../plugins/installed-plugin.js';
import { FakeHost } from './fake-host.js';

const MAY = {
  permissions: ['recording'],
  granted: ['recording'],
} as const;
const STATUS: RecordingStatus = {
  ...{ state: 'recording', file: '/v/a.mkv', format: 'mkv', files: 1, recordedMs: 1000, writtenBytes: 9 },
  ...{ unwrittenMs: 200, lostMs: 0, pid: 7, restarts: 0 },
};
const SHOWN = {
  ...{ state: 'recording', file: '/v/a.mkv', format: 'mkv', files: 1, recordedMs: 1000, writtenBytes: 9 },
  lostMs: 0,
};

describe('recordings, as plugins see and change them', () => {
  let changed: Emitter<void>;
  let status: RecordingStatus | undefined;
  let done: unknown[];
  let host: FakeHost;
  let told: unknown[];
  const plugins = [installedPlugin('may', MAY), installedPlugin('revoked', { ...MAY, granted: [] })];

  beforeEach(() => {
    changed = new Emitter();
    status = STATUS;
    done = [];
    told = [];
    const step =
      (what: string) =>
      async (params?: unknown): Promise<RecordingStatus> => {
        done.push(params === undefined ? what : [what, params]);
        return STATUS;
      };
    const view = {
      ...{ onDidChange: changed.event, status: () => status, recording: async () => status ?? null },
      ...{ startRecording: step('start'), stopRecording: step('stop'), pauseRecording: step('pause') },
      ...{ resumeRecording: step('resume'), splitRecording: step('split'), addChapter: step('chapter') },
    };
    host = new FakeHost(new MainThreadRecording(view), plugins, (connection) => {
      const type = new NotificationType<unknown>(RecordingChangedNotification.method);
      connection.onNotification(type, (params) => void told.push(params));
    });
  });

  afterEach(() => {
    host.dispose();
    changed.dispose();
  });

  const ask = (method: string, params: object = {}, plugin = 'may') =>
    host.request(`recordings/${method}`, { plugin, ...params });

  it('are shown, as far as that concerns plugins', async () => {
    assert.deepEqual(await ask('status'), SHOWN);
    status = undefined;
    assert.equal(await ask('status'), null);
  });

  it('are begun, changed and given chapters', async () => {
    await ask('start', { format: 'mkv', name: '{date}' });
    for (const step of ['pause', 'resume', 'split', 'stop']) await ask('change', { step });
    await ask('chapter', { title: ' The\ngoal ' });
    assert.deepEqual(done, [
      ['start', { format: 'mkv', name: '{date}' }],
      ...['pause', 'resume', 'split', 'stop'],
      ['chapter', { title: 'The goal' }],
    ]);
  });

  it('refuse names that leave their folder, and steps that there are not', async () => {
    await assert.rejects(ask('start', { name: '../../etc/x' }));
    await assert.rejects(ask('start', { format: 'avi' }));
    await assert.rejects(ask('change', { step: 'delete' }));
    await assert.rejects(ask('chapter', { title: '' }));
    assert.deepEqual(done, []);
  });

  it('need the permission', async () => {
    for (const method of ['status', 'start', 'follow'])
      await assert.rejects(ask(method, {}, 'revoked'), { code: ErrorCodes.permissionDenied });
  });

  it('tell of their state, files and errors alone, once a plugin follows', async () => {
    await ask('follow');
    changed.fire();
    status = { ...STATUS, writtenBytes: 1000, recordedMs: 5000 };
    changed.fire();
    status = { ...STATUS, file: '/v/b.mkv', files: 2 };
    changed.fire();
    await ask('status');
    assert.deepEqual(told, [{ ...SHOWN, file: '/v/b.mkv', files: 2 }]);
  });
});
