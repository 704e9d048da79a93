import assert from 'node:assert/strict';
import {
  chmodSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { list } from 'tar';
import { checkPackage } from '../../../src/plugins/library/check-package.js';
import { unpack } from '../../../src/plugins/library/unpack.js';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import { tempDir } from '../../support/temp.js';
import { brief, PluginFolder, runPluginCommand } from './plugin-folder.js';

describe('bulkhead plugin pack', () => {
  let plugin: PluginFolder;

  beforeEach(() => {
    plugin = new PluginFolder();
  });

  afterEach(() => plugin.dispose());

  const archive = (name = 'good-1.0.0.tgz') => join(plugin.path, name);
  const entries = (file = archive()) => {
    const paths: string[] = [];
    list({ file, sync: true, onReadEntry: ({ path }) => paths.push(path) });
    return paths;
  };
  const packed = (folder = plugin.path) => readdirSync(folder).filter((name) => name.endsWith('.tgz'));

  it('prints the content, the size and the requested permissions', async () => {
    plugin.manifest({ publisher: 'someone', permissions: ['network'] });
    plugin.write({ 'main.cjs': 'fetch(process.env.ADDRESS);\n' });
    const { code, stdout, stderr } = await plugin.run('pack');
    assert.deepEqual({ code, stderr }, { code: ExitCodes.ok, stderr: '' });
    assert.match(
      stdout,
      /^someone\.good 1\.0\.0\n {2}README\.md +7 B\n {2}main\.cjs +28 B\n {2}package\.json +\d+ B\nIt requests permission to:\n {2}connect to other computers \(network\)\nPacked 3 files of \d+ B into good-1\.0\.0\.tgz of \d+ B\n$/,
    );
    assert.deepEqual(entries(), ['package/README.md', 'package/main.cjs', 'package/package.json']);
  });

  it('makes an archive that can be installed', async () => {
    plugin.manifest({ bundleDependencies: ['@held/one'], dependencies: { '@held/one': '1' } });
    plugin.write({
      'node_modules/@held/one/package.json':
        '{ "name": "@held/one", "version": "1.0.0", "dependencies": { "two": "*" } }',
      'node_modules/@held/one/index.js': '',
      'node_modules/two/package.json': '{ "name": "two", "version": "1.0.0" }',
      'node_modules/two/index.js': '',
      'node_modules/three/package.json': '{ "name": "three", "version": "1.0.0" }',
    });
    const { ok, archive: made, findings } = await plugin.pack();
    assert(ok, JSON.stringify(findings));
    const folder = tempDir('unpacked');
    try {
      await unpack(made?.file ?? '', folder.path, 'good.tgz');
      assert.equal(checkPackage(folder.path, 'good.tgz').id, 'good');
      assert.deepEqual(readdirSync(join(folder.path, 'node_modules')).sort(), ['@held', 'two']);
    } finally {
      folder.dispose();
    }
  });

  it('always makes the same bytes from the same files', async () => {
    const { archive: first } = await plugin.pack();
    const bytes = readFileSync(archive());
    utimesSync(join(plugin.path, 'main.cjs'), 1, 1);
    chmodSync(join(plugin.path, 'main.cjs'), 0o600);
    const { archive: second } = await plugin.pack();
    assert.equal(second?.integrity, first?.integrity);
    assert.deepEqual(readFileSync(archive()), bytes);
    plugin.write({ 'main.cjs': '// changed' });
    assert.notEqual((await plugin.pack()).archive?.integrity, first?.integrity);
  });

  it("follows npm's rules, and omits earlier archives", async () => {
    plugin.manifest({ name: '@someone/good', files: ['assets'] });
    plugin.write({
      'assets/a.txt': '',
      'assets/.DS_Store': '',
      'src/extension.ts': '',
      'package-lock.json': '{}',
      LICENSE: '',
    });
    for (let i = 0; i < 2; i++) await plugin.pack();
    assert.deepEqual(entries(archive('someone-good-1.0.0.tgz')), [
      ...['package/LICENSE', 'package/README.md', 'package/assets/a.txt', 'package/main.cjs'],
      'package/package.json',
    ]);
  });

  it('writes to the file or folder of --out', async () => {
    assert.equal((await plugin.run('pack', '--out', '../mine.tgz')).code, ExitCodes.ok);
    assert.equal((await runPluginCommand(plugin.above, ['pack', 'good', '--out', '.'])).code, ExitCodes.ok);
    assert.deepEqual(packed(plugin.above).sort(), ['good-1.0.0.tgz', 'mine.tgz']);
    assert.deepEqual(packed(), []);
  });

  it('runs the prepack script first, unless it is disabled', async () => {
    plugin.manifest({
      main: 'built.cjs',
      scripts: { prepack: `node -e "fs.writeFileSync('built.cjs', '')"` },
    });
    const { code, stderr } = await plugin.run('pack', '--ignore-scripts');
    assert.equal(code, ExitCodes.badSettings);
    assert.match(stderr, /^✗ package\.json: main: there is no file "built\.cjs"\n/);
    assert.equal((await plugin.run('pack')).code, ExitCodes.ok);
    assert(entries().includes('package/built.cjs'));
  });

  it('reports the output of a prepack script that fails', async () => {
    plugin.manifest({ scripts: { prepack: `node -e "console.log('no compiler'); process.exit(3)"` } });
    const { code, stderr } = await plugin.run('pack');
    assert.equal(code, ExitCodes.badSettings);
    assert.match(stderr, /the script "prepack" failed:\n[\s\S]*no compiler/);
    assert.deepEqual(packed(), []);
  });

  /** What must not be published: how it is created, and the expected message. */
  const refusals: Readonly<Record<string, readonly [arrange: (plugin: PluginFolder) => void, RegExp]>> = {
    'a plugin without its entry point': [
      ({ path }) => rmSync(join(path, 'main.cjs')),
      /^error package\.json main: there is no file "main\.cjs"$/,
    ],
    'the README that "plugin new" wrote': [
      (plugin) =>
        plugin.write({ 'README.md': '# X\n\nSay here what the plugin does for a streamer, and so on.\n' }),
      /^unfinished README\.md still says "Say here what/,
    ],
    'types newer than engines': [
      (plugin) => plugin.manifest({ devDependencies: { '@bulkhead/extension-api': '~1.4.0' } }),
      /^error package\.json engines\.bulkhead: expected "\^1\.4\.0"/,
    ],
    'a link out of the plugin': [
      ({ path }) => symlinkSync('/etc/hostname', join(path, 'host')),
      /^error host is a link out of the plugin, to "\/etc\/hostname"$/,
    ],
    'packages that are not bundled dependencies': [
      (plugin) => plugin.write({ 'dist/node_modules/x/index.js': '', 'dist/node_modules/y/index.js': '' }),
      /^error dist\/node_modules holds packages that are not bundled dependencies$/,
    ],
    'an enormous file': [
      ({ path }) => writeFileSync(join(path, 'intro.mp4'), Buffer.alloc(17 * 1024 * 1024)),
      /^error intro\.mp4 is larger than a file of a plugin may be: 17\.8 MB of 16\.8 MB$/,
    ],
    'code that does not parse': [
      (plugin) => plugin.write({ 'main.cjs': '\n{' }),
      /^error main\.cjs:2 Unexpected token$/,
    ],
  };
  for (const [what, [arrange, message]] of Object.entries(refusals)) {
    it(`refuses ${what}`, async () => {
      arrange(plugin);
      const { ok, findings, archive: made } = await plugin.pack();
      assert.equal(ok, false);
      assert.equal(made, undefined);
      assert.deepEqual(
        findings.map(brief).filter((finding) => !message.test(finding)),
        [],
      );
      assert.equal(findings.length, 1);
      const { code, stdout, stderr } = await plugin.run('pack');
      assert.deepEqual({ code, stdout }, { code: ExitCodes.badSettings, stdout: '' });
      assert.match(stderr, /\nNothing was packed: 1 error\n$/);
      assert.deepEqual(packed(), []);
    });
  }

  // Concatenated, so that they are not taken for secrets of this repository.
  const secrets: Readonly<Record<string, readonly [file: string, pieces: readonly string[]]>> = {
    'a private key': [
      'note.txt',
      [
        '-----BEGIN RSA PRIV',
        `ATE KEY-----\n${'MIIEowIBAAKCAQEAt'.repeat(20)}\n-----END RSA PRIVATE KEY-----\n`,
      ],
    ],
    'a token of GitHub': ['main.cjs', ["const t = 'ghp", `_${'a1B2c3'.repeat(6)}';`]],
    'a token of npm': ['main.cjs', ["const t = 'npm", `_${'a1B2c3'.repeat(6)}';`]],
    'a token of Slack': [
      'config.json',
      ['{ "t": "xoxb', '-123456789012-123456789012-abcdefghijklmnopqrstuvwx" }'],
    ],
    'a password in an address': ['main.cjs', ["get('https://me:", "hunter2hunter2@db.example.org/x');"]],
    'a stream key of Twitch': ['main.cjs', ['// live', `_123456789_${'aBcD12'.repeat(5)}`]],
    'a chat token of Twitch': ['main.cjs', ["const t = 'oauth:", `${'abc123'.repeat(5)}';`]],
    'a stream key in an address': ['notes.md', ['rtmps://live.example.org/app/', 'a1b2-c3d4-e5f6-g7h8']],
    "a Discord webhook's address": [
      'main.cjs',
      ["post('https://discord.com/api/", `webhooks/123456789012345678/${'aB3d_'.repeat(13)}');`],
    ],
    'a file of environment variables': ['.env', ['A=1']],
    'a key file': ['certs/server.pem', ['x']],
  };
  for (const [what, [file, pieces]] of Object.entries(secrets)) {
    it(`refuses ${what}, and does not repeat it`, async () => {
      const text = pieces.join('');
      plugin.write({ [file]: text });
      const { ok, findings } = await plugin.pack();
      assert.equal(ok, false);
      assert(
        findings.some(
          (found) => found.rule === 'secrets' && found.severity === 'error' && found.file === file,
        ),
        JSON.stringify(findings),
      );
      const secret = pieces[1] ?? text;
      if (secret.length > 10) assert(!JSON.stringify(findings).includes(secret.slice(0, 10)));
      assert.deepEqual(packed(), []);
    });
  }

  it('accepts examples of secrets', async () => {
    plugin.write({
      '.env.example': 'KEY=',
      'README.md':
        'rtmp://live.example.org/app/YOUR-STREAM-KEY-1 and rtmps://a.example.org/live2/xxxx-xxxx-xxxx-xxxx1',
    });
    assert.deepEqual((await plugin.pack()).findings, []);
  });
});
