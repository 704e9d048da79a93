import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LineSplitter } from '../../../src/core/processes/line-splitter.js';

const MAX = 20;

function lines(chunks: readonly Buffer[]): string[] {
  const found: string[] = [];
  const splitter = new LineSplitter((line) => found.push(line), MAX);
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return found;
}

describe('LineSplitter', () => {
  it('accepts any chunks', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀', ' '), maxLength: 40, size: 'max' });
    const line = fc.tuple(text, fc.constantFrom('', '\r')).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(60)), fc.boolean(), (written, cuts, ended) => {
        const bytes = Buffer.from(written.join('\n') + (ended ? '\n' : ''));
        const chunks: Buffer[] = [];
        let start = 0;
        for (const cut of cuts) {
          chunks.push(bytes.subarray(start, start + cut));
          start += cut;
        }
        chunks.push(bytes.subarray(start));
        const expected = written
          .map((text) => text.replace(/\r$/, ''))
          .filter((text) => text !== '')
          .map((text) => (text.length > MAX ? `${text.slice(0, MAX)} … (cut)` : text));
        assert.deepEqual(lines(chunks), expected);
      }),
    );
  });

  it('gives the text of a stream, whole lines or not, once and in order', () => {
    const written = ['one', '', '\r', 'two\r', 'a line of 20 letters', 'the last one'];
    for (const cut of [1, 2, 3, 7, 1000]) {
      const bytes = Buffer.from(written.join('\n'));
      const chunks = Array.from({ length: Math.ceil(bytes.length / cut) }, (_, n) =>
        bytes.subarray(n * cut, (n + 1) * cut),
      );
      assert.deepEqual(
        lines(chunks),
        ['one', 'two', 'a line of 20 letters', 'the last one'],
        `cut to ${cut}`,
      );
    }
  });

  it('keeps a line of the greatest length, in pieces too, and cuts one that has a character more', () => {
    const text = 'abcdefghijklmnopqrstu';
    assert.deepEqual(lines([Buffer.from(`${text.slice(0, 20)}\n${text}\n`)]), [
      'abcdefghijklmnopqrst',
      'abcdefghijklmnopqrst … (cut)',
    ]);
    assert.deepEqual(lines([Buffer.from(text.slice(0, 20)), Buffer.from('\nx\n')]), [text.slice(0, 20), 'x']);
    assert.deepEqual(lines([Buffer.from(text), Buffer.from('vw\nx\n')]), [
      'abcdefghijklmnopqrst … (cut)',
      'x',
    ]);
  });

  it('gives the end once, and takes a stream that goes on after it for a new line', () => {
    const found: string[] = [];
    const splitter = new LineSplitter((line) => found.push(line), MAX);
    splitter.push(Buffer.from('end'));
    splitter.end();
    splitter.end();
    splitter.push(Buffer.alloc(50, 'x'));
    splitter.end();
    splitter.push(Buffer.from('new\n'));
    assert.deepEqual(found, ['end', `${'x'.repeat(MAX)} … (cut)`, 'new']);
  });

  it('keeps 8192 characters where no length is given', () => {
    const found: number[] = [];
    const splitter = new LineSplitter((line) => found.push(line.replace(/ … .cut.$/, '').length));
    splitter.push(Buffer.from(`${'x'.repeat(20_000)}\n`));
    assert.deepEqual(found, [8192]);
  });

  it('truncates a line that is too long, and continues with the next', () => {
    assert.deepEqual(
      lines([Buffer.from(`${'x'.repeat(15)}`), Buffer.from(`${'x'.repeat(50)}\r\nnext\r\n`)]),
      [`${'x'.repeat(MAX)} … (cut)`, 'next'],
    );
  });

  it('bounds the memory for a line that never ends', () => {
    const found: string[] = [];
    const splitter = new LineSplitter((line) => found.push(line), MAX);
    for (let chunk = 0; chunk < 1000; chunk++) splitter.push(Buffer.alloc(1000, 'x'));
    assert.equal(found.length, 1);
    splitter.end();
    assert.equal(found.length, 1);
  });
});
