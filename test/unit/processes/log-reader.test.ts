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
