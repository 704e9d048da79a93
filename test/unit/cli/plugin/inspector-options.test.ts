import assert from 'node:assert/strict';
import { Command } from 'commander';
import {
  type InspectOptions,
  inspectOptions,
  inspectorOf,
} from '../../../../src/cli/plugin/inspector-options.js';

/** What is asked for by these arguments. */
function parsed(...args: readonly string[]) {
  const command = new Command()
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .argument('[dir]');
  for (const option of inspectOptions('before')) command.addOption(option);
  command.parse(args, { from: 'user' });
  return inspectorOf(command.opts<InspectOptions>());
}

describe('the options of the inspector', () => {
  it('name a port, and whether to wait', () => {
    assert.equal(parsed(), undefined);
    assert.deepEqual(parsed('--inspect'), { port: 9229, wait: false });
    assert.deepEqual(parsed('--inspect=9300', '.'), { port: 9300, wait: false });
    assert.deepEqual(parsed('.', '--inspect-brk'), { port: 9229, wait: true });
    assert.deepEqual(parsed('--inspect-brk=1024'), { port: 1024, wait: true });
  });

  for (const given of [
    '--inspect=0.0.0.0:9229',
    '--inspect=80',
    '--inspect=65536',
    '--inspect=x',
    '--inspect-brk=',
  ]) {
    it(`refuse ${given}`, () => {
      assert.throws(
        () => parsed(given),
        /Expected a port from 1024 to 65535; the address is 127\.0\.0\.1 always/,
      );
    });
  }

  it('exclude each other', () => {
    assert.throws(() => parsed('--inspect', '--inspect-brk'), /cannot be used with/);
  });
});
