import assert from 'node:assert/strict';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { MainThreadWindow } from '../../../src/core/main-thread/main-thread-window.js';
import { Questions } from '../../../src/core/streamer/questions.js';
import type { NoticeParams } from '../../../src/protocol/control.js';
import {
  MessageType,
  PluginMessageNotification,
  PluginQuestionRequest,
} from '../../../src/protocol/plugin-window.js';
import { eventually } from '../../support/wait.js';
import { installedPlugin } from '../plugins/installed-plugin.js';
import { FakeHost } from './fake-host.js';

describe("a host's questions", () => {
  let host: FakeHost;
  let questions: Questions;
  let notices: Omit<NoticeParams, 'atMs'>[];

  beforeEach(() => {
    questions = new Questions();
    notices = [];
    const window = new MainThreadWindow({ notice: (notice) => notices.push(notice) }, questions);
    host = new FakeHost(window, [installedPlugin('p')]);
  });

  afterEach(() => {
    questions.dispose();
    host.dispose();
  });

  const question = (titles: readonly unknown[], more: object = {}) => ({
    plugin: 'p',
    type: MessageType.Warning,
    message: 'Lower it?',
    actions: titles.map((title) => ({ title })),
    ...more,
  });
  const ask = (params: unknown, token = new CancellationTokenSource().token) =>
    host.request(PluginQuestionRequest.method, params, token);
  const open = (count: number) =>
    eventually(`${count} questions`, () => questions.list().length === count || undefined);

  it('are shown on one line, and answered as the plugin wrote the answer', async () => {
    const answer = ask(question([' Yes\n', 'No']));
    await open(1);
    assert.deepEqual(notices, [
      {
        severity: 'warning',
        source: 'p',
        message: 'Lower it?',
        question: { id: 1, actions: ['Yes', 'No'] },
      },
    ]);
    await questions.answer(1, 'Yes');

    assert.deepEqual(await answer, { title: ' Yes\n' });
  });

  it('show their detail below, say that they are modal, and are withdrawn after their own time', async () => {
    const answer = ask(question(['Yes'], { detail: 'It ends.', modal: true, timeoutMs: 600_000 }));
    await open(1);
    const [asked] = questions.list();
    assert.deepEqual([asked?.message, asked?.modal], ['Lower it?\nIt ends.', true]);
    assert.equal(notices[0]?.message, 'Lower it?\nIt ends.');
    await questions.answer(1, 'Yes');
    assert.deepEqual(await answer, { title: 'Yes' });
    assert.equal(await ask(question(['Yes'], { timeoutMs: 1 })), null);
  });

  it('are messages without actions, whose detail is shown as well', async () => {
    const params = { plugin: 'p', type: MessageType.Info, message: 'Hello', detail: 'and more', modal: true };
    host.notify(PluginMessageNotification.method, params);
    await eventually('the notice', () => notices.length > 0 || undefined);
    assert.deepEqual(notices, [{ severity: 'info', source: 'p', message: 'Hello\nand more' }]);
  });

  it('are limited to five at once', async () => {
    const answers = Array.from({ length: 5 }, () => ask(question(['Yes'])));
    await open(5);
    assert.equal(await ask(question(['Yes'])), null);
    assert.equal(notices.length, 5);
    host.served.dispose();

    assert.deepEqual(await Promise.all(answers), Array(5).fill(null));
    assert.deepEqual(questions.list(), []);
  });

  it('can be withdrawn by the host, and are removed with it', async () => {
    const taking = new CancellationTokenSource();
    const taken = ask(question(['Yes']), taking.token);
    await open(1);
    taking.cancel();
    assert.equal(await taken, null);
    const lost = ask(question(['Yes']));
    await open(1);
    host.core.dispose();
    host.served.dispose();

    await assert.rejects(lost, { code: 'rpc.closed' });
    assert.deepEqual(questions.list(), []);
  });

  for (const params of [
    undefined,
    {},
    question([]),
    question(['\u001b']),
    question([5]),
    question(['x'.repeat(101)]),
    question(Array(11).fill('x')),
    question(['x'], { type: 77 }),
    question(['x'], { message: {} }),
    question(['x'], { detail: {} }),
    question(['x'], { modal: 'yes' }),
    question(['x'], { timeoutMs: 0 }),
    question(['x'], { timeoutMs: 600_001 }),
    question(['x'], { plugin: 'other' }),
  ]) {
    it(`are refused as ${JSON.stringify(params)?.slice(0, 80)}`, async () => {
      await assert.rejects(ask(params));
      assert.deepEqual(questions.list(), []);
    });
  }
});
