import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { CliContext } from '../../../src/cli/cli-context.js';
import { runCli } from '../../../src/cli/run-cli.js';
import { Printer } from '../../../src/cli/terminal/printer.js';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import type { OpenQuestion } from '../../../src/protocol/questions.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { FakeCore } from './fake-core.js';

describe('bulkhead answer, to a question for more than an action', () => {
  const asked = { plugin: 'chat', severity: 'info', message: 'Who?', actions: [], atMs: 0 } as const;
  const questions: OpenQuestion[] = [
    { ...asked, id: 1, text: { maxLength: 9, minLength: 2, placeHolder: 'Ann', value: 'Bob' } },
    { ...asked, id: 2, text: { maxLength: 99, password: true } },
    {
      ...asked,
      id: 3,
      pick: {
        items: [
          { label: 'a', description: 'one' },
          { label: '1', detail: 'more' },
        ],
      },
    },
    { ...asked, id: 4, pick: { items: [{ label: 'a', picked: true }, { label: 'b c' }], many: true } },
    { ...asked, id: 5, file: { filters: [{ name: 'Images', extensions: ['png', 'jpg'] }] } },
    { ...asked, id: 6, file: { filters: [], many: true } },
    { ...asked, id: 7, actions: ['Yes', 'No'] },
  ];
  let folder: TempDir;
  let core: FakeCore;
  /** What the user enters, line by line; undefined for Ctrl-C. */
  let lines: (string | undefined)[];
  /** Whether each line was hidden while it was entered. */
  let hidden: boolean[];

  beforeEach(async () => {
    folder = tempDir('answer');
    core = new FakeCore();
    await core.listen(join(folder.path, 'core.sock'));
    core.change('idle', { questions });
    hidden = [];
  });
  afterEach(() => {
    core.dispose();
    folder.dispose();
  });

  const run = async (args: readonly string[], { terminal = false, input = '' } = {}) => {
    const out = { text: '', write: (text: string) => (out.text += text) };
    const err = { text: '', write: (text: string) => (err.text += text) };
    const ask = (isHidden: boolean) => async () => {
      hidden.push(isHidden);
      return lines.shift();
    };
    const context: CliContext = {
      stdout: new Printer(out, {}),
      stderr: new Printer(err, {}),
      ...{ cwd: folder.path, env: process.env, platform: process.platform, corePath: '' },
      ...{ signals: new EventEmitter(), endSignals: [], readInput: async () => input },
      ...(terminal && { ask: ask(false), askHidden: ask(true) }),
    };
    const exitCode = await runCli(['answer', ...args, '--address', join(folder.path, 'core.sock')], context);
    return { exitCode, stdout: out.text, stderr: err.text };
  };
  /** Answers that the core was given. */
  const received = () => core.received.filter((call) => /^\d:/.test(call));
  const at = (name: string) => join(folder.path, name);

  it('lists what can be answered', async () => {
    const { stdout } = await run([]);
    assert.equal(
      stdout,
      [
        '1  chat: Who?',
        '   a text of 2 to 9 characters, such as: Ann [Bob]',
        '   answer with: bulkhead answer 1 TEXT',
        '2  chat: Who?',
        '   a password of up to 99 characters',
        '   answer with: bulkhead answer 2',
        '3  chat: Who?',
        '   1 a  one',
        '   2 1',
        '     more',
        '   answer with: bulkhead answer 3 N',
        '4  chat: Who?',
        '   1 a  (picked)',
        '   2 b c',
        '   answer with: bulkhead answer 4 N …',
        '5  chat: Who?',
        '   a file: Images (png, jpg)',
        '   answer with: bulkhead answer 5 FILE',
        '6  chat: Who?',
        '   files',
        '   answer with: bulkhead answer 6 FILE …',
        '7  chat: Who?',
        '   1 Yes   2 No',
        '   answer with: bulkhead answer 7 N',
        '',
      ].join('\n'),
    );
  });

  it('takes texts, items by name or number, and paths as arguments', async () => {
    for (const args of [
      ['1', 'Ann Lee'],
      ['3', '2'],
      ['3', '1'],
      ['4', 'b c', '1'],
      ['4', ''],
      ['5', 'a.png'],
      ['6', '/b', 'c'],
    ])
      assert.deepEqual(await run(args), { exitCode: 0, stdout: '', stderr: '' });
    assert.deepEqual(received(), [
      '1: Ann Lee',
      '3: 1',
      '3: 1',
      '4: b c,0',
      '4: ',
      `5: ${at('a.png')}`,
      `6: /b,${at('c')}`,
    ]);
    assert.deepEqual(JSON.parse((await run(['5', 'a.png', '--json'])).stdout), {
      id: 5,
      answer: [at('a.png')],
    });
    const { exitCode, stderr } = await run(['1', 'Ann', 'Lee']);
    assert.deepEqual(
      [exitCode, stderr],
      [ExitCodes.badSettings, 'bulkhead: expected one answer, got 2. Put the text into quotes.\n'],
    );
  });

  it('takes a password from standard input or the terminal, never as an argument', async () => {
    const { exitCode, stderr, stdout } = await run(['2', 'hunter2']);
    assert.equal(exitCode, ExitCodes.badSettings);
    assert.match(stderr, /others can read it on the command line/);
    assert.doesNotMatch(stderr + stdout, /hunter2/);
    assert.equal((await run(['2'], { input: 'hunter2\nmore\n' })).exitCode, 0);
    lines = ['hunter3'];
    assert.equal((await run(['2'], { terminal: true })).exitCode, 0);
    assert.deepEqual([received(), hidden], [['2: hunter2', '2: hunter3'], [true]]);
  });

  it('reads a text from standard input, and shows other questions there', async () => {
    assert.equal((await run(['1'], { input: 'Ann\r\n' })).exitCode, 0);
    assert.deepEqual(received(), ['1: Ann']);
    assert.match((await run(['3'])).stdout, /1 a {2}one/);
    assert.match((await run(['7'])).stdout, /1 Yes/);
    const { exitCode, stderr } = await run(['1']);
    assert.equal(exitCode, ExitCodes.badSettings);
    assert.match(stderr, /there is no answer on standard input/);
  });

  it('asks at the terminal, until the answer is accepted', async () => {
    core.refusedAnswer = 'A';
    lines = ['A', 'Ann'];
    const { exitCode, stderr, stdout } = await run(['1'], { terminal: true });
    assert.deepEqual([exitCode, stdout], [0, '']);
    assert.match(stderr, /^chat: Who\?\na text of 2 to 9 .*\ntoo short\n/);
    assert.deepEqual([received(), hidden], [['1: Ann'], [false, false]]);
  });

  it('asks at the terminal for what each question needs', async () => {
    lines = ['', '2', '1, 2', '', '~/a.png', 'b.png', '/c', '', 'No'];
    for (const id of ['1', '3', '4', '4', '5', '6', '7'])
      assert.equal((await run([id], { terminal: true })).exitCode, 0);
    assert.deepEqual(received(), [
      '1: Bob',
      '3: 1',
      '4: 0,1',
      '4: ',
      `5: ${join(homedir(), 'a.png')}`,
      `6: ${at('b.png')},/c`,
      '7: No',
    ]);
    assert.deepEqual(lines, []);
  });

  it('ends without an answer when the user has had enough', async () => {
    for (const id of ['1', '2', '6']) {
      lines = [undefined];
      assert.equal((await run([id], { terminal: true })).exitCode, ExitCodes.interrupted);
    }
    assert.equal((await run(['1', '--dismiss'], { terminal: true })).exitCode, 0);
    assert.deepEqual(received(), ['1: null']);
  });
});
