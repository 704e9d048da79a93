import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultLibraryFolder, PluginLibrary } from '../../../../src/plugins/library/plugin-library.js';
import { STORAGE_MB } from '../../../../src/plugins/manifest.js';
import { writePlugin } from '../../../support/plugins.js';
import { type TempDir, tempDir } from '../../../support/temp.js';

describe('the library of installed plugins', () => {
  let folder: TempDir;
  let libraries: PluginLibrary[];

  beforeEach(() => {
    folder = tempDir('library');
    libraries = [];
  });

  afterEach(() => {
    for (const library of libraries) library.dispose();
    folder.dispose();
  });

  const path = (...parts: string[]) => join(folder.path, 'library', ...parts);
  const opened = async () => {
    const library = new PluginLibrary(path(), 'a test');
    libraries.push(library);
    await library.open();
    return library;
  };
  const install = async (
    library: PluginLibrary,
    name: string,
    manifest: object = {},
    granted: string[] = [],
  ) => {
    const source = writePlugin(folder.path, name, { source: 'export function activate() {}', manifest });
    const staging = library.makeStagingFolder();
    cpSync(source, staging.path, { recursive: true });
    const { entry } = await library.prepare({
      staged: staging.name,
      spec: source,
      granted,
      storageMb: STORAGE_MB,
    });
    await library.commit(entry);
    return entry;
  };

  it('has the installed plugins and their permissions when it is opened again', async () => {
    const library = await opened();
    await install(library, 'one', { permissions: ['network', 'broadcast.control'] }, ['network', 'nonsense']);
    await install(library, 'two', { publisher: 'me' });
    await library.setEnabled('me.two', false);
    library.dispose();

    const again = await opened();
    const [one, two] = again.list();
    assert.deepEqual(one?.plugin?.granted, ['network']);
    assert.deepEqual(one?.plugin?.permissions, ['network', 'broadcast.control']);
    assert.equal(one?.plugin?.source, 'library');
    assert.equal(two?.entry.id, 'me.two');
    assert.equal(two?.entry.enabled, false);
    assert.deepEqual(
      again.enabled().map(({ id }) => id),
      ['one'],
    );
  });

  it('keeps a new version of a disabled plugin disabled, in its place among the other plugins', async () => {
    const library = await opened();
    await install(library, 'other');
    const before = await install(library, 'one');
    assert.equal(before.enabled, true);
    await library.setEnabled('one', false);
    const after = await install(library, 'one', { version: '2.0.0' });

    assert.deepEqual(
      library.list().map(({ entry }) => [entry.id, entry.version, entry.enabled]),
      [
        ['other', '1.0.0', true],
        ['one', '2.0.0', false],
      ],
    );
    await library.discard(after);
    assert.equal(existsSync(path('plugins', after.folder)), true);
    await library.discard(before);
    assert.equal(existsSync(path('plugins', before.folder)), false);
  });

  it("asks before a package from another source gets a plugin's stored data", async () => {
    const library = await opened();
    const { spec } = await install(library, 'one');
    const staged = () => {
      const staging = library.makeStagingFolder();
      cpSync(spec, staging.path, { recursive: true });
      return { staged: staging.name, granted: [], storageMb: 3 };
    };
    await assert.rejects(library.prepare({ ...staged(), spec: '/elsewhere/one' }), {
      code: 'plugin.otherSource',
    });
    const { entry, plugin } = await library.prepare({ ...staged(), spec: '/elsewhere/one', data: 'keep' });
    assert.equal(entry.spec, '/elsewhere/one');
    assert.equal(plugin.storageMb, 3);

    await library.remove('one', false);
    assert.deepEqual(library.kept, [{ id: 'one', spec }]);
    await assert.rejects(library.prepare({ ...staged(), spec: '/elsewhere/one' }), {
      code: 'plugin.otherSource',
    });
    await library.commit((await library.prepare({ ...staged(), spec })).entry);
    assert.deepEqual(library.kept, []);
    await library.remove('one', true);
    assert.deepEqual(library.kept, []);
    await library.prepare({ ...staged(), spec: '/elsewhere/one' });
  });

  it('is for its owner alone', async () => {
    await install(await opened(), 'one');
    for (const name of ['', 'plugins', 'staging']) {
      assert.equal(statSync(path(name)).mode & 0o777, 0o700, name);
    }
  });

  it('is by default in the folder for data of this user', () => {
    assert.match(defaultLibraryFolder(), /[/\\]bulkhead[/\\](?:Data[/\\])?library$/);
  });

  it('is opened by the first change', async () => {
    await install(await opened(), 'one');
    for (const change of [
      (library: PluginLibrary) => library.setEnabled('one', false),
      (library: PluginLibrary) => library.setGranted('one', []),
      (library: PluginLibrary) => library.remove('one', false),
    ]) {
      for (const library of libraries.splice(0)) library.dispose();
      const library = new PluginLibrary(path(), 'a test');
      libraries.push(library);
      await change(library);
      await assert.rejects(new PluginLibrary(path()).open(), { code: 'library.inUse' });
    }
  });

  it('that is closed while it is being opened leaves no lock behind', async () => {
    const library = new PluginLibrary(path(), 'a test');
    const opening = library.open();
    library.dispose();
    await assert.rejects(opening, { code: 'library.inUse', where: path() });
    await opened();
  });

  it('remembers where the data that is kept came from, once for each plugin', async () => {
    const library = await opened();
    const one = await install(library, 'one');
    const two = await install(library, 'two');
    await library.remove('one', false);
    await library.remove('two', false);
    const spec = (entry: typeof one) => ({ id: entry.id, spec: entry.spec });
    assert.deepEqual(library.kept, [spec(one), spec(two)]);
    await install(library, 'one');
    assert.deepEqual(library.kept, [spec(two)]);
    await library.remove('one', false);
    assert.deepEqual(library.kept, [spec(two), spec(one)]);
    await install(library, 'two');
    await library.remove('two', true);
    assert.deepEqual(library.kept, [spec(one)]);
  });

  it('lets one process at a time change it; the others can read it', async () => {
    const library = await opened();
    await install(library, 'one');
    const other = new PluginLibrary(path());

    await assert.rejects(other.open(), {
      code: 'library.inUse',
      message: /managed by a test \(pid \d+\)/,
    });
    assert.deepEqual(
      other.list().map(({ entry }) => entry.id),
      ['one'],
    );
    await assert.rejects(other.setEnabled('one', false), { code: 'library.inUse' });
    library.dispose();
    assert.deepEqual(
      (await opened()).list().map(({ entry }) => entry.enabled),
      [true],
    );
  });

  it('removes leftovers of a crash, and nothing that is in use', async () => {
    const library = await opened();
    const entry = await install(library, 'one');
    const mine = library.makeStagingFolder();
    library.dispose();
    mkdirSync(path('plugins', 'gone@1.0.0-12345678'), { recursive: true });
    mkdirSync(path('staging', '999999999-abc'));
    writeFileSync(path('registry.json.999999999'), '{"half');

    await opened();
    assert.deepEqual(readdirSync(path('plugins')), [entry.folder]);
    assert.deepEqual(readdirSync(path('staging')), [mine.name]);
    assert.deepEqual(readdirSync(path()).sort(), ['lock', 'plugins', 'registry.json', 'staging']);
  });

  it('changes nothing if its file is damaged', async () => {
    const library = await opened();
    const entry = await install(library, 'one');
    library.dispose();
    writeFileSync(path('registry.json'), '{"registry":1,"plugins":[{"id":1}]}');

    await assert.rejects(new PluginLibrary(path()).open(), {
      code: 'library.damaged',
      where: path('registry.json'),
    });
    assert.equal(existsSync(path('plugins', entry.folder, 'package.json')), true);
    assert.match(readFileSync(path('registry.json'), 'utf8'), /"id":1/);
    await assert.rejects(new PluginLibrary(path()).open(), { code: 'library.damaged' });
  });

  it('reports what is wrong with a plugin whose folder has been changed', async () => {
    const library = await opened();
    const { folder: name } = await install(library, 'one');
    writeFileSync(path('plugins', name, 'package.json'), '{}');

    const [one] = library.list();
    assert.equal(one?.plugin, undefined);
    assert.match(one?.errors[0]?.message ?? '', /package\.json: name: missing/);
    assert.deepEqual(library.enabled(), []);
  });

  it('accepts only folders in its staging folder', async () => {
    const library = await opened();
    for (const staged of ['../plugins/x', '/etc', '..', '1-a/../../x']) {
      await assert.rejects(
        library.prepare({ staged, spec: 'x', granted: [], storageMb: STORAGE_MB }),
        /the name of a staging folder/,
      );
    }
  });
});
