import assert from 'node:assert/strict';
import type { PackageVersion, Packument } from '../../../../src/plugins/npm/packument.js';
import { pickVersion } from '../../../../src/plugins/npm/pick-version.js';

/** @param versions Versions, by the range of the API that they need. */
function packument(
  versions: Readonly<Record<string, string>>,
  tags: Readonly<Record<string, string>>,
): Packument {
  return {
    name: 'chat',
    registry: 'https://registry.example',
    maintainers: [],
    tags: new Map(Object.entries(tags)),
    versions: new Map(
      Object.entries(versions).map(([version, bulkhead]) => [
        version,
        { name: 'chat', version, engines: { bulkhead }, dist: {} } as unknown as PackageVersion,
      ]),
    ),
  };
}
const NOW = '^1.0.0';
const LATER = '^1.9.0';
const CHAT = packument(
  { '1.0.0': NOW, '1.1.0': NOW, '1.2.0-next.1': NOW, '1.2.0-next.2': LATER, '2.0.0': LATER },
  { latest: '2.0.0', next: '1.2.0-next.2', old: '1.0.0', gone: '9.0.0' },
);

describe('the version of a package that is installed', () => {
  for (const [wanted, version, passedOver] of [
    ['', '1.1.0', '2.0.0'],
    ['latest', '1.1.0', '2.0.0'],
    ['next', '1.2.0-next.1', '1.2.0-next.2'],
    ['old', '1.0.0', undefined],
    ['2.0.0', '2.0.0', undefined],
    ['^1.0.0', '1.1.0', undefined],
    ['>=1.0.0', '1.1.0', '2.0.0'],
    ['~1.0.0', '1.0.0', undefined],
  ] as const) {
    it(`is ${version} for "${wanted}"`, () => {
      const picked = pickVersion(CHAT, wanted);
      assert.deepEqual([picked.version.version, picked.passedOver?.version], [version, passedOver]);
    });
  }

  it('is none that is newer than what the tag names', () => {
    const early = packument({ '1.0.0': NOW, '1.5.0': LATER, '1.6.0': NOW }, { latest: '1.5.0' });
    assert.equal(pickVersion(early, '').version.version, '1.0.0');
  });

  it('is the newest one if none runs here, so that its error says what it needs', () => {
    const later = packument({ '1.0.0': LATER, '1.1.0': LATER }, { latest: '1.1.0' });
    assert.equal(pickVersion(later, '').version.version, '1.1.0');
  });

  for (const wanted of ['3.0.0', '^3.0.0', 'beta', 'gone', '!']) {
    it(`is none for "${wanted}"`, () => {
      assert.throws(() => pickVersion(CHAT, wanted), {
        code: 'registry.failed',
        remedy: 'It has "latest", "next", "old", "gone", 2.0.0, 1.2.0-next.2, 1.2.0-next.1, 1.1.0, 1.0.0.',
      });
    });
  }
});
