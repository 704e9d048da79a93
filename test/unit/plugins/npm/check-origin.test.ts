import assert from 'node:assert/strict';
import { changesOfOrigin, checkOrigin } from '../../../../src/plugins/npm/check-origin.js';
import type { PackageOrigin, Provenance } from '../../../../src/protocol/plugin-management.js';

const origin = (change: Partial<PackageOrigin> = {}): PackageOrigin => ({
  package: 'chat',
  registry: 'https://registry.example',
  integrity: 'sha512-a',
  publisher: 'ann',
  maintainers: ['ann', 'bob'],
  ...change,
});
const provenance = (change: Partial<Provenance> = {}): Provenance => ({
  repository: 'https://github.com/ann/chat',
  commit: 'a1',
  builder: 'https://github.com/actions/runner',
  verified: true,
  ...change,
});
const stated = { verified: false, reason: 'no keys' };

describe('where a version of a package comes from', () => {
  for (const [what, before, after] of [
    ['what was no package of npm', undefined, origin()],
    ['the same', origin(), origin()],
    ['another of its maintainers', origin(), origin({ publisher: 'bob' })],
    [
      'the same where the registry does not say who publishes',
      origin({ publisher: undefined }),
      origin({ publisher: undefined }),
    ],
    [
      'another package, which is judged by its name',
      origin(),
      origin({ package: 'other', publisher: 'eve' }),
    ],
    ['nobody known before', origin({ publisher: undefined, maintainers: [] }), origin({ publisher: 'eve' })],
    ['a provenance where there was none', origin(), origin({ provenance: provenance() })],
    [
      'another commit, written in other letters',
      origin({ provenance: provenance() }),
      origin({ provenance: provenance({ commit: 'b2', repository: 'https://github.com/Ann/Chat' }) }),
    ],
    [
      'another account, by a verified build of the same repository',
      origin({ provenance: provenance() }),
      origin({ provenance: provenance(), publisher: 'GitHub Actions' }),
    ],
    [
      'a verified provenance after a stated one',
      origin({ provenance: provenance(stated) }),
      origin({ provenance: provenance() }),
    ],
  ] as const) {
    it(`is accepted: ${what}`, () => assert.deepEqual(changesOfOrigin(before, after), []));
  }

  for (const [what, before, after, changes] of [
    [
      'another account',
      origin(),
      origin({ publisher: 'eve', maintainers: ['eve', 'ann'] }),
      ['was published by "eve", not by "ann" or "bob"'],
    ],
    [
      'new maintainers, where the registry does not say who publishes',
      origin({ publisher: undefined }),
      origin({ publisher: undefined, maintainers: ['ann', 'eve'] }),
      ['was published by "eve", not by "ann" or "bob"'],
    ],
    [
      'nobody',
      origin(),
      origin({ publisher: undefined, maintainers: [] }),
      ['does not say who has published it; the version before was published by "ann" or "bob"'],
    ],
    [
      'another account, by a build that is only stated',
      origin({ provenance: provenance(stated) }),
      origin({ provenance: provenance(stated), publisher: 'eve' }),
      ['was published by "eve", not by "ann" or "bob"'],
    ],
    [
      'another registry',
      origin(),
      origin({ registry: 'https://other.example' }),
      ['is from the registry https://other.example, and the version before is from https://registry.example'],
    ],
    [
      'no provenance any more',
      origin({ provenance: provenance() }),
      origin(),
      ['has no provenance, and the version before was built from https://github.com/ann/chat'],
    ],
    [
      'another repository',
      origin({ provenance: provenance() }),
      origin({ provenance: provenance({ repository: 'https://github.com/eve/chat' }) }),
      ['was built from https://github.com/eve/chat, and the version before from https://github.com/ann/chat'],
    ],
    [
      'a provenance that is no longer verified',
      origin({ provenance: provenance() }),
      origin({ provenance: provenance(stated) }),
      ['has a provenance that is not verified (no keys), and that of the version before was'],
    ],
  ] as const) {
    it(`is refused: ${what}`, () => assert.deepEqual(changesOfOrigin(before, after), changes));
  }

  it('is refused with the plugin and all reasons in one error', () => {
    const after = origin({ publisher: 'eve' });
    assert.throws(
      () =>
        checkOrigin(
          { id: 'ann.chat', version: '1.1.0' },
          { origin: origin({ provenance: provenance() }) },
          after,
        ),
      {
        code: 'plugin.changedSource',
        message:
          '"ann.chat" 1.1.0 has no provenance, and the version before was built from https://github.com/ann/chat; and it was published by "eve", not by "ann" or "bob"',
        where: 'ann.chat',
      },
    );
  });

  it('is refused when a version has other files than it had', () => {
    const plugin = { id: 'ann.chat', version: '1.0.0' };
    const before = { version: '1.0.0', origin: origin() };
    assert.throws(() => checkOrigin(plugin, before, origin({ integrity: 'sha512-b' })), {
      message: '"ann.chat" 1.0.0 is not the archive that was installed as this version: its digest differs',
    });
    checkOrigin(plugin, before, origin());
    checkOrigin({ ...plugin, version: '1.1.0' }, before, origin({ integrity: 'sha512-b' }));
  });
});
