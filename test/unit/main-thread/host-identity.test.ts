import assert from 'node:assert/strict';
import { FromPluginSchema, HostIdentity } from '../../../src/core/main-thread/host-identity.js';

describe('the identity of a host', () => {
  const identity = new HostIdentity(new Set(['one', 'two']));

  it('takes messages for its own plugins', () => {
    assert.deepEqual(identity.check(FromPluginSchema, { plugin: 'two' }), { plugin: 'two' });
  });

  it('refuses to speak for others', () => {
    assert.throws(() => identity.check(FromPluginSchema, { plugin: 'three' }), {
      code: 'permission.denied',
      message: 'the host of one, two speaks for "three", which it does not hold',
    });
  });

  for (const message of [undefined, null, 7, 'one', [], {}, { plugin: 1 }]) {
    it(`refuses ${JSON.stringify(message)}`, () => {
      assert.throws(() => identity.check(FromPluginSchema, message), {
        code: 'plugin.failed',
        where: 'one, two',
      });
    });
  }
});
