import assert from 'node:assert/strict';
import { askSystem, type KeyringLibrary } from '../../../src/keyring/system-keyring.js';

/** A keyring in memory. */
class MemoryKeyring {
  readonly kept = new Map<string, string>();
  /** What the library throws. */
  failure: Error | undefined;

  library(): KeyringLibrary {
    const keyring = this;
    const check = () => {
      if (keyring.failure !== undefined) throw keyring.failure;
    };
    return {
      AsyncEntry: class {
        readonly at: string;
        constructor(service: string, name: string, options: { readonly linux: { readonly store: string } }) {
          assert.deepEqual([service, options.linux.store], ['bulkhead', 'secret-service']);
          this.at = name;
        }
        async getPassword() {
          check();
          return keyring.kept.get(this.at) ?? null;
        }
        async setPassword(value: string) {
          check();
          keyring.kept.set(this.at, value);
        }
        async deletePassword() {
          check();
          return keyring.kept.delete(this.at);
        }
      },
      findCredentialsAsync: async () => {
        check();
        return [...keyring.kept.keys()].map((account) => ({ account, password: 'not to be seen' }));
      },
    };
  }
}

describe('the keyring’s process', () => {
  let keyring: MemoryKeyring;
  const ask = (request: Parameters<typeof askSystem>[0]) => askSystem(request, async () => keyring.library());

  beforeEach(() => {
    keyring = new MemoryKeyring();
  });

  it('keeps, reads, lists and removes', async () => {
    assert.deepEqual(await ask({ op: 'get', name: 'b' }), { ok: true, value: null });
    await ask({ op: 'set', name: 'b', value: 'k1' });
    await ask({ op: 'set', name: 'a', value: 'k2' });
    assert.deepEqual(await ask({ op: 'get', name: 'b' }), { ok: true, value: 'k1' });
    assert.deepEqual(await ask({ op: 'list' }), { ok: true, names: ['a', 'b'] });
    assert.deepEqual(await ask({ op: 'remove', name: 'b' }), { ok: true, removed: true });
    assert.deepEqual(await ask({ op: 'remove', name: 'b' }), { ok: true, removed: false });
  });

  it('says what the library does, or that there is none', async () => {
    keyring.failure = new Error('the collection is locked');
    assert.deepEqual(await ask({ op: 'list' }), {
      ...{ ok: false, reason: 'failed', message: 'the collection is locked' },
    });
    const none = await askSystem({ op: 'list' }, () => Promise.reject(new Error('Cannot find package')));
    assert.deepEqual(none, { ok: false, reason: 'missing', message: 'Cannot find package' });
  });
});
