import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { delimiter, join } from 'node:path';
import sinon from 'sinon';
import type { PartExit, PartInstance } from '../../../src/core/processes/part-launcher.js';
import {
  ProcessLauncher,
  type ProcessLauncherOptions,
} from '../../../src/core/processes/process-launcher.js';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import type { PartRole } from '../../../src/protocol/lifecycle.js';
import { type TempDir, tempDir } from '../../support/temp.js';

/** Says hello on its control channel and its log, and stays. */
const STAYING = `
const { Socket } = require('node:net');
const control = new Socket({ fd: 3, readable: true, writable: true });
control.on('data', (bytes) => control.write('echo ' + bytes));
control.on('error', () => {});
control.write('hello ' + process.cwd());
console.log('to stdout');
console.error('to stderr', process.env.EXTRA);
setInterval(() => {}, 1000);
`;

describe('ProcessLauncher', () => {
  let folder: TempDir;
  let instance: PartInstance;
  let logs: string[];
  let exits: PartExit[];
  let exit: Promise<PartExit>;
  let heard: string;

  before(() => {
    folder = tempDir('launcher');
    writeFileSync(join(folder.path, 'staying.cjs'), STAYING);
  });
  after(() => folder.dispose());
  afterEach(async () => {
    instance.dispose();
    await exit;
    sinon.restore();
  });

  function launch(script: string, options: ProcessLauncherOptions = {}, role: PartRole = 'encoder'): void {
    const entryPoint = join(folder.path, script);
    instance = new ProcessLauncher(role, { entryPoint, ...options }).launch();
    logs = [];
    exits = [];
    heard = '';
    instance.onDidLog((line) => logs.push(line));
    instance.control.on('data', (bytes: Buffer) => {
      heard += bytes.toString('utf8');
    });
    exit = new Promise((resolve) => {
      instance.onDidExit((how) => {
        exits.push(how);
        resolve(how);
      });
    });
  }
  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  /** Launches the script that stays, and waits until it has said so. */
  async function stay(options: ProcessLauncherOptions = {}, role?: PartRole): Promise<void> {
    launch('staying.cjs', options, role);
    await until(() => heard.startsWith('hello') && logs.length === 2);
  }

  it('gives the part a control channel, a log, a folder and its variables', async () => {
    await stay({ workingFolder: folder.path, environment: { EXTRA: 'more' } });
    assert.equal(heard, `hello ${folder.path}`);
    assert.deepEqual([...logs].sort(), ['to stderr more', 'to stdout']);
    instance.control.write('question');
    await until(() => heard.endsWith('echo question'));
    assert.equal(exits.length, 0);
  });

  it('gives the part no other descriptor', async function () {
    if (process.platform !== 'linux') this.skip();
    writeFileSync(
      join(folder.path, 'descriptors.cjs'),
      `const { readlinkSync } = require('node:fs');
      const kind = (fd) => { try { return readlinkSync('/proc/self/fd/' + fd).split(':')[0]; } catch { return 'none'; } };
      console.log([0, 1, 2, 3, 4].map(kind).join());`,
    );
    launch('descriptors.cjs');
    await exit;
    const [kinds = ''] = logs;
    assert.match(kinds, /^\/dev\/null,(pipe|socket),(pipe|socket),socket,/);
    // Node's own event loop may have taken the number.
    assert.doesNotMatch(kinds, /socket$/);
  });

  it('gives a host of plugins one more for frames, whatever runs it', async () => {
    writeFileSync(
      join(folder.path, 'frames.cjs'),
      `const frames = new (require('node:net').Socket)({ fd: 5, readable: true, writable: true });
      frames.on('error', () => {});
      frames.write('pixels');
      setInterval(() => {}, 1000);`,
    );
    const wrap = ({ command, args }: { command: string; args: readonly string[] }) => ({
      command: '/bin/sh',
      args: [
        '-c',
        '"$0" "$@" & printf "{\\"child-pid\\": %s, \\"x\\": 1}" $! >&4; wait $!; exit $?',
        command,
        ...args,
      ],
    });
    for (const options of [{}, { wrap, wrapperStays: true }]) {
      launch('frames.cjs', options, 'extension-host');
      const { frames } = instance;
      const [bytes] = frames === undefined ? [] : await once(frames, 'data');
      assert.equal(String(bytes), 'pixels');
      instance.kill('SIGKILL');
      await exit;
      assert.equal(frames?.destroyed, true);
    }
    await stay({}, 'live-server');
    assert.equal(instance.frames, undefined);
  });

  it('tells the part to end, and how it has ended, once', async () => {
    await stay();
    instance.kill('SIGTERM');
    assert.deepEqual(await exit, { code: null, signal: 'SIGTERM' });
    const kill = sinon.spy(process, 'kill');
    instance.kill('SIGKILL');
    assert.equal(kill.callCount, 0, 'its ids may be those of others now');
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(exits.length, 1);
  });

  it('tells it by another signal where one is named, and kills by SIGKILL', async () => {
    await stay({ endSignal: 'SIGINT' });
    instance.kill('SIGTERM');
    assert.deepEqual(await exit, { code: null, signal: 'SIGINT' });
    await stay({ endSignal: 'SIGINT' });
    instance.kill('SIGKILL');
    assert.deepEqual(await exit, { code: null, signal: 'SIGKILL' });
  });

  it('kills what is disposed of', async () => {
    await stay();
    instance.dispose();
    assert.deepEqual(await exit, { code: null, signal: 'SIGKILL' });
    assert.equal(instance.control.destroyed, true);
  });

  it('ends what the part has started, with it', async () => {
    writeFileSync(
      join(folder.path, 'parent.cjs'),
      `const child = require('node:child_process').spawn('sleep', ['60'], { stdio: 'ignore' });
       console.log(child.pid);
       setTimeout(() => process.exit(3), 50);`,
    );
    launch('parent.cjs');
    assert.deepEqual(await exit, { code: 3, signal: null });
    const pid = Number(logs[0]);
    assert.ok(pid > 1);
    await until(
      () => !existsSync(`/proc/${pid}`) || /\bState:\s+Z/.test(readFileSync(`/proc/${pid}/status`, 'utf8')),
    );
  });

  it('hears the last words of a part before its exit', async () => {
    writeFileSync(
      join(folder.path, 'words.cjs'),
      "process.stderr.write('last words'); process.exitCode = 7;",
    );
    launch('words.cjs');
    const seen = exit.then(() => [...logs]);
    assert.deepEqual([await seen, await exit], [['last words'], { code: 7, signal: null }]);
  });

  it('leaves plugins what others leave of the processor, and no other part', async () => {
    const own = getPriority();
    await stay({}, 'extension-host');
    assert.equal(getPriority(instance.pid), Math.max(own, 10));
    instance.kill('SIGKILL');
    await exit;
    await stay({}, 'live-server');
    assert.equal(getPriority(instance.pid), own);
  });

  it('runs the part through what is to contain it, and knows the part by what that says', async () => {
    const wrapper =
      '"$0" "$@" & printf "{\\"child-pid\\": %s, \\"x\\": 1}" $! >&4; trap "" TERM; wait $!; exit $?';
    await stay({
      wrap: ({ command, args }) => ({ command: '/bin/sh', args: ['-c', wrapper, command, ...args] }),
      wrapperStays: true,
    });
    const leader = instance.pid;
    await until(() => instance.pid !== leader || readFileSync(`/proc/${leader}/comm`, 'utf8') !== 'sh\n');
    assert.equal(readFileSync(`/proc/${instance.pid}/comm`, 'utf8'), 'node\n');
    instance.kill('SIGTERM');
    assert.deepEqual(await exit, { code: null, signal: 'SIGTERM' });
  });

  it('takes the exit of what contains it for that of the part', async () => {
    writeFileSync(join(folder.path, 'never.cjs'), '');
    for (const [code, expected] of [
      [139, { code: null, signal: 'SIGSEGV' }],
      [5, { code: 5, signal: null }],
    ] as const) {
      const wrap = () => ({ command: '/bin/sh', args: ['-c', `exit ${code}`] });
      launch('never.cjs', { wrap, wrapperStays: true });
      assert.deepEqual(await exit, expected);
      launch('never.cjs', { wrap });
      assert.deepEqual(await exit, { code, signal: null });
    }
  });

  it('is a failed launch without its script, or without its folder', async () => {
    launch('missing.cjs');
    const missing = await exit;
    assert.equal(missing.code, ExitCodes.badSettings);
    assert.match(missing.why ?? '', /missing\.cjs is missing; run "npm run build"/);
    launch('staying.cjs', { workingFolder: join(folder.path, 'none') });
    const { why, notStarted } = await exit;
    assert.match(why ?? '', /ENOENT/);
    assert.equal(notStarted, true);
  });

  it('ends a part on Windows by its process, and the whole tree by taskkill', async () => {
    await stay();
    sinon.stub(process, 'platform').value('win32');
    instance.kill('SIGTERM');
    assert.deepEqual(await exit, { code: null, signal: 'SIGTERM' });
    sinon.restore();

    await stay();
    const called = join(folder.path, 'called');
    writeFileSync(join(folder.path, 'taskkill'), `#!/bin/sh\necho "$@" > ${called}\nkill -9 $2\n`);
    chmodSync(join(folder.path, 'taskkill'), 0o700);
    sinon.stub(process.env, 'PATH').value(`${folder.path}${delimiter}${process.env['PATH']}`);
    sinon.stub(process, 'platform').value('win32');
    instance.kill('SIGKILL');
    assert.deepEqual(await exit, { code: null, signal: 'SIGKILL' });
    sinon.restore();
    assert.equal(readFileSync(called, 'utf8'), `/pid ${instance.pid} /T /F\n`);
  });
});
