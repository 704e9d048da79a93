import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { readLine } from '../../../src/rpc/read-line.js';
import { FakeClock } from '../../support/fake-clock.js';

describe('readLine', () => {
  let clock: FakeClock;
  let stream: PassThrough;

  beforeEach(() => {
    clock = new FakeClock();
    stream = new PassThrough();
  });
  afterEach(() => {
    stream.destroy();
    assert.equal(clock.pending, 0, 'a timer is left');
    assert.equal(stream.listenerCount('readable'), 0);
    clock.restore();
  });

  async function read(...chunks: readonly string[]): Promise<string | undefined> {
    const line = readLine(stream, 1000);
    for (const chunk of chunks) {
      stream.write(chunk, 'latin1');
      await clock.settle();
    }
    return line;
  }
  const rest = () => stream.read()?.toString('latin1') ?? '';

  it('gives the line, and leaves what comes after it', async () => {
    assert.equal(await read('hello\nmore\nand more'), 'hello');
    assert.equal(rest(), 'more\nand more');
  });

  it('takes a line in pieces, an empty one, and bytes as they are', async () => {
    assert.equal(await read('he', 'llo', '\n'), 'hello');
    assert.equal(rest(), '');
    assert.equal(await read('\n!'), '');
    assert.equal(rest(), '!');
    assert.equal(await read('\xe9\0\n'), '\xe9\0');
  });

  it('takes a line of 256 bytes and none of more', async () => {
    assert.equal(await read(`${'x'.repeat(256)}\n`), 'x'.repeat(256));
    assert.equal(await read(`${'x'.repeat(257)}\n`), undefined);
    assert.equal(await read('x'.repeat(200), 'x'.repeat(57)), undefined);
  });

  it('has none of a stream that ends, breaks or closes before', async () => {
    for (const over of [
      () => stream.end(),
      () => stream.destroy(),
      () => stream.destroy(new Error('broken')),
    ]) {
      stream = new PassThrough();
      stream.on('error', () => {});
      const line = readLine(stream, 1000);
      stream.write('hel');
      await clock.settle();
      over();
      assert.equal(await line, undefined);
    }
  });

  it('has none of a stream that says nothing in time', async () => {
    let line: unknown = 'waiting';
    void readLine(stream, 1000).then((read) => {
      line = read;
    });
    await clock.pass(999);
    assert.equal(line, 'waiting');
    await clock.pass(1);
    assert.equal(line, undefined);
  });
});
