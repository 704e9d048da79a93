import assert from 'node:assert/strict';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import {
  CheckInputRequest,
  CloseFileNotification,
  InputBoxRequest,
  MAX_FILE_PIECE_BYTES,
  OpenFileRequest,
  QuickPickRequest,
  ReadFileRequest,
} from '../../../src/protocol/plugin-questions.js';
import { HostPair } from './host-pair.js';

describe('questions of a plugin for more than an action', () => {
  let pair: HostPair;
  /** What the core was asked. */
  let asked: object[];
  let answer: unknown;

  beforeEach(() => {
    asked = [];
    answer = null;
    pair = new HostPair();
    const take = (params: object): never => {
      asked.push(params);
      return answer as never;
    };
    pair.core.onRequest(InputBoxRequest.type, take);
    pair.core.onRequest(QuickPickRequest.type, take);
    pair.core.onRequest(OpenFileRequest.type, take);
  });
  afterEach(() => pair.dispose());

  const api = () => {
    pair.listen();
    return pair.plugin('mine').api.window;
  };

  it('ask for a text with all that is said of it', async () => {
    answer = 'Ann';
    const window = api();
    assert.equal(await window.showInputBox(), 'Ann');
    await window.showInputBox({
      ...{ title: 'Name', prompt: 'Of the guest', placeHolder: 'Bob', value: 'Eve', timeoutMs: 1e9 },
      ...{ minLength: 1, maxLength: 1e9 },
    });
    await window.showInputBox({ placeHolder: 'Bob', password: true, value: 'kept away' });
    assert.deepEqual(asked, [
      { plugin: 'mine', message: 'asks for a text', text: { maxLength: 16384 } },
      {
        plugin: 'mine',
        message: 'Name\nOf the guest',
        text: { placeHolder: 'Bob', value: 'Eve', minLength: 1, maxLength: 16384 },
        timeoutMs: 600_000,
      },
      { plugin: 'mine', message: 'Bob', text: { password: true, placeHolder: 'Bob', maxLength: 16384 } },
    ]);
  });

  it('check a text by a pattern, and then by the plugin, while it is asked for', async () => {
    const checked: string[] = [];
    let end: (text: string) => void = () => {};
    pair = new HostPair();
    pair.core.onRequest(InputBoxRequest.type, ({ check }) => {
      asked.push({ check });
      return new Promise<string>((resolve) => {
        end = resolve;
      });
    });
    const window = api();
    const answered = window.showInputBox({
      pattern: /^\d+$/g,
      patternErrorMessage: 'digits',
      validateInput: async (text) => {
        checked.push(text);
        if (text === '13') throw new Error('unlucky');
        return text === '4' ? 'not 4' : '';
      },
    });
    await pair.settled();
    const [{ check } = { check: 0 }] = asked as { check: number }[];
    const result = (text: string) => pair.core.sendRequest(CheckInputRequest.type, { check, text });
    assert.deepEqual(await Promise.all(['x', '4', '5', '5'].map(result)), ['digits', 'not 4', null, null]);
    await assert.rejects(result('13'), /unlucky/);
    assert.deepEqual(checked, ['4', '5', '5', '13']);
    assert.match(pair.reported.join(), /checking an answer: unlucky/);
    end('5');
    assert.equal(await answered, '5');
    assert.equal(await result('x'), null);
  });

  it('say what the pattern is where the plugin does not', async () => {
    const window = api();
    void window.showInputBox({ pattern: '^a+$' });
    await pair.settled();
    const [{ check } = { check: 0 }] = asked as { check: number }[];
    assert.equal(typeof check, 'number');
  });

  it('offer items, and return what was picked as it was given', async () => {
    const window = api();
    const items = [{ label: 'a', detail: 'd', picked: true, more: 1 }, { label: 'b' }];
    answer = [1];
    assert.equal(await window.showQuickPick(items), items[1]);
    assert.equal(await window.showQuickPick(Promise.resolve(['x', 'y'])), 'y');
    answer = [0, 1];
    assert.deepEqual(await window.showQuickPick(items, { canPickMany: true, placeHolder: 'Any' }), items);
    answer = [];
    assert.deepEqual(await window.showQuickPick(items, { canPickMany: true }), []);
    answer = null;
    assert.equal(await window.showQuickPick(items), undefined);
    assert.deepEqual(asked.slice(0, 3), [
      {
        plugin: 'mine',
        message: 'asks you to pick',
        pick: { items: [{ label: 'a', detail: 'd', picked: true }, { label: 'b' }] },
      },
      { plugin: 'mine', message: 'asks you to pick', pick: { items: [{ label: 'x' }, { label: 'y' }] } },
      {
        plugin: 'mine',
        message: 'Any',
        pick: { items: [{ label: 'a', detail: 'd', picked: true }, { label: 'b' }], many: true },
      },
    ]);
  });

  it('open files, which are read in pieces, one after the other, and closed with the plugin', async () => {
    const content = Buffer.alloc(2 * MAX_FILE_PIECE_BYTES + 10, 'ä');
    const reads: number[][] = [];
    const closed: number[] = [];
    pair.core.onRequest(ReadFileRequest.type, ({ file, offset, length }) => {
      reads.push([file, offset, length]);
      return content.subarray(offset, offset + length).toString('base64');
    });
    pair.core.onNotification(CloseFileNotification.type, ({ file }) => closed.push(file));
    answer = [
      { file: 7, name: 'a.txt', size: content.length },
      { file: 8, name: 'b.txt', size: 1 },
    ];
    pair.listen();
    const { api, scope } = pair.plugin('mine');
    const files = await api.window.showOpenFile({
      ...{ title: 'Names', filters: { Text: ['.TXT', '*.md', 'csv'] }, canSelectMany: true },
    });
    assert.deepEqual(asked, [
      {
        plugin: 'mine',
        message: 'Names',
        question: { filters: [{ name: 'Text', extensions: ['txt', 'md', 'csv'] }], many: true },
      },
    ]);
    const [file, other] = files ?? [];
    assert.deepEqual([file?.name, file?.size], ['a.txt', content.length]);
    const [all, some] = await Promise.all([file?.read(), file?.read(2, 4)]);
    assert.deepEqual([Buffer.from(all ?? []).equals(content), some?.length], [true, 4]);
    assert.equal(all?.constructor, Uint8Array);
    assert.deepEqual(reads, [
      [7, 0, MAX_FILE_PIECE_BYTES],
      [7, MAX_FILE_PIECE_BYTES, MAX_FILE_PIECE_BYTES],
      [7, 2 * MAX_FILE_PIECE_BYTES, MAX_FILE_PIECE_BYTES],
      [7, 2, 4],
    ]);
    assert.equal(await file?.readText(), content.toString());
    for (const wrong of [-1, 0.5, Number.NaN])
      await assert.rejects(file?.read(wrong) ?? Promise.resolve(), RangeError);
    file?.dispose();
    file?.dispose();
    await pair.settled();
    assert.deepEqual(closed, [7]);
    assert.equal(other?.name, 'b.txt');
    scope.dispose();
    await pair.settled();
    assert.deepEqual(closed, [7, 8]);
  });

  it('return one file, if one is asked for', async () => {
    answer = [{ file: 1, name: 'a', size: 0 }];
    assert.equal((await api().showOpenFile())?.name, 'a');
    answer = null;
    assert.equal(await pair.plugin('other').api.window.showOpenFile(), undefined);
  });

  it('are withdrawn by their token, and by the end of the plugin', async () => {
    pair = new HostPair();
    let withdrawn = 0;
    pair.core.onRequest(
      QuickPickRequest.type,
      (_params, token) =>
        new Promise<null>((resolve) =>
          token.onCancellationRequested(() => {
            withdrawn += 1;
            resolve(null);
          }),
        ),
    );
    pair.listen();
    const { api, scope } = pair.plugin('mine');
    const source = new CancellationTokenSource();
    const first = api.window.showQuickPick(['a'], {}, source.token);
    await pair.settled();
    source.cancel();
    assert.equal(await first, undefined);
    assert.equal(await api.window.showQuickPick(['a'], {}, source.token), undefined);
    const second = api.window.showQuickPick(['a']);
    await pair.settled();
    scope.dispose();
    assert.equal(await second, undefined);
    assert.equal(withdrawn, 2);
    await assert.rejects(api.window.showQuickPick(['a']), /no longer active/);
  });

  it('refuse what is of another type, where the plugin says it', async () => {
    const window = api();
    const wrong = [
      window.showInputBox({ title: 5 as never }),
      window.showInputBox({ timeoutMs: 0 }),
      window.showInputBox({ minLength: -1 }),
      window.showInputBox({ maxLength: 'x' as never }),
      window.showInputBox({ pattern: '(' }),
      window.showQuickPick([]),
      window.showQuickPick([5 as never]),
      window.showQuickPick([{ label: 'a', detail: 5 as never }]),
      window.showOpenFile({ filters: { Text: 'txt' as never } }),
      window.showOpenFile({ filters: { Text: [''] } }),
    ];
    for (const call of wrong) await assert.rejects(call, /^(TypeError|SyntaxError)/);
    assert.deepEqual(asked, []);
  });
});
