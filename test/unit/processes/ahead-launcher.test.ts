import assert from 'node:assert/strict';
import { AheadLauncher } from '../../../src/core/processes/ahead-launcher.js';
import { FakeLauncher } from './fake-launcher.js';

describe('AheadLauncher', () => {
  it('returns the instance launched on creation once', () => {
    const launcher = new FakeLauncher('encoder');
    const ahead = new AheadLauncher(launcher);
    assert.equal(launcher.parts.length, 1);
    assert.deepEqual([ahead.role, ahead.isolated], ['encoder', launcher.isolated]);
    assert.equal(ahead.launch(), launcher.parts[0]);
    assert.equal(ahead.launch(), launcher.parts[1]);
    for (const part of launcher.parts) part.dispose();
  });

  it('launches another if the first has exited before it was requested', async () => {
    const launcher = new FakeLauncher('encoder');
    const ahead = new AheadLauncher(launcher);
    const [first] = launcher.parts;
    const exited = new Promise((resolve) => first?.onDidExit(resolve));
    first?.kill('SIGKILL');
    await exited;
    assert.notEqual(ahead.launch(), first);
    assert.equal(launcher.parts.length, 2);
    for (const part of launcher.parts) part.dispose();
  });
});
