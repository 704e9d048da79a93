import assert from 'node:assert/strict';
import { junitReport } from '../../../../src/cli/plugin/junit-report.js';
import type { TestResult } from '../../../../src/protocol/plugin-test.js';

const RESULTS: readonly TestResult[] = [
  { suite: 'greeting', title: 'greets <you>', durationMs: 12, state: 'passed' },
  {
    ...{ suite: 'greeting', title: 'fails', durationMs: 3, state: 'failed' },
    failure: { message: 'no "hello"\nat all', stack: 'Error: \u001b[31mno & never\u001b[0m\n    at x' },
  },
  { suite: '', title: 'alone', durationMs: 0, state: 'skipped' },
];

describe('a JUnit report', () => {
  it('counts tests that fail as failures, by suites', () => {
    assert.deepEqual(junitReport('mine', RESULTS, undefined).split('\n'), [
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<testsuites name="mine" tests="3" failures="1" errors="0" skipped="1" time="0.015">',
      '  <testsuite name="greeting" tests="2" failures="1" errors="0" skipped="0" time="0.015">',
      '    <testcase classname="greeting" name="greets &lt;you&gt;" time="0.012"/>',
      '    <testcase classname="greeting" name="fails" time="0.003"><failure message="no &quot;hello&quot;&#10;at all">Error: [31mno &amp; never[0m',
      '    at x</failure></testcase>',
      '  </testsuite>',
      '  <testsuite name="mine" tests="1" failures="0" errors="0" skipped="1" time="0.000">',
      '    <testcase classname="" name="alone" time="0.000"><skipped/></testcase>',
      '  </testsuite>',
      '</testsuites>',
      '',
    ]);
  });

  it('has what broke the run as an error, beside the tests that had ended', () => {
    const broken = { at: 'in the test "sad"', message: 'the tests hung\n    at main.mjs:4' };
    const report = junitReport('mine', RESULTS.slice(0, 1), broken);
    assert.match(report, /<testsuites name="mine" tests="2" failures="0" errors="1"/);
    assert.match(report, /name="greets &lt;you&gt;"/);
    assert.match(
      report,
      /<testcase classname="mine" name="in the test &quot;sad&quot;" time="0\.000"><error message="the tests hung">the tests hung\n {4}at main\.mjs:4<\/error>/,
    );
  });
});
