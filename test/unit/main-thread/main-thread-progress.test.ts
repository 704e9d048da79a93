import assert from 'node:assert/strict';
import { MainThreadProgress } from '../../../src/core/main-thread/main-thread-progress.js';
import { ProgressList } from '../../../src/core/streamer/progress-list.js';
import {
  CancelProgressNotification,
  PluginProgressNotification,
} from '../../../src/protocol/plugin-progress.js';
import { FakeClock } from '../../support/fake-clock.js';
import { installedPlugin } from '../plugins/installed-plugin.js';
import { FakeHost } from './fake-host.js';

describe("a host's progress", () => {
  let clock: FakeClock;
  let host: FakeHost;
  let list: ProgressList;
  let refused: number;

  beforeEach(() => {
    clock = new FakeClock();
    list = new ProgressList();
    refused = 0;
    host = new FakeHost(new MainThreadProgress(list), [installedPlugin('p'), installedPlugin('q')]);
    host.core.onDidFailHandler(() => refused++);
  });

  afterEach(() => {
    host.dispose();
    clock.restore();
  });

  const tell = (value: unknown, token: unknown = '1', plugin = 'p') =>
    host.notify(PluginProgressNotification.method, { plugin, token, value });
  /** The progress shown once all messages sent before have been handled. */
  const shown = async () => {
    await clock.settle();
    return list.list().map(({ atMs: _, ...rest }) => rest);
  };

  it('is shown from its beginning to its end, and can be cancelled', async () => {
    const cancelled: unknown[] = [];
    host.connection.onNotification(CancelProgressNotification.type, ({ token }) => cancelled.push(token));
    tell({ kind: 'begin', title: 'Up\nload', cancellable: true, percentage: 0 });
    tell({ kind: 'report', message: 'half\u0007way', percentage: 5000 });
    tell({ kind: 'report' });
    tell({ kind: 'end' }, '1', 'q');
    assert.deepEqual(await shown(), [
      { id: 1, plugin: 'p', title: 'Up load', cancellable: true, percentage: 100, message: 'half way' },
    ]);
    list.cancel(1);
    await clock.settle();
    assert.deepEqual(cancelled, ['1']);

    tell({ kind: 'end' });
    tell({ kind: 'report', message: 'after the end' });
    assert.deepEqual(await shown(), []);
  });

  it('is limited to ten at once, and removed with the host', async () => {
    for (let i = 0; i < 50; i++) tell({ kind: 'begin', title: 'x' }, `t${i}`);
    assert.equal((await shown()).length, 10);
    tell({ kind: 'end' }, 't0');
    assert.equal((await shown()).length, 9);
    host.served.dispose();
    assert.deepEqual(list.list(), []);
  });

  it('is dropped if there is too much', async () => {
    tell({ kind: 'begin', title: 'x' });
    for (let i = 0; i < 5000; i++) tell({ kind: 'report', percentage: i / 100 });
    // Of the burst of 500 the first is the beginning: the last one shown is the 499th report.
    assert.equal((await shown())[0]?.percentage, 4.98);
  });

  it('is refused if it is invalid', async () => {
    const wrong = [
      undefined,
      'begin',
      {},
      { kind: 'begin' },
      { kind: 'begin', title: ' ' },
      { kind: 'begin', title: 'x', cancellable: 'yes' },
      { kind: 'begin', title: 'x', percentage: 'half' },
      { kind: 'start', title: 'x' },
    ];
    for (const value of wrong) tell(value);
    tell({ kind: 'begin', title: 'x' }, 5);
    tell({ kind: 'begin', title: 'x' }, '1', 'somebody else');
    assert.deepEqual(await shown(), []);
    assert.equal(refused, wrong.length + 2);
  });
});
