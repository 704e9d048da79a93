import type { TestResult } from '../../protocol/plugin-test.js';

/** What broke a run, beside the results of its tests. */
export interface BrokenRun {
  /** What was being done: `in the test "greets"`. */
  readonly at: string;
  /** What happened, with a stack where there is one. */
  readonly message: string;
}

/**
 * A run of tests as JUnit XML, as CI systems read it: a test that fails is a failure, and what kept others from being run an error.
 *
 * @param name of the plugin's folder
 * @param broken undefined where all tests were run
 */
export function junitReport(
  name: string,
  results: readonly TestResult[],
  broken: BrokenRun | undefined,
): string {
  const suites = new Map<string, TestResult[]>();
  for (const result of results) suites.set(result.suite, [...(suites.get(result.suite) ?? []), result]);
  const errors = broken === undefined ? 0 : 1;
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${attributes({ name, ...counts(results, errors) })}>`,
    ...[...suites].flatMap(([suite, tests]) => [
      `  <testsuite ${attributes({ name: suite === '' ? name : suite, ...counts(tests, 0) })}>`,
      ...tests.map((test) => `    ${testCase(test)}`),
      '  </testsuite>',
    ]),
    ...(broken === undefined ? [] : brokenSuite(name, broken)),
    '</testsuites>',
  ];
  return `${lines.join('\n')}\n`;
}

function testCase({ suite, title, durationMs, state, failure }: TestResult): string {
  const open = `<testcase ${attributes({ classname: suite, name: title, time: seconds(durationMs) })}`;
  if (state === 'skipped') return `${open}><skipped/></testcase>`;
  if (failure === undefined) return `${open}/>`;
  const { message, stack } = failure;
  return `${open}><failure ${attributes({ message })}>${escaped(stack)}</failure></testcase>`;
}

function brokenSuite(name: string, { at, message }: BrokenRun): string[] {
  const [first = ''] = message.split('\n');
  return [
    `  <testsuite ${attributes({ name: at, ...counts([], 1) })}>`,
    `    <testcase ${attributes({ classname: name, name: at, time: seconds(0) })}><error ${attributes({ message: first })}>${escaped(message)}</error></testcase>`,
    '  </testsuite>',
  ];
}

function counts(results: readonly TestResult[], errors: number): Readonly<Record<string, string | number>> {
  const inState = (wanted: TestResult['state']) => results.filter(({ state }) => state === wanted).length;
  return {
    tests: results.length + errors,
    failures: inState('failed'),
    errors,
    skipped: inState('skipped'),
    time: seconds(results.reduce((sum, { durationMs }) => sum + durationMs, 0)),
  };
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escaped(String(value)).replaceAll('\n', '&#10;')}"`)
    .join(' ');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Without the characters that XML does not have, such as those of colours. */
function escaped(text: string): string {
  return text
    .replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '')
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '');
}
