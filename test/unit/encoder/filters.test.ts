import assert from 'node:assert/strict';
import fc from 'fast-check';
import { escapeFilterValue, frameRate } from '../../../src/encoder/arguments/filters.js';

describe('frameRate', () => {
  for (const [fps, text] of [
    [30, '30'],
    [29.97, '30000/1001'],
    [59.94, '60000/1001'],
    [23.976, '24000/1001'],
    [12.5, '12.5'],
    [1, '1'],
  ] as const) {
    it(`${fps} is ${text}`, () => assert.equal(frameRate(fps), text));
  }
});

describe('escapeFilterValue', () => {
  /** libavutil's av_get_token without quotes, which both levels use. */
  function token(text: string, terminators: string): { value: string; rest: string } {
    let value = '';
    let i = 0;
    while (i < text.length && !terminators.includes(text.charAt(i))) {
      if (text.charAt(i) === '\\') i++;
      else assert.notEqual(text.charAt(i), "'", 'an open quote');
      value += text.charAt(i);
      i++;
    }
    return { value, rest: text.slice(i) };
  }

  it('is reversed by the two levels of parsing for any value', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('a', ' ', ':', ',', ';', "'", '\\', '[', ']', '%', '=', 'é'),
          minLength: 1,
        }),
        (value) => {
          const graph = token(`${escapeFilterValue(value)},next`, '[],;');
          assert.equal(graph.rest, ',next');
          const option = token(graph.value, ':');
          assert.equal(option.rest, '');
          assert.equal(option.value, value);
        },
      ),
    );
  });
});
