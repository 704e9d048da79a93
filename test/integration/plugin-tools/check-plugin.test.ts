import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../src/core/processes/entry-points.js';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import { brief, type CheckReport, PluginFolder } from './plugin-folder.js';

describe('bulkhead plugin check', () => {
  let plugin: PluginFolder;

  beforeEach(() => {
    plugin = new PluginFolder();
  });

  afterEach(() => plugin.dispose());

  const findings = async () => (await plugin.check()).findings.map(brief);

  it('finds nothing in a valid plugin, and reports that on one line', async () => {
    assert.deepEqual(await findings(), []);
    assert.deepEqual(await plugin.run('check'), {
      code: ExitCodes.ok,
      stdout: '✓ good 1.0.0 passed\n',
      stderr: '',
    });
  });

  it('takes the folder as an argument', async () => {
    const { code, stdout } = await plugin.run('check', '../good', '--json');
    assert.equal(code, ExitCodes.ok);
    assert.equal((JSON.parse(stdout) as { plugin: { id: string } }).plugin.id, 'good');
  });

  it('reports what is missing if there is no plugin', async () => {
    const { code, stderr } = await plugin.run('check', '..');
    assert.equal(code, ExitCodes.badSettings);
    assert.match(
      stderr,
      /^bulkhead: .*: expected a plugin, which has a package\.json\. Make one with "bulkhead plugin new NAME"\.\n$/,
    );
  });

  it('reports every error in the manifest, and exits with 64', async () => {
    plugin.manifest({
      version: 'one',
      engines: {},
      contributes: { commands: [{ command: 'x' }] },
      permissions: ['fly'],
    });
    const { code, stdout } = await plugin.run('check');
    assert.equal(code, ExitCodes.badSettings);
    for (const path of ['version', 'engines.bulkhead', 'contributes.commands[0].title']) {
      assert(stdout.includes(`✗ package.json: ${path}: `), `${path} in ${stdout}`);
    }
    assert.match(stdout, /\n! package\.json: permissions\[0\]: unknown permission "fly"; it is ignored\n/);
    assert.match(stdout, /\nThe plugin failed: 3 errors, 1 warning\n$/);
  });

  it('finds a missing entry point', async () => {
    rmSync(join(plugin.path, 'main.cjs'));
    assert.deepEqual(await findings(), ['error package.json main: there is no file "main.cjs"']);
  });

  it('parses all modules of the plugin, and runs none', async () => {
    plugin.manifest({ type: 'module', main: 'main.js' });
    plugin.write({
      'main.js': "import './lib/a.cjs';\nprocess.exit(1);",
      'lib/a.cjs': "require('./b');\nprocess.exit(1);",
      'lib/b.js': 'export const b = 1;\n\nconst const;',
    });
    assert.deepEqual(await findings(), ["error lib/b.js:3 Unexpected keyword 'const'"]);
  });

  it('recognizes an ESM plugin by its extension or its type', async () => {
    plugin.write({ 'main.cjs': "import { window } from '@bulkhead/extension-api';" });
    const [finding] = await findings();
    assert.match(
      finding ?? '',
      /^error main\.cjs:1 'import' and 'export' may appear only with 'sourceType: module'/,
    );
  });

  it('finds imports that cannot be resolved', async () => {
    plugin.manifest({ bundleDependencies: ['held'], dependencies: { held: '1' } });
    plugin.write({
      'node_modules/held/package.json': '{ "name": "held", "version": "1.0.0" }',
      'node_modules/held/index.js': '',
      'node_modules/loose/package.json': '{ "name": "loose", "version": "1.0.0" }',
      'main.cjs': [
        "require('held'); require('node:fs'); require('@bulkhead/extension-api');",
        "require('loose');",
        "require('./gone.cjs');",
        "require('../outside.cjs');",
        "try { require('@some/addon/fast.js'); } catch {}",
        "exports.activate = () => require('later');",
        "require('@bulkhead/extension-api/testing');",
      ].join('\n'),
    });
    writeFileSync(join(plugin.above, 'outside.cjs'), '');
    assert.deepEqual(await findings(), [
      'error main.cjs:3 there is no file "./gone.cjs" in the plugin',
      'error main.cjs:4 there is no file "../outside.cjs" in the plugin',
      'error main.cjs:2 the package "loose" would not be in the plugin\'s',
      'error main.cjs:7 "@bulkhead/extension-api/testing" is for tests alone, and not there where the plugin runs',
      'warning main.cjs:6 the package "later" would not be in the plugin\'s',
    ]);
  });

  it('finds a module that "files" leaves out', async () => {
    plugin.manifest({ files: ['assets'] });
    plugin.write({ 'main.cjs': "require('./other.cjs');", 'other.cjs': '' });
    assert.deepEqual(await findings(), ['error other.cjs is imported, and would not be in the package']);
  });

  it('warns about what no plugin may do', async () => {
    plugin.write({ 'main.cjs': "require('child_process');\nrequire('node:worker_threads');" });
    assert.deepEqual(await findings(), [
      'warning main.cjs:1 "child_process": a plugin may not run other programs',
      'warning main.cjs:2 "node:worker_threads": a plugin may not start threads',
    ]);
  });

  const ways: Readonly<Record<string, string>> = {
    'an import':
      "import { broadcast as b } from '@bulkhead/extension-api';\nexport const activate = () => b.stop();",
    'a namespace':
      "import * as api from '@bulkhead/extension-api';\nexport const activate = () => api.broadcast?.stop();",
    'a compiled import':
      "import { createRequire } from 'node:module';\n(0, createRequire(''), require)('x'); const api_1 = __toESM(require('@bulkhead/extension-api')); (0, api_1.broadcast.stop)();",
    pieces:
      "const { broadcast } = await import('@bulkhead/extension-api');\nconst { stop } = broadcast; stop();",
    'a bracket': "import api from '@bulkhead/extension-api';\nconst off = api['broadcast'].stop; off();",
  };
  for (const [way, source] of Object.entries(ways)) {
    it(`finds a missing permission by ${way}`, async () => {
      plugin.manifest({ main: 'main.mjs' });
      plugin.write({ 'main.mjs': source });
      assert.deepEqual(
        (await findings()).filter((finding) => finding.includes('permission')),
        [
          'warning main.mjs:2 broadcast.stop needs the permission "broadcast.control", which package.json does not request',
        ],
      );
      plugin.manifest({ main: 'main.mjs', permissions: ['broadcast.control'] });
      assert.deepEqual(
        (await findings()).filter((finding) => finding.includes('permission')),
        [],
      );
    });
  }

  it('knows the events and the plugins that the code may use', async () => {
    const extra = (manifest: object, code: string) => {
      plugin.manifest(manifest);
      plugin.write({
        'main.cjs': `const { events, extensions } = require('@bulkhead/extension-api');\nexports.activate = () => { ${code} };`,
      });
      return findings();
    };
    const contributes = { events: [{ event: 'good.raid', description: 'A raid.' }] };
    assert.deepEqual(
      await extra(
        {},
        "events.fire('good.raid'); events.fire('other.raid'); events.on('other.raid', () => {});",
      ),
      [
        'error main.cjs:2 "good.raid" is no event of contributes.events: events.fire will fail',
        'error main.cjs:2 events.fire: expected a name that begins with the plugin\'s own, such as "good.raid", got "other.raid"',
        'error main.cjs:2 events.on needs the permission "events:other.raid", which package.json does not request',
      ],
    );
    assert.deepEqual(await extra({ contributes, permissions: ['events:other.raid'] }, ''), [
      'warning package.json contributes.events: "good.raid" is never fired in the code',
      'warning package.json "events:other.raid" is requested, but nothing in the code listens to the event',
    ]);
    assert.deepEqual(
      await extra(
        { contributes, permissions: ['events:other.raid'] },
        "const name = 'x'; events.fire(name); events.on(name);",
      ),
      [],
    );
    assert.deepEqual(
      await extra(
        { optionalExtensionDependencies: ['me.a', 'me.b'] },
        "extensions.getExtension('me.a'); extensions.getExtension('me.c');",
      ),
      [
        'error main.cjs:2 extensions.getExtension: package.json does not name the plugin "me.c"',
        'warning package.json optionalExtensionDependencies: nothing in the code uses "me.b"',
      ],
    );
  });

  it('warns about an unnecessary permission, the network, and a proposed API', async () => {
    plugin.manifest({ permissions: ['broadcast.control'] });
    plugin.write({
      'main.cjs':
        "const { broadcast } = require('@bulkhead/extension-api/proposed');\nrequire('node:https');\nbroadcast.onDidSplice(() => {});",
    });
    assert.deepEqual(await findings(), [
      'warning package.json permissions: "broadcast.control" (start and end the broadcast) is requested, but nothing in the code needs it',
      'warning main.cjs:2 "node:https" needs the permission "network", which package.json does not request',
      'warning main.cjs:3 broadcast.onDidSplice is proposed, and "broadcastSplices" is not in "enabledApiProposals" of package.json',
    ]);
    plugin.write({ 'main.cjs': 'fetch("http://example.org");' });
    plugin.manifest({ permissions: ['network'] });
    assert.deepEqual(await findings(), [
      'warning main.cjs:1 package.json requests the whole "network", but the code connects only to hosts that it names',
    ]);
    const connecting = (code: string) => plugin.write({ 'main.cjs': `let url; ${code}` });
    for (const code of ['fetch(url)', 'run(fetch)', `fetch(\`http://\${url}\`)`]) {
      connecting(code);
      assert.deepEqual(await findings(), [], code);
    }
    plugin.manifest({ permissions: ['network:example.org'] });
    connecting(`fetch(\`http://example.org/\${url}\`)`);
    assert.deepEqual(await findings(), []);
  });

  it("compares the manifest's contributions with the code", async () => {
    plugin.manifest({
      contributes: {
        commands: [
          { command: 'good.hello', title: 'Hello' },
          { command: 'good.bye', title: 'Bye' },
          { command: 'good.sing', title: 'Sing' },
        ],
        configuration: { properties: { tone: { type: 'string' } } },
        statusItems: [{ id: 'mood', name: 'Mood' }],
      },
    });
    plugin.write({
      'main.cjs': [
        "const { commands, configuration, window } = require('@bulkhead/extension-api');",
        "commands.registerCommand('good.hello', () => configuration.get('tune'));",
        "commands.registerCommand('good.sing', () => configuration.get('tone'));",
        "window.createStatusItem('mod'); window.createStatusItem('mood');",
        "const settings = configuration.typed(); settings.get('tone'); settings.get('pitch');",
        "commands.registerCommand('better.hello', () => {});",
      ].join('\n'),
    });
    assert.deepEqual(await findings(), [
      'error main.cjs:6 commands.registerCommand: expected a name that begins with the plugin\'s own, such as "good.doIt", got "better.hello"',
      'warning package.json contributes.configuration.properties.tone: expected a "description", which streamers read',
      'warning package.json contributes.commands: "good.bye" is never registered in the code',
      'warning main.cjs:2 "tune" is no setting of contributes.configuration.properties: configuration.get will throw',
      'warning main.cjs:5 "pitch" is no setting of contributes.configuration.properties: configuration.get will throw',
      'warning main.cjs:4 "mod" is no item of contributes.statusItems: window.createStatusItem will throw',
    ]);
  });

  it('warns about a secret that is read as a setting', async () => {
    const properties = { key: { type: 'secret', markdownDescription: 'From *example.org*.' } };
    plugin.manifest({ contributes: { configuration: { properties } } });
    plugin.write({
      'main.cjs': "const { configuration } = require('@bulkhead/extension-api');\nconfiguration.get('key');",
    });
    assert.deepEqual(await findings(), [
      'warning main.cjs:2 "key" is a secret: configuration.get will throw; read it by context.secrets.get',
    ]);
  });

  it('rejects types that are newer than the oldest API that the plugin supports', async () => {
    const types = (version: string) =>
      plugin.write({
        'node_modules/@bulkhead/extension-api/package.json': JSON.stringify({
          name: '@bulkhead/extension-api',
          version,
        }),
      });
    types('1.0.7');
    assert.deepEqual(await findings(), []);
    types('1.1.0-alpha.1');
    assert.deepEqual(await findings(), [
      'error package.json engines.bulkhead: expected "^1.1.0", since the plugin is built with @bulkhead/extension-api 1.1.0-alpha.1, got "^1.0.0"',
    ]);
    rmSync(join(plugin.path, 'node_modules'), { recursive: true });
    plugin.manifest({ devDependencies: { '@bulkhead/extension-api': '^1.2.3' } });
    assert.match((await findings()).join(), /^error package\.json engines\.bulkhead: expected "\^1\.2\.0"/);
  });

  it('warns about dependencies that are bundled into the code, and requires others inside the package', async () => {
    plugin.manifest({ dependencies: { ws: '^8.0.0', '@bulkhead/extension-api': '^1.0.0' } });
    assert.deepEqual(await findings(), [
      'warning package.json dependencies: "ws" would not be in the package, and no code imports it: it is bundled, or not needed',
    ]);
    plugin.write({ 'main.cjs': "require('ws/lib/sender.js');" });
    // Hoisted, as workspaces do it.
    mkdirSync(join(plugin.above, 'node_modules', 'ws'), { recursive: true });
    writeFileSync(
      join(plugin.above, 'node_modules', 'ws', 'package.json'),
      '{ "name": "ws", "version": "8.0.0" }',
    );
    const [missing, ...others] = (await plugin.check()).findings;
    assert.deepEqual(others, []);
    assert.equal(
      missing && brief(missing),
      'error main.cjs:1 the package "ws" would not be in the plugin\'s',
    );
    assert.match(
      missing?.remedy ?? '',
      /^Bundle it into the code: "esbuild .*or name it in "bundleDependencies" too\.$/,
    );
    plugin.write({
      'node_modules/ws/package.json': '{ "name": "ws", "version": "8.0.0", "main": "i.js" }',
      'node_modules/ws/i.js': '',
    });
    plugin.manifest({ dependencies: { ws: '^8.0.0' }, bundledDependencies: true });
    assert.deepEqual(await findings(), []);
  });

  it('finds native addons, which no plugin may load', async () => {
    plugin.write({ 'main.cjs': "try { require('./fast.node'); } catch {}", 'fast.node': '' });
    const packed = 'warning fast.node is a native addon, which a plugin may not load';
    assert.deepEqual(await findings(), [packed]);
    plugin.write({ 'main.cjs': "require('./fast.node');" });
    assert.deepEqual(await findings(), [
      'error main.cjs:1 "./fast.node" is a native addon, which a plugin may not load',
      packed,
    ]);
  });

  it('warns about what is unknown in the manifest', async () => {
    plugin.manifest({
      activationEvents: ['onStartupFinished', 'onUri'],
      contributes: { themes: [] },
      permissions: ['files'],
    });
    assert.deepEqual(await findings(), [
      'warning package.json activationEvents[1]: unknown event "onUri"; it is ignored',
      'warning package.json contributes: unknown key "themes"; it is ignored',
      'warning package.json permissions[0]: unknown permission "files"; it is ignored',
    ]);
  });

  it('warns about a missing README, description and licence', async () => {
    rmSync(join(plugin.path, 'README.md'));
    plugin.manifest({ description: undefined, license: undefined });
    assert.deepEqual(await findings(), [
      'warning README.md missing; it should say what the plugin does',
      'warning package.json description: missing; expected one sentence on what the plugin does',
      'warning package.json license: missing; expected one such as "MIT", without which no one may use the plugin',
    ]);
    const { code, stdout } = await plugin.run('check');
    assert.equal(code, ExitCodes.ok);
    assert.match(stdout, /\n✓ good 1\.0\.0 passed \(3 warnings\)\n$/);
  });

  it('finds links, and refuses those that lead out of the plugin', async () => {
    mkdirSync(join(plugin.above, 'elsewhere'));
    plugin.write({ 'assets/real.txt': 'x' });
    symlinkSync('real.txt', join(plugin.path, 'assets', 'near'));
    symlinkSync('../../elsewhere', join(plugin.path, 'assets', 'far'));
    symlinkSync('/nowhere', join(plugin.path, 'dangling'));
    symlinkSync('../elsewhere', join(plugin.path, 'node_modules'));
    assert.deepEqual((await findings()).sort(), [
      'error assets/far is a link out of the plugin, to "../../elsewhere"',
      'error dangling is a link out of the plugin, to "/nowhere"',
      'warning assets/near is a link, to "real.txt", and would not be in the package',
    ]);
  });

  const samples = join(packageRoot(), 'sample-plugins');
  for (const sample of readdirSync(samples).filter((name) =>
    existsSync(join(samples, name, 'package.json')),
  )) {
    it(`finds nothing in the sample ${sample}`, async () => {
      const { stdout } = await plugin.run('check', join(samples, sample), '--json');
      assert.deepEqual((JSON.parse(stdout) as CheckReport).findings.map(brief), []);
    });
  }
});
