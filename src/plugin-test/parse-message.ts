import { checkValue } from '../base/check-value.js';
import { TestRunMessage } from '../protocol/plugin-test.js';

/** A message of the test process, which runs a plugin's code; undefined if it is none. */
export function parseMessage(message: unknown): TestRunMessage | undefined {
  return checkValue(TestRunMessage, message).data;
}
