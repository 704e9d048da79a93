import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type ContextValue, evaluateWhen } from '../../../src/keys/evaluate-when.js';
import {
  type Comparison,
  countPatterns,
  findWhenProblem,
  keysOf,
  parseWhen,
  type When,
} from '../../../src/keys/when-clause.js';
import { WhenError } from '../../../src/keys/when-error.js';

const holds = (text: string, values: Record<string, ContextValue> = {}) =>
  evaluateWhen(parseWhen(text), (key) => (Object.hasOwn(values, key) ? values[key] : undefined));

/** As a person would write it, with parentheses around everything. */
function written(when: When): string {
  switch (when.type) {
    case 'constant':
      return String(when.value);
    case 'has':
      return when.key;
    case 'not':
      return `!(${written(when.of)})`;
    case 'and':
      return when.of.map((one) => `(${written(one)})`).join(' && ');
    case 'or':
      return when.of.map((one) => `(${written(one)})`).join('||');
    case 'equals':
      return `${when.key} == '${when.value.replace(/['\\]/g, '\\$&')}'`;
    case 'compare':
      return `${when.key} ${when.op} ${when.value}`;
    case 'in':
      return `${when.key} in ${when.list}`;
    case 'matches':
      return `${when.key} =~ /${when.pattern}/${when.ignoreCase ? 'i' : ''}`;
  }
}

const key = fc.constantFrom('scene', 'broadcast.state', 'output.main-1.state', 'my-plugin.mode', 'a_b:c');
const { when } = fc.letrec<{ when: When }>((tie) => ({
  when: fc.oneof(
    { depthSize: 'small' },
    fc.record({ type: fc.constant('constant' as const), value: fc.boolean() }),
    fc.record({ type: fc.constant('has' as const), key }),
    fc.record({ type: fc.constant('equals' as const), key, value: fc.string({ maxLength: 10 }) }),
    fc.record({
      type: fc.constant('compare' as const),
      key,
      op: fc.constantFrom<Comparison>('<', '<=', '>', '>='),
      value: fc.integer(),
    }),
    fc.record({ type: fc.constant('in' as const), key, list: key }),
    fc.record({
      type: fc.constant('matches' as const),
      key,
      pattern: fc.constantFrom('^intro', 'a\\/b', '[/]x', 'cam(1|2)$'),
      ignoreCase: fc.boolean(),
    }),
    fc.record({ type: fc.constant('not' as const), of: tie('when') }),
    fc.record({
      type: fc.constantFrom('and' as const, 'or' as const),
      of: fc.array(tie('when'), { minLength: 2, maxLength: 3 }),
    }),
  ),
}));

describe('a when clause', () => {
  it('is parsed to what was written', () => {
    fc.assert(
      fc.property(when, (clause) => {
        const text = written(clause);
        fc.pre(text.length <= 500);
        // fast-check's objects have no prototype.
        assert.deepEqual(parseWhen(text), structuredClone(clause));
      }),
    );
  });

  it('is parsed or refused with an error of its own, whatever it is', () => {
    const piece = fc.constantFrom(
      'a',
      ' ',
      '&&',
      '||',
      '!',
      '(',
      ')',
      '==',
      '=~',
      '/x/',
      "'",
      'in',
      'not',
      '<',
      '1',
    );
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: piece, maxLength: 20 })), (text) => {
        try {
          evaluateWhen(parseWhen(text), () => undefined);
        } catch (error) {
          assert.ok(error instanceof WhenError, String(error));
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('binds "!" before "&&" before "||"', () => {
    assert.equal(holds('true || false && false'), true);
    assert.equal(holds('(true || false) && false'), false);
    assert.equal(holds('!false && true'), true);
    assert.equal(holds('!(false || true)'), false);
  });

  it('compares as VS Code does', () => {
    const values = {
      'broadcast.state': 'live',
      count: 3,
      scene: 'my scene',
      on: true,
      off: false,
      list: ['a', 'b'],
    };
    for (const text of [
      'broadcast.state == live',
      "broadcast.state != 'idle'",
      "scene == 'my scene'",
      'on',
      'on == true',
      '!off && off == false',
      'missing == false',
      'missing != x',
      'count < 4 && count <= 3 && count > 2.5 && count >= 3',
      'count == 3',
      'scene =~ /^my/ && scene =~ /SCENE$/i',
      'list && !missing',
    ]) {
      assert.equal(holds(text, values), true, text);
    }
    for (const text of [
      'missing',
      'missing == x',
      'scene < 4',
      'missing < 4',
      'missing =~ /.*/',
      'list == a',
    ]) {
      assert.equal(holds(text, values), false, text);
    }
  });

  it('finds a value in a list', () => {
    const values = { scene: 'a', scenes: ['a', 'b'], number: 1, numbers: [1, 2], text: 'a' };
    assert.equal(holds('scene in scenes', values), true);
    assert.equal(holds('number in numbers', values), true);
    assert.equal(holds('scene not in scenes', values), false);
    assert.equal(holds('other not in scenes', values), true);
    assert.equal(holds('scene in text', values), false);
  });

  it('is refused with its place', () => {
    const problems = {
      'a &&': 'expected a context key at the end',
      'a && && b': 'expected a context key in place of "&&" at character 6',
      '(a || b': 'expected ")" at the end',
      'a b': 'expected "&&", "||" or the end in place of "b" at character 3',
      'a == ': "expected a value, such as live or 'my scene' at the end",
      'a < soon': 'expected a number in place of "soon" at character 5',
      'a not x': 'expected "in" in place of "x" at character 7',
      "a == 'b": "expected another ' for the one at character 6",
      'a =~ b': 'expected a pattern such as /^intro/ in place of "b" at character 6',
      'a =~ /b/g': 'expected no flag but "i" after the pattern at character 6',
      'a =~ /(/': 'the pattern at character 6: expected a regular expression',
      'a =~ /(?=b)/': 'the pattern at character 6: expected no lookaround, names or flags in it',
      'a & b': 'expected a context key or an operator in place of "&" at character 3',
      '/b/': 'expected a pattern such as /^intro/ after "=~" at character 1',
    };
    for (const [text, problem] of Object.entries(problems))
      assert.equal(findWhenProblem(text), problem, text);
    assert.equal(findWhenProblem(`a${' '.repeat(500)}`), 'expected at most 500 characters');
    assert.match(findWhenProblem(`${'!'.repeat(100)}a`) ?? '', /^expected at most 30 levels/);
  });

  it('says which keys and how many patterns are in it', () => {
    assert.deepEqual(keysOf(parseWhen('a && !(b == c || d in e) && f =~ /x/')), ['a', 'b', 'd', 'e', 'f']);
    assert.equal(countPatterns('a =~ /x/ || b =~ /y/i && c'), 2);
    assert.equal(countPatterns('a =~ '), 0);
  });
});
