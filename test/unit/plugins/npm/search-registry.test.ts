import assert from 'node:assert/strict';
import type { RegistryClient } from '../../../../src/plugins/npm/registry-client.js';
import { searchPlugins } from '../../../../src/plugins/npm/search-registry.js';

const found = (name: string, change: object = {}) => ({
  package: { name, version: '1.0.0', keywords: ['bulkhead-plugin'], ...change },
});

describe('searching for plugins', () => {
  let paths: string[];

  beforeEach(() => {
    paths = [];
  });

  /** @param manifests What the registry has of versions, by path. */
  const search = (
    objects: readonly unknown[],
    manifests: Readonly<Record<string, unknown>> = {},
    limit = 20,
  ) =>
    searchPlugins('now playing', limit, {
      registryOf: (name: string) => (name.startsWith('@me/') ? 'https://me.example' : 'https://npm.example'),
      get: async (registry: string, path: string) => {
        paths.push(registry + path);
        if (path.startsWith('/-/')) return { objects };
        const manifest = manifests[path];
        if (manifest === undefined) throw new Error('no');
        return manifest;
      },
    } as unknown as RegistryClient);
  const packages = (plugins: readonly { readonly package: string }[]) =>
    plugins.map((plugin) => plugin.package);

  it('asks for the keyword and the words, and for each manifest in the registry of its scope', async () => {
    const manifest = { name: '@me/chat', version: '1.0.0', displayName: 'Chat', dist: {} };
    const [chat] = await search(
      [found('@me/chat', { description: 'Reads.', date: '2026', publisher: { username: 'me' } })],
      {
        '/@me%2fchat/1.0.0': manifest,
      },
    );
    assert.deepEqual(paths, [
      'https://npm.example/-/v1/search?text=keywords%3Abulkhead-plugin+now+playing&size=20',
      'https://me.example/@me%2fchat/1.0.0',
    ]);
    assert.deepEqual(chat, {
      id: 'me.chat',
      package: '@me/chat',
      version: '1.0.0',
      title: 'Chat',
      description: 'Reads.',
      publisher: 'me',
      date: '2026',
    });
  });

  it('shows a plugin whose manifest cannot be had, or is that of another package, by its package', async () => {
    const plugins = await search([found('one'), found('two')], {
      '/two/1.0.0': { name: 'eve', version: '1.0.0', dist: {} },
    });
    assert.deepEqual(
      plugins.map(({ id, package: name }) => [id, name]),
      [
        [undefined, 'one'],
        [undefined, 'two'],
      ],
    );
  });

  it('leaves out what is no plugin, cannot be understood, or is more than was wanted', async () => {
    const objects = [
      ...[
        5,
        {},
        { package: null },
        found('no', { keywords: ['other'] }),
        found('no', { keywords: 'bulkhead-plugin' }),
      ],
      ...[found('--registry=x'), found('No'), found('no', { version: '../x' })],
      ...[found('one'), found('two'), found('three')],
    ];
    assert.deepEqual(packages(await search(objects, {}, 2)), ['one', 'two']);
  });

  it('ignores what is too long or of another type', async () => {
    const [one] = await search([found('one', { description: 'x'.repeat(10_001), date: 5, publisher: 'me' })]);
    assert.deepEqual([one?.description, one?.date, one?.publisher], [undefined, undefined, undefined]);
  });
});
