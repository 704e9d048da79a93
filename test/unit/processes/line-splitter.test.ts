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
