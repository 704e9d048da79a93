// Mocha's spec reporter, which also writes the result to the file of the option "result": the tests that passed and those that failed, with their files.
const { writeFileSync } = require('node:fs');
const { reporters, Runner } = require('mocha');

module.exports = class ResultReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const [passes, failures] = [[], []];
    const of = (test) => ({ file: test.file, title: test.fullTitle() });
    runner.on(Runner.constants.EVENT_TEST_PASS, (test) => passes.push(of(test)));
    runner.on(Runner.constants.EVENT_TEST_FAIL, (test) => failures.push(of(test)));
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      writeFileSync(options.reporterOptions.result, JSON.stringify({ passes, failures }));
    });
  }
};
