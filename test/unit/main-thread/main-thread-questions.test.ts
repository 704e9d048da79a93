import assert from 'node:assert/strict';
import { linkSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { MainThreadQuestions } from '../../../src/core/main-thread/main-thread-questions.js';
import { Questions } from '../../../src/core/streamer/questions.js';
import type { NoticeParams } from '../../../src/protocol/control.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import {
  CheckInputRequest,
  CloseFileNotification,
  InputBoxRequest,
  MAX_FILE_PIECE_BYTES,
  type OpenedFile,
  OpenFileRequest,
  QuickPickRequest,
  ReadFileRequest,
} from '../../../src/protocol/plugin-questions.js';
import type { Answer } from '../../../src/protocol/questions.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';
import { installedPlugin } from '../plugins/installed-plugin.js';
import { FakeHost } from './fake-host.js';

describe('what plugins ask for', () => {
  let host: FakeHost;
  let questions: Questions;
  let notices: Omit<NoticeParams, 'atMs'>[];
  let logged: string[];
  /** What the plugin says of a text. */
  let check: (text: string) => string | null | Promise<string | null>;

  beforeEach(() => {
    questions = new Questions();
    notices = [];
    logged = [];
    check = () => null;
    const write = (...line: unknown[]) => void logged.push(JSON.stringify(line));
    host = new FakeHost(
      new MainThreadQuestions({ notice: (notice) => notices.push(notice) }, questions),
      [installedPlugin('p'), installedPlugin('q')],
      (connection) => connection.onRequest(CheckInputRequest.type, ({ text }) => check(text)),
      { trace: write, debug: write, info: write, warn: write, error: write },
    );
  });

  afterEach(() => {
    questions.dispose();
    host.dispose();
  });

  const ask = async (method: string, params: object, token = new CancellationTokenSource().token) => {
    const before = questions.list().length;
    const answer = host.request(method, { plugin: 'p', message: 'Which?', ...params }, token);
    answer.catch(() => {});
    await eventually('the question', () => questions.list().length > before || undefined);
    return { answer };
  };
  const open = () => questions.list().at(-1)?.id ?? 0;
  const refused = (answer: Answer, message: string | RegExp, code = 'config.invalid') =>
    assert.rejects(questions.answer(open(), answer), { code, message });

  describe('a text', () => {
    const text = (more: object = {}) => ({ text: { maxLength: 20, ...more } });

    it('is asked for in the status and a notice, and given to the plugin', async () => {
      const { answer } = await ask(
        InputBoxRequest.method,
        text({ placeHolder: 'Ann\u001b[31m', value: 'Bob' }),
      );
      const [asked] = questions.list();
      assert.deepEqual(asked?.text, { maxLength: 20, placeHolder: 'Ann', value: 'Bob' });
      assert.deepEqual(notices, [
        { severity: 'info', source: 'p', message: 'Which?', question: { id: 1, actions: [] } },
      ]);
      await questions.answer(1, 'Eve');
      assert.equal(await answer, 'Eve');
    });

    it('is checked by the core and then by the plugin, until it fits', async () => {
      const checked: string[] = [];
      check = (given) => {
        checked.push(given);
        return given === 'four' ? null : 'not that one';
      };
      const { answer } = await ask(InputBoxRequest.method, { ...text({ minLength: 4 }), check: 1 });
      await refused('no', 'expected at least 4 characters, got 2');
      await refused('three', 'not that one');
      await questions.answer(open(), 'four');
      assert.equal(await answer, 'four');
      assert.deepEqual(checked, ['three', 'four']);
    });

    it('stays open when the plugin cannot check it', async () => {
      check = () => {
        throw new BulkheadError(ErrorCodes.pluginFailed, 'the plugin broke');
      };
      await ask(InputBoxRequest.method, { ...text(), check: 1 });
      await refused('x', 'the answer could not be checked: the plugin broke', 'plugin.failed');
      check = () => 5 as never;
      await refused('x', /^the answer could not be checked: .*not valid/, 'plugin.failed');
      assert.equal(questions.list().length, 1);
    });

    it('is nowhere to be seen if it is a password', async () => {
      check = (given) => (given === 'hunter2!' ? null : `"${given}" is wrong, ${'x'.repeat(300)}`);
      const { answer } = await ask(InputBoxRequest.method, {
        ...text({ password: true, minLength: 3 }),
        check: 1,
      });
      await refused('hu', 'expected at least 3 characters, got 2');
      await refused('hunter2', /^"\*\*\*" is wrong, x+…$/);
      await questions.answer(open(), 'hunter2!');
      assert.equal(await answer, 'hunter2!');
      assert.doesNotMatch(JSON.stringify([notices, logged]), /hu/);
    });

    it('is withdrawn by the host, and with it', async () => {
      const withdrawing = new CancellationTokenSource();
      const { answer } = await ask(InputBoxRequest.method, text(), withdrawing.token);
      withdrawing.cancel();
      assert.equal(await answer, null);
      const { answer: last } = await ask(InputBoxRequest.method, text());
      host.served.dispose();
      assert.equal(await last, null);
      assert.deepEqual(questions.list(), []);
    });

    it('is not asked for by a plugin that has five questions open, and by another it is', async () => {
      for (let count = 0; count < 5; count += 1) await ask(InputBoxRequest.method, text());
      await assert.rejects(host.request(InputBoxRequest.method, { plugin: 'p', message: '', ...text() }), {
        code: 'rpc.busy',
      });
      await ask(InputBoxRequest.method, { plugin: 'q', ...text() });
      assert.equal(questions.list().length, 6);
    });

    it('is not asked for faster than people answer', async () => {
      for (let count = 0; count < 10; count += 1) {
        await ask(InputBoxRequest.method, text());
        await questions.answer(open(), null);
      }
      await assert.rejects(host.request(InputBoxRequest.method, { plugin: 'p', message: '', ...text() }), {
        code: 'rpc.busy',
      });
    });
  });

  it('items to pick from are shown on one line each, and given by their places', async () => {
    const items = [{ label: 'a\nb', description: 'c', detail: 'd', picked: true }, { label: 'e' }];
    const { answer } = await ask(QuickPickRequest.method, { pick: { items, many: true } });
    assert.deepEqual(questions.list()[0]?.pick, {
      items: [{ label: 'a b', description: 'c', detail: 'd', picked: true }, { label: 'e' }],
      many: true,
    });
    await questions.answer(open(), ['e', 0]);
    assert.deepEqual(await answer, [0, 1]);
  });

  for (const [method, params] of [
    [InputBoxRequest.method, {}],
    [InputBoxRequest.method, { text: {} }],
    [InputBoxRequest.method, { text: { maxLength: 16 * 1024 + 1 } }],
    [InputBoxRequest.method, { text: { maxLength: 1, minLength: -1 } }],
    [InputBoxRequest.method, { text: { maxLength: 1 }, check: 'x' }],
    [InputBoxRequest.method, { text: { maxLength: 1 }, timeoutMs: 600_001 }],
    [InputBoxRequest.method, { text: { maxLength: 1 }, plugin: 'other' }],
    [QuickPickRequest.method, { pick: { items: [] } }],
    [QuickPickRequest.method, { pick: { items: ['a'] } }],
    [QuickPickRequest.method, { pick: { items: [{ label: '\u001b[0m' }] } }],
    [QuickPickRequest.method, { pick: { items: Array(501).fill({ label: 'a' }) } }],
    [QuickPickRequest.method, { pick: { items: Array(400).fill({ label: 'a'.repeat(100) }) } }],
    [OpenFileRequest.method, { question: {} }],
    [OpenFileRequest.method, { question: { filters: [{ name: 'a', extensions: [''] }] } }],
    [ReadFileRequest.method, { file: 1, offset: -1, length: 1 }],
    [ReadFileRequest.method, { file: 1, offset: 0, length: MAX_FILE_PIECE_BYTES + 1 }],
  ] as const) {
    it(`refuses ${method} with ${JSON.stringify(params).slice(0, 60)}`, async () => {
      await assert.rejects(host.request(method, { plugin: 'p', message: 'Which?', ...params }));
      assert.deepEqual(questions.list(), []);
    });
  }

  describe('a file', () => {
    let folder: TempDir;
    const at = (name: string) => join(folder.path, name);
    const write = (name: string, content: string | Buffer = 'content') => {
      writeFileSync(at(name), content);
      return at(name);
    };
    /** Files that the plugin has been given. */
    const pick = async (answer: Answer, question: object = {}, plugin = 'p') => {
      const asked = await ask(OpenFileRequest.method, { plugin, question: { filters: [], ...question } });
      await questions.answer(open(), answer);
      return (await asked.answer) as OpenedFile[];
    };
    const read = async (file: number, offset = 0, length = 100, plugin = 'p') =>
      Buffer.from(
        (await host.request(ReadFileRequest.method, { plugin, file, offset, length })) as string,
        'base64',
      ).toString();

    beforeEach(() => {
      folder = tempDir('picked');
    });
    afterEach(() => folder.dispose());

    it('is read in pieces, by the plugin that it was picked for, until it closes it', async () => {
      const [file] = await pick(write('a.txt', '0123456789'));
      assert.deepEqual(file, { file: 1, name: 'a.txt', size: 10 });
      assert.equal(await read(1, 2, 3), '234');
      assert.equal(await read(1, 8), '89');
      assert.equal(await read(1, 20), '');
      await assert.rejects(read(1, 0, 1, 'q'), { code: 'storage.failed' });
      host.notify(CloseFileNotification.method, { plugin: 'q', file: 1 });
      assert.equal(await read(1, 0, 1), '0');
      host.notify(CloseFileNotification.method, { plugin: 'p', file: 1 });
      await assert.rejects(read(1), { code: 'storage.failed', message: 'the file has been closed' });
    });

    it('is the one that the path led to when it was picked', async () => {
      write('wanted', 'wanted');
      write('secret', 'secret');
      symlinkSync(at('wanted'), at('link'));
      const [file] = await pick(at('link'));
      symlinkSync(at('secret'), at('other'));
      renameSync(at('other'), at('link'));
      linkSync(at('secret'), at('hard'));
      renameSync(at('hard'), at('wanted'));
      assert.equal(await read(file?.file ?? 0), 'wanted');
    });

    it('has to exist, to be a file, and to fit', async () => {
      mkdirSync(at('folder.png'));
      const filters = [{ name: 'Images', extensions: ['png', 'JPG', 'tar.gz'] }];
      await ask(OpenFileRequest.method, { question: { filters } });
      await refused(at('none.png'), `cannot open ${at('none.png')}: there is no such file`);
      await refused(at('folder.png'), `cannot open ${at('folder.png')}: it is not a file`);
      await refused('/dev/null', 'expected a file whose name ends with .png, .jpg, .tar.gz, got /dev/null');
      await refused('a.png', 'expected the absolute path of a file, got "a.png"');
      await refused(1, 'expected the absolute path of a file, got 1');
      await refused([], 'expected a file');
      await refused([write('a.png'), write('b.png')], 'expected one file, got 2');
      for (const name of ['c.PNG', 'd.tar.gz'])
        assert.equal((await pick(write(name), { filters }))[0]?.name, name);
      await ask(OpenFileRequest.method, { question: { filters: [] } });
      await refused('/dev/null', 'cannot open /dev/null: it is not a file');
    });

    it('is one of several, twenty at most', async () => {
      const names = Array.from({ length: 21 }, (_, index) => write(`${index}`));
      const files = await pick(names.slice(0, 19), { many: true });
      assert.deepEqual(
        files.map(({ file }) => file),
        Array.from({ length: 19 }, (_, index) => index + 1),
      );
      await ask(OpenFileRequest.method, { question: { filters: [], many: true } });
      await refused(names.slice(0, 2), 'the plugin can have 20 files open, and 19 are');
    });
  });
});
