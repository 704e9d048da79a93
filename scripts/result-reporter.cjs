// Mocha's spec reporter, which also writes the result to the file of the option "result": the tests that passed and those that failed, with
// their files, and how long each file took, ms.
const { writeFileSync } = require('node:fs');
const { reporters, Runner } = require('mocha');

const { EVENT_HOOK_END, EVENT_RUN_END, EVENT_TEST_END, EVENT_TEST_FAIL, EVENT_TEST_PASS } = Runner.constants;

module.exports = class ResultReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const [passes, failures, durations] = [[], [], {}];
    const of = (test) => ({ file: test.file, title: test.fullTitle() });
    runner.on(EVENT_TEST_PASS, (test) => passes.push(of(test)));
    runner.on(EVENT_TEST_FAIL, (test) => failures.push(of(test)));
    for (const end of [EVENT_TEST_END, EVENT_HOOK_END]) {
      runner.on(end, ({ file, duration = 0 }) => {
        if (file !== undefined) durations[file] = (durations[file] ?? 0) + duration;
      });
    }
    runner.once(EVENT_RUN_END, () => {
      writeFileSync(options.reporterOptions.result, JSON.stringify({ passes, failures, durations }));
    });
  }
};
