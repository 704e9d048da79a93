import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { FoundPlugin } from '../../../src/plugins/npm/search-registry.js';
import type { ChangedPlugin, PluginInfo } from '../../../src/protocol/plugin-management.js';
import { writeArchive } from '../../support/archive.js';
import { Bulkhead, runBulkhead, runCommand } from '../../support/bulkhead.js';
import { type NpmRegistry, type Published, startNpmRegistry } from '../../support/npm-registry.js';
import { attestation, FakeSigstore } from '../../support/provenance.js';
import { type TempDir, tempDir } from '../../support/temp.js';

/** A plugin whose command returns its version. */
const entries = (name: string, version: string, manifest: object = {}) => {
  const own = name.replace(/^.*\//, '');
  const packageJson = {
    name,
    version,
    main: 'main.cjs',
    keywords: ['bulkhead-plugin'],
    engines: { bulkhead: '^1.0.0' },
    ...manifest,
  };
  const source = `
    const { commands } = require('@bulkhead/extension-api');
    exports.activate = () => { commands.registerCommand('${own}.version', () => '${version}'); };`;
  return [
    { path: 'package/package.json', text: JSON.stringify(packageJson) },
    { path: 'package/main.cjs', text: source },
  ];
};

describe('the commands for plugins from a registry', function () {
  this.timeout(300_000);
  let folder: TempDir;
  let registry: NpmRegistry;
  let core: Bulkhead | undefined;
  const sigstore = new FakeSigstore();

  beforeEach(async () => {
    folder = tempDir('registry');
    registry = await startNpmRegistry(folder.path);
    core = undefined;
  });

  afterEach(async () => {
    await core?.end();
    await registry.stop();
    folder.dispose();
  });

  const env = () => ({
    ...registry.env,
    XDG_DATA_HOME: folder.path,
    BULKHEAD_SIGSTORE_ROOT: sigstore.rootFile(folder.path),
  });
  const plugin = async (...args: string[]) => {
    const { code, stdout, stderr } = await runBulkhead(
      ['plugin', ...args],
      { env: env(), address: args[0] === 'search' ? '' : (core?.address ?? join(folder.path, 'none.sock')) },
      120_000,
    );
    return { code, stdout: stdout.trimEnd(), stderr: stderr.trimEnd() };
  };
  const done = async (...args: string[]) => {
    const result = await plugin(...args);
    assert.equal(result.code, 0, `${args.join(' ')}: ${result.stderr}`);
    return result;
  };
  const publish = (name: string, version: string, manifest: object = {}, about: Published = {}) => {
    const archive = writeArchive(join(folder.path, 'published.tgz'), entries(name, version, manifest));
    registry.publish(name, version, archive, about);
    return archive;
  };
  /** Publishes it with a provenance, signed by a workflow of the repository unless it is not to be. */
  const publishBuilt = (
    name: string,
    version: string,
    {
      repository = 'https://github.com/me/chat',
      signed = true,
      ...about
    }: Published & { repository?: string; signed?: boolean } = {},
  ) => {
    const archive = publish(name, version);
    const built = { name, version, archive, repository, commit: 'c0ffee'.repeat(6).padEnd(40, '0') };
    const attested = signed ? sigstore.attest(built) : attestation(built);
    registry.publish(name, version, archive, { ...about, attestations: [attested] });
  };
  const startCore = async () => {
    core = new Bulkhead(['core'], { env: env() });
    await core.until('the core answers', ({ state }) => state === 'idle');
    return core;
  };
  const infoOf = async (id: string) => {
    const [info] = JSON.parse((await done('info', id, '--json')).stdout) as PluginInfo[];
    assert(info !== undefined);
    return info;
  };
  const versions = async () => {
    const { plugins } = JSON.parse((await done('list', '--json')).stdout) as { plugins: PluginInfo[] };
    return plugins.map(({ id, version }) => `${id}@${version}`);
  };

  it('find plugins, by their keyword, and print nothing that is not printable', async () => {
    publish('@me/chat', '1.0.0', { displayName: 'Chat\u202e\x1b[2J', description: 'Reads the chat.' });
    publish('chat-of-others', '1.0.0', { keywords: ['chat'] });
    const { stdout } = await done('search', 'chat');
    assert.deepEqual(stdout.split('\n'), [
      'me.chat 1.0.0  Chat  2026-11-30 by someone',
      '  Reads the chat.',
      '  bulkhead plugin install @me/chat',
    ]);
    const [found, ...others] = JSON.parse((await done('search', 'chat', '--json')).stdout) as FoundPlugin[];
    assert.deepEqual(
      [found?.id, found?.package, found?.version, others],
      ['me.chat', '@me/chat', '1.0.0', []],
    );
    assert.equal((await done('search', 'weather')).stdout, 'The registry has no such plugin.');
  });

  it('say what is wrong with a registry that has no search, answers rubbish, or is not there', async () => {
    const { url } = registry;
    const searching = async (message: string) => {
      const { code, stderr, stdout } = await plugin('search', 'chat');
      assert.deepEqual([code, stdout], [69, '']);
      assert.ok(stderr.startsWith(`bulkhead: the registry ${url} ${message}`), stderr);
      assert.equal(stderr.split('\n').length, 1);
    };
    registry.override('/-/v1/search', (_request, response) => void response.writeHead(404).end());
    await searching('has no search. Install by the name of a package');
    registry.override('/-/v1/search', (_request, response) => void response.end('{"objects":{"length":1}}'));
    await searching('has not answered with what a search finds');
    registry.override('/-/v1/search', (_request, response) => void response.end('\x1b[2J<html>'));
    await searching('has not answered with JSON');
    await registry.stop();
    await searching('cannot be reached: ECONNREFUSED');
    registry = await startNpmRegistry(folder.path);
  });

  it('install what a plugin depends on, in order, with one consent for all', async () => {
    publish('@me/base', '1.0.0', { permissions: ['network'] });
    publish('middle', '1.0.0', { publisher: 'you', extensionDependencies: ['me.base'] });
    publish('@me/top', '1.0.0', {
      extensionDependencies: ['you.middle'],
      extensionPackages: { 'you.middle': 'middle@^1.0.0' },
      permissions: ['broadcast.marker'],
    });
    const refused = await plugin('install', '@me/top');
    assert.equal(refused.code, 64);
    assert.match(
      refused.stderr,
      /"me\.top" 1\.0\.0 needs plugins that are not installed:\n {2}"me\.base" 1\.0\.0, the package @me\/base of http.*\n {2}"you\.middle" 1\.0\.0, the package middle of .*\n"me\.base" 1\.0\.0 may then:\n {2}connect to other computers \(network\)\n"me\.top" 1\.0\.0 may then:\n {2}mark moments of the broadcast \(broadcast\.marker\)\nbulkhead: "me\.top" 1\.0\.0 needs "me\.base", "you\.middle" to be installed as well\. Give --yes/,
    );
    assert.deepEqual(await versions(), []);

    await startCore();
    const { stdout } = await done('install', '@me/top', '--yes');
    assert.deepEqual(stdout.split('\n'), [
      'installed me.base 1.0.0: active',
      'installed you.middle 1.0.0: active',
      'installed me.top 1.0.0: active',
    ]);
    assert.deepEqual((await infoOf('me.base')).granted, ['network']);
    publish('@me/more', '1.0.0', { extensionDependencies: ['me.top'] });
    assert.equal((await done('install', '@me/more')).stdout, 'installed me.more 1.0.0: active');
  });

  for (const [what, manifests, message] of [
    [
      'a circle',
      { '@me/one': { extensionDependencies: ['me.two'] }, '@me/two': { extensionDependencies: ['me.one'] } },
      /extensionDependencies: expected no circle, got "me\.one" → "me\.two" → "me\.one"/,
    ],
    [
      'one that no registry has',
      { '@me/one': { extensionDependencies: ['me.gone'] } },
      /"me\.one" needs "me\.gone", which is not installed, and its package "@me\/gone" cannot be: the registry .* has no package "@me\/gone"\. Install "me\.gone" first\./,
    ],
    [
      'a package that is another plugin',
      {
        '@me/one': { extensionDependencies: ['me.two'], extensionPackages: { 'me.two': 'two' } },
        two: { publisher: 'eve' },
      },
      /me\.one: needs "me\.two", and the package "two" is the plugin "eve\.two"/,
    ],
  ] as const) {
    it(`refuse dependencies with ${what}`, async () => {
      for (const [name, manifest] of Object.entries(manifests)) publish(name, '1.0.0', manifest);
      const { code, stderr } = await plugin('install', '@me/one', '--yes');
      assert.notEqual(code, 0);
      assert.match(stderr, message);
      assert.deepEqual(await versions(), []);
    });
  }

  it('show what is outdated, and update all, each by itself, on its channel', async () => {
    for (const name of ['@me/one', '@me/two', '@me/three']) {
      publish(name, '1.0.0');
      publish(name, '1.1.0-next.1', {}, { tag: 'next' });
    }
    await done('install', '@me/one');
    await done('install', '@me/two@next');
    await done('install', '@me/three', '--channel', 'latest');
    assert.equal((await done('outdated')).stdout, 'All plugins from npm are up to date.');
    assert.equal((await infoOf('me.two')).version, '1.1.0-next.1');

    publish('@me/one', '1.1.0');
    publish('@me/one', '2.0.0', { engines: { bulkhead: '^1.9.0' } });
    publish('@me/two', '1.1.0-next.2', {}, { tag: 'next' });
    publish('@me/three', '1.1.0', {}, { publisher: 'eve' });
    const { stdout } = await done('outdated');
    assert.deepEqual(stdout.split('\n'), [
      'me.one  installed 1.0.0  wanted 1.1.0  latest 2.0.0',
      '  2.0.0 needs another version of Bulkhead: its plugin API ^1.9.0.',
      'me.three  installed 1.0.0  wanted 1.1.0  latest 1.1.0',
      '  An update is refused: 1.1.0 was published by "eve", not by "someone".',
      'me.two  installed 1.1.0-next.1  wanted 1.1.0-next.2  latest 1.0.0  channel next',
    ]);

    const updated = await plugin('update', '--all');
    assert.equal(updated.code, 64);
    assert.deepEqual(updated.stdout.split('\n'), [
      'updated me.one 1.1.0: not running: no core is running',
      'updated me.two 1.1.0-next.2: not running: no core is running',
    ]);
    assert.match(
      updated.stderr,
      /bulkhead: "me\.three" 1\.1\.0 was published by "eve", not by "someone"\. Somebody else may have published it: .* --accept-changed-source\./,
    );
    assert.match(updated.stderr, /@me\/one 2\.0\.0 needs another version of Bulkhead; 1\.1\.0 is the newest/);
    assert.equal((await done('update', 'me.two', '--channel', 'latest', '--yes')).code, 0);
    assert.deepEqual(await versions(), ['me.one@1.1.0', 'me.three@1.0.0', 'me.two@1.0.0']);
    assert.match((await plugin('update', '--all', '--accept-changed-source')).stderr, /is for one plugin/);
    await done('update', 'me.three', '--accept-changed-source');
    assert.equal((await infoOf('me.three')).origin?.publisher, 'eve');
  });

  it('show what a plugin was built from, and refuse an update without it, or from elsewhere', async () => {
    publishBuilt('@me/chat', '1.0.0');
    const installed = await done('install', '@me/chat');
    assert.match(
      installed.stderr,
      /^"me\.chat" 1\.0\.0:\n {2}package {4}@me\/chat of http.*, published by someone\n {2}built from https:\/\/github\.com\/me\/chat at c0ffeec0ffee \(\.github\/workflows\/release\.yml\)\n {2}built by {3}https:\/\/github\.com\/actions\/runner\/github-hosted\n {13}verified by Sigstore: /,
    );
    assert.equal((await infoOf('me.chat')).origin?.provenance?.verified, true);
    assert.match(
      (await done('info', 'me.chat')).stdout,
      /\n {2}built from https:\/\/github\.com\/me\/chat at c0ffee/,
    );

    const refused = async (reason: RegExp) => {
      const { code, stderr } = await plugin('update', 'me.chat', '--yes');
      assert.equal(code, 64);
      assert.match(stderr, reason);
      assert.equal((await infoOf('me.chat')).version, '1.0.0');
    };
    publish('@me/chat', '1.1.0');
    await refused(
      /"me\.chat" 1\.1\.0 has no provenance, and the version before was built from https:\/\/github\.com\/me\/chat/,
    );
    publishBuilt('@me/chat', '1.1.1', { repository: 'https://github.com/eve/chat' });
    await refused(/1\.1\.1 was built from https:\/\/github\.com\/eve\/chat, and the version before from/);
    publishBuilt('@me/chat', '1.1.2', { signed: false });
    await refused(/1\.1\.2 has a provenance that is not verified \(.+\), and that of the version before was/);
    publishBuilt('@me/chat', '1.1.3', { publisher: 'GitHub Actions' });
    assert.match(
      (await done('outdated')).stdout,
      /\n {2}1\.1\.3 was built from https:\/\/github\.com\/me\/chat at c0ffeec0ffee \(verified\)$/,
    );
    await done('update', 'me.chat');
    publish('@me/chat', '1.2.0');
    await done('update', 'me.chat', '--accept-changed-source');
    assert.equal((await infoOf('me.chat')).origin?.provenance, undefined);
  });

  it('say of a provenance that nobody known has signed that the registry states it', async () => {
    publishBuilt('@me/chat', '1.0.0', { signed: false });
    const { stderr } = await done('install', '@me/chat');
    assert.match(stderr, /\n {13}not verified \(.+\): stated by the registry, for these very files$/);
  });

  it('refuse an archive that is not the attested or the described one', async () => {
    publishBuilt('@me/chat', '1.0.0');
    const other = writeArchive(
      join(folder.path, 'other.tgz'),
      entries('@me/chat', '1.0.0', { displayName: 'Other' }),
    );
    const built = {
      name: '@me/chat',
      version: '1.0.0',
      archive: other,
      repository: 'https://github.com/me/chat',
      commit: 'a',
    };
    publish('@me/chat', '1.0.0', {}, { attestations: [sigstore.attest(built)] });
    const attested = await plugin('install', '@me/chat');
    assert.equal(attested.code, 64);
    assert.match(attested.stderr, /@me\/chat@1\.0\.0: its provenance is for another archive/);

    publish('@me/chat', '1.0.0');
    registry.override('/@me/chat/-/1.0.0', (_request, response) => void response.end('not that'));
    const described = await plugin('install', '@me/chat');
    assert.equal(described.code, 64);
    assert.match(described.stderr, /@me\/chat@1\.0\.0: npm cannot get it: .*integrity/i);
    assert.deepEqual(await versions(), []);
  });

  it('roll back in one command, and do not update to that version again by --all', async () => {
    publish('@me/chat', '1.0.0');
    await startCore();
    await done('install', '@me/chat');
    publish('@me/chat', '1.1.0');
    await done('update', '--all');
    const version = () => runCommand(core?.address ?? '', 'chat.version');
    assert.equal(await version(), '1.1.0');
    assert.match(
      (await done('info', 'me.chat')).stdout,
      /\n {2}before {5}1\.0\.0: "bulkhead plugin rollback me\.chat"/,
    );

    assert.equal((await done('rollback', 'me.chat')).stdout, 'rolled back from 1.1.0: me.chat 1.0.0: active');
    assert.equal(await version(), '1.0.0');
    assert.match(
      (await done('update', '--all')).stdout,
      /^me\.chat 1\.0\.0 is up to date: 1\.1\.0 was rolled back, /,
    );
    assert.match(
      (await done('outdated')).stdout,
      /\n {2}1\.1\.0 was rolled back: only "bulkhead plugin update me\.chat"/,
    );
    publish('@me/chat', '1.2.0');
    await done('update', '--all');
    assert.equal(await version(), '1.2.0');
    const back = JSON.parse((await done('rollback', 'me.chat', '--json')).stdout) as ChangedPlugin;
    assert.deepEqual(
      [back.before, back.plugin.version, back.plugin.leftVersion],
      ['1.2.0', '1.0.0', '1.2.0'],
    );
    await done('update', 'me.chat');
    assert.equal(await version(), '1.2.0');
    await done('remove', 'me.chat', '--purge');
    assert.match(
      (await plugin('rollback', 'me.chat')).stderr,
      /^bulkhead: the plugin "me\.chat" is not installed/,
    );
  });
});
