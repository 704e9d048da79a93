import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import sinon from 'sinon';
import { LogReader } from '../../../src/core/processes/log-reader.js';

describe('LogReader', () => {
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  let clock: sinon.SinonFakeTimers;
  let stream: PassThrough;
  let lines: string[];
  let reader: LogReader;

  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    stream = new PassThrough({ highWaterMark: 1 << 20 });
    lines = [];
    reader = new LogReader(stream, (line) => lines.push(line), 100);
  });

  afterEach(() => {
    reader.dispose();
    clock.restore();
  });

  it('limits the bytes read per second, and reads the rest later', async () => {
    for (let line = 0; line < 30; line++) stream.write('123456789\n');
    await turn();
    assert.equal(lines.length, 10);
    clock.tick(1000);
    await turn();
    assert.equal(lines.length, 20);
    clock.tick(1000);
    await turn();
    assert.equal(lines.length, 30);
  });

  it('counts what is read by seconds: pauses for the rest of one, and forgets it in the next', async () => {
    const write = async (bytes: number) => {
      stream.write(`${'x'.repeat(bytes - 1)}\n`);
      await turn();
    };
    await write(60);
    clock.tick(300);
    await write(39);
    assert.equal(stream.isPaused(), false);
    await write(1);
    assert.equal(stream.isPaused(), true);
    clock.tick(699);
    assert.equal(stream.isPaused(), true);
    clock.tick(1);
    assert.equal(stream.isPaused(), false);
    await write(99);
    clock.tick(999);
    assert.equal(stream.isPaused(), false);
    clock.tick(1);
    await write(99);
    assert.equal(stream.isPaused(), false);
  });

  it('reads a mebibyte a second where nothing else is said', async () => {
    const other = new PassThrough();
    const own = new LogReader(other, () => {});
    other.write(Buffer.alloc(2 ** 20 - 1));
    await turn();
    assert.equal(other.isPaused(), false);
    other.write(Buffer.alloc(1));
    await turn();
    assert.equal(other.isPaused(), true);
    own.dispose();
    await own.done;
    assert.equal(clock.countTimers(), 0);
  });

  it('takes a stream that breaks for one that has ended', async () => {
    stream.write('the last words');
    await turn();
    stream.destroy(new Error('broken pipe'));
    await reader.done;
    assert.deepEqual(lines, ['the last words']);
  });

  it('reads the rest when the part has exited', async () => {
    for (let line = 0; line < 30; line++) stream.write('123456789\n');
    stream.end('the last words');
    await turn();
    reader.drain();
    await reader.done;
    assert.equal(lines.length, 31);
    assert.equal(lines.at(-1), 'the last words');
    assert.equal(clock.countTimers(), 0);
  });

  it('reads without a limit once the part has exited, even for more than a second', async () => {
    const write = () => {
      for (let line = 0; line < 30; line++) stream.write('123456789\n');
    };
    write();
    await turn();
    reader.drain();
    await turn();
    assert.equal(lines.length, 30);
    clock.tick(1500);
    write();
    await turn();
    assert.equal(lines.length, 60);
  });
});
