import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { inputName } from '../../../../src/config/input-name.js';
import { inputRedactor } from '../../../../src/config/input-secrets.js';
import { type DevtoolsEvent, DevtoolsPipe } from '../../../../src/encoder/browser/devtools-pipe.js';
import { findBrowser } from '../../../../src/encoder/browser/find-browser.js';
import { makeProfile, removeProfile } from '../../../../src/encoder/browser/profile-folder.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { type TempDir, tempDir } from '../../../support/temp.js';

describe('the browser of this computer', () => {
  let folder: TempDir;
  before(() => {
    folder = tempDir('browsers');
  });
  after(() => folder.dispose());

  function program(name: string): string {
    const path = join(folder.path, name);
    writeFileSync(path, '');
    chmodSync(path, 0o755);
    return path;
  }

  it('is the first that is found on the PATH', () => {
    const edge = program('microsoft-edge');
    assert.equal(findBrowser('linux', { PATH: `/nosuch:${folder.path}` }), edge);
    const chrome = program('google-chrome');
    assert.equal(findBrowser('linux', { PATH: folder.path }), chrome);
  });

  it('is looked for in the usual places of Windows', () => {
    const folders = { PATH: '', PROGRAMFILES: join(folder.path, 'programs') };
    assert.throws(() => findBrowser('win32', folders), { code: 'input.notFound' });
    // A file's name on this system.
    const chrome = program('programs\\Google\\Chrome\\Application\\chrome.exe');
    assert.equal(findBrowser('win32', folders), chrome);
  });

  it('has to be there', () => {
    assert.throws(() => findBrowser('linux', { PATH: '/nosuch' }), {
      code: 'input.notFound',
      message: 'There is no browser to show web pages with.',
    });
  });
});

describe('the DevTools protocol on a pipe', () => {
  let input: PassThrough;
  let output: PassThrough;
  let events: DevtoolsEvent[];
  let broken: string[];
  let pipe: DevtoolsPipe;

  beforeEach(() => {
    input = new PassThrough();
    output = new PassThrough();
    events = [];
    broken = [];
    pipe = new DevtoolsPipe({
      ...{ input, output },
      onEvent: (event) => events.push(event),
      onBroken: ({ message }) => broken.push(message),
    });
  });
  afterEach(() => {
    pipe.close();
    input.destroy();
    output.destroy();
  });

  async function receive(text: string): Promise<void> {
    output.write(text);
    await setImmediate();
  }

  it('has calls answered, whatever the order and the chunks', async () => {
    const refused = assert.rejects(pipe.call('A.one', { x: 1 }), { message: 'no' });
    const two = pipe.call('A.two', {}, 'page');
    const sent = String(input.read()).split('\0').slice(0, -1);
    assert.deepEqual(
      sent.map((text) => JSON.parse(text)),
      [
        { id: 1, method: 'A.one', params: { x: 1 } },
        { id: 2, method: 'A.two', params: {}, sessionId: 'page' },
      ],
    );
    await receive('{"id":2,"result":{"y":');
    await receive('2}}\0{"id":1,"error":{"message":"no"}}\0{"method":"B.event","params":{"z":3},"sess');
    await receive('ionId":"page"}\0');
    assert.deepEqual(await two, { y: 2 });
    await refused;
    assert.deepEqual(events, [{ method: 'B.event', params: { z: 3 }, sessionId: 'page' }]);
  });

  it('rejects what is not answered in time, and what is open when it closes', async () => {
    const clock = new FakeClock();
    try {
      const late = assert.rejects(pipe.call('A.late', {}, undefined, 500), {
        message: 'A.late: no answer in 0.5 s',
      });
      await clock.pass(600);
      await late;
      const open = assert.rejects(pipe.call('A.open'), { message: /closed its connection/ });
      pipe.close();
      await open;
      await assert.rejects(pipe.call('A.after'), { message: /closed its connection/ });
      assert.equal(clock.pending, 0);
    } finally {
      clock.restore();
    }
  });

  for (const [what, text] of [
    ['what is no JSON', '{"id":1\0'],
    ['a message without end', 'x'.repeat(17 * 1024 * 1024)],
  ] as const) {
    it(`is given up by ${what}`, async () => {
      const open = assert.rejects(pipe.call('A.open'));
      await receive(text);
      await open;
      assert.equal(broken.length, 1);
    });
  }

  it('takes no harm from messages that mean nothing', async () => {
    await receive('null\0[]\0{"id":"x"}\0{"id":77,"result":1}\0{"method":5}\0{"method":"a","params":null}\0');
    assert.deepEqual([broken, events.map(({ method }) => method)], [[], ['a']]);
  });
});

describe('the address of a web page', () => {
  const input = {
    type: 'browser',
    url: 'https://me:secret@alerts.example.org/widget?token=abcdef123',
    ...{ width: 640, height: 160, fps: 10 },
  } as const;

  it('is shown without its secrets', () => {
    assert.equal(inputName(input), 'https://***@alerts.example.org/widget?***');
    assert.equal(inputRedactor(input)('token abcdef123 of me'), 'token *** of ***');
  });
});

describe("the folder of a browser's profile", () => {
  it('is deleted, as are those that processes before have left', async () => {
    const { pid } = spawnSync('true');
    const left = join(tmpdir(), `bulkhead-browser-${pid}-left`);
    const ofAnother = join(tmpdir(), `bulkhead-browser-${process.ppid}-used`);
    for (const folder of [left, ofAnother]) mkdirSync(join(folder, 'Default'), { recursive: true });
    const made = await makeProfile();
    assert.deepEqual(
      [left, ofAnother, made].map((folder) => existsSync(folder)),
      [false, true, true],
    );
    await removeProfile(made);
    await removeProfile(ofAnother);
    assert.deepEqual(
      [ofAnother, made].map((folder) => existsSync(folder)),
      [false, false],
    );
  });
});
