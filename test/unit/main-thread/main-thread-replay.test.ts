import assert from 'node:assert/strict';
import { NotificationType } from 'vscode-jsonrpc/node';
import { Emitter } from '../../../src/base/event.js';
import { MainThreadReplay } from '../../../src/core/main-thread/main-thread-replay.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { ReplaySavedNotification } from '../../../src/protocol/plugin-replay.js';
import type { ReplayStatus, SavedReplay } from '../../../src/protocol/replay.js';
import { installedPlugin } from '../plugins/installed-plugin.js';
import { FakeHost } from './fake-host.js';

const MAY = { permissions: ['replay'], granted: ['replay'] } as const;
const STATUS: ReplayStatus = {
  ...{ state: 'buffering', seconds: 30, heldMs: 4000, heldBytes: 9, saved: 0, pid: 7, restarts: 1 },
};
const SAVED: SavedReplay = { path: '/v/replay.mkv', files: 1, durationMs: 3000, bytes: 12 };
const SHOWN = { path: '/v/replay.mkv', durationMs: 3000, bytes: 12 };

describe('replays, as plugins see and save them', () => {
  let saved: Emitter<SavedReplay>;
  let status: ReplayStatus | undefined;
  let done: unknown[];
  let host: FakeHost;
  let heard: unknown[];
  const plugins = [installedPlugin('may', MAY), installedPlugin('revoked', { ...MAY, granted: [] })];

  beforeEach(() => {
    saved = new Emitter();
    status = STATUS;
    done = [];
    heard = [];
    const noted = async (what: string, params?: unknown) => {
      done.push(params === undefined ? what : [what, params]);
      return STATUS;
    };
    const view = {
      onDidSave: saved.event,
      status: () => status,
      replay: async () => status ?? null,
      startReplay: (params: unknown) => noted('start', params),
      stopReplay: () => noted('stop'),
      saveReplay: async (params: unknown) => {
        await noted('save', params);
        return SAVED;
      },
    };
    host = new FakeHost(new MainThreadReplay(view), plugins, (connection) => {
      const type = new NotificationType<unknown>(ReplaySavedNotification.method);
      connection.onNotification(type, (params) => void heard.push(params));
    });
  });

  afterEach(() => {
    host.dispose();
    saved.dispose();
  });

  const ask = (method: string, params: object = {}, plugin = 'may') =>
    host.request(`replays/${method}`, { plugin, ...params });

  it('are shown, as far as that concerns plugins', async () => {
    assert.deepEqual(await ask('status'), { state: 'buffering', seconds: 30, heldMs: 4000, saved: 0 });
    const error = new BulkheadError(ErrorCodes.replayFailed, 'the disk is full').toData();
    status = { ...STATUS, file: '/v/a.mkv', error };
    assert.deepEqual(await ask('status'), {
      ...{ state: 'buffering', seconds: 30, heldMs: 4000, saved: 0 },
      ...{ file: '/v/a.mkv', error: 'the disk is full' },
    });
    status = undefined;
    assert.equal(await ask('status'), null);
  });

  it('are saved, and the buffer is turned on and off', async () => {
    assert.deepEqual(await ask('save', { seconds: 5, name: 'goal {n}' }), SHOWN);
    await ask('start', { seconds: 60 });
    await ask('stop');
    assert.deepEqual(done, [['save', { seconds: 5, name: 'goal {n}' }], ['start', { seconds: 60 }], 'stop']);
  });

  it('refuse names that leave their folder, and seconds that there are not', async () => {
    await assert.rejects(ask('save', { name: '../../etc/x' }));
    await assert.rejects(ask('save', { seconds: -1 }));
    await assert.rejects(ask('start', { seconds: 1e9 }));
    assert.deepEqual(done, []);
  });

  it('need the permission', async () => {
    for (const method of ['status', 'save', 'start', 'stop', 'follow'])
      await assert.rejects(ask(method, {}, 'revoked'), { code: ErrorCodes.permissionDenied });
    assert.deepEqual(done, []);
  });

  it('report each that is complete, once a plugin follows', async () => {
    saved.fire(SAVED);
    await ask('follow');
    saved.fire(SAVED);
    await ask('status');
    assert.deepEqual(heard, [SHOWN]);
  });
});
