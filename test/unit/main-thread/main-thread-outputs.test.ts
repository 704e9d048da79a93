import assert from 'node:assert/strict';
import { NotificationType } from 'vscode-jsonrpc/node';
import { Emitter } from '../../../src/base/event.js';
import { MainThreadOutputs } from '../../../src/core/main-thread/main-thread-outputs.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { NO_OUTPUT_STATISTICS } from '../../../src/protocol/output-statistics.js';
import { OutputsChangedNotification } from '../../../src/protocol/plugin-outputs.js';
import type { OutputStatus } from '../../../src/protocol/status/output-status.js';
import { installedPlugin } from '../plugins/installed-plugin.js';
import { FakeHost } from './fake-host.js';

const MAY = {
  permissions: ['outputs'],
  granted: ['outputs'],
} as const;
const OUTPUT: OutputStatus = {
  ...{
    id: 'a',
    url: 'rtmp://a/app/***',
    state: 'live',
    sessions: 1,
    bytesSent: 5,
    droppedFrames: 0,
    queueMs: 0,
  },
  ...NO_OUTPUT_STATISTICS,
};

describe('outputs, as plugins see and change them', () => {
  let changed: Emitter<void>;
  let statuses: OutputStatus[];
  let done: string[];
  let host: FakeHost;
  let told: unknown[];
  const plugins = [installedPlugin('may', MAY), installedPlugin('revoked', { ...MAY, granted: [] })];

  beforeEach(() => {
    changed = new Emitter();
    statuses = [OUTPUT];
    done = [];
    told = [];
    const step = (what: string) => async (params: { readonly id: string }) => {
      if (params.id === 'none')
        throw new BulkheadError(ErrorCodes.outputNotFound, 'there is no output "none"');
      done.push(`${what} ${params.id}`);
      return OUTPUT;
    };
    const outputs = {
      ...{ statuses: () => statuses, onDidChange: changed.event, start: step('start'), stop: step('stop') },
    };
    host = new FakeHost(new MainThreadOutputs(outputs), plugins, (connection) => {
      const type = new NotificationType<unknown>(OutputsChangedNotification.method);
      connection.onNotification(type, (params) => void told.push(params));
    });
  });

  afterEach(() => {
    host.dispose();
    changed.dispose();
  });

  const ask = (method: string, params: object = {}, plugin = 'may') =>
    host.request(`outputs/${method}`, { plugin, ...params });

  it('are listed without addresses', async () => {
    const error = { code: 'output.slow', message: 'too slow', remedy: 'x' } as const;
    statuses = [{ ...OUTPUT, ackDelayMs: 12, error: error as never }];
    assert.deepEqual(await ask('list'), [
      {
        ...{ id: 'a', state: 'live', bytesSent: 5, queueMs: 0, ackDelayMs: 12, error: 'too slow' },
        ...NO_OUTPUT_STATISTICS,
      },
    ]);
  });

  it('are started and stopped, and errors are passed on', async () => {
    await ask('stop', { id: 'a' });
    await ask('start', { id: 'a' });
    assert.deepEqual(done, ['stop a', 'start a']);
    await assert.rejects(ask('stop', { id: 'none' }), { code: ErrorCodes.outputNotFound });
    await assert.rejects(ask('stop', { id: '' }), /expected/);
  });

  it('need the permission', async () => {
    for (const method of ['list', 'follow'])
      await assert.rejects(ask(method, {}, 'revoked'), { code: ErrorCodes.permissionDenied });
    await assert.rejects(ask('stop', { id: 'a' }, 'revoked'), /may not see where the broadcast goes/);
    assert.deepEqual(done, []);
  });

  it('tell of changes of their state alone, once a plugin follows', async () => {
    changed.fire();
    assert.deepEqual(await ask('follow'), [{ id: 'a', state: 'live' }]);
    statuses = [{ ...OUTPUT, bytesSent: 100 }];
    changed.fire();
    statuses = [{ ...OUTPUT, state: 'reconnecting' }];
    changed.fire();
    changed.fire();
    statuses = [];
    changed.fire();
    await ask('list');
    assert.deepEqual(told, [{ outputs: [{ id: 'a', state: 'reconnecting' }] }, { outputs: [] }]);
  });

  it('are asked for no more often than others can bear', async () => {
    const asked = await Promise.allSettled(Array.from({ length: 40 }, () => ask('list')));
    const refused = asked.filter(({ status }) => status === 'rejected');
    assert.ok(refused.length >= 10, `${refused.length} were refused`);
  });
});
