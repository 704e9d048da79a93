import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PluginSource, writePlugin } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { runPluginTest } from './run-plugin-test.js';

const start = `import { startPlugin } from '@bulkhead/extension-api/testing';`;

describe('bulkhead plugin test', () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('plugin-test');
  });
  afterEach(() => folder.dispose());

  const write = (activate: string, spec: string, more: Partial<PluginSource> = {}) =>
    writePlugin(folder.path, 'tested', {
      source: `import { commands, window } from '@bulkhead/extension-api';
        import net from 'node:net';
        let loads = 0;
        export function activate(context) { loads += 1; ${activate} }`,
      installed: true,
      files: { 'test/it.test.mjs': `${start}\n${spec}` },
      ...more,
    });

  it('passes, fails, and runs only the selected tests', async () => {
    const plugin = write(
      `context.subscriptions.push(commands.registerCommand('tested.loads', () => loads));`,
      `import assert from 'node:assert/strict';
       for (const name of ['first', 'second']) it(name, async () => {
         const core = await startPlugin();
         assert.equal(await core.commands.execute('tested.loads'), 1);
       });
       it('wrong', (done) => done(new Error('as it should')));`,
    );
    const all = await runPluginTest(plugin);
    assert.equal(all.code, 1, all.stdout + all.stderr);
    assert.match(all.stdout, /2 passing[\s\S]*1 failing[\s\S]*as it should/);

    const some = await runPluginTest(plugin, '--grep', 'first|second');
    assert.deepEqual([some.code, some.stderr], [0, '']);
  });

  it('writes a JUnit report, and prints the results', async () => {
    const plugin = write(
      '',
      `it('<good>', () => startPlugin()); it('bad', () => { throw new Error('x'); });`,
    );
    const file = join(folder.path, 'out', 'report.xml');
    const { code, stdout } = await runPluginTest(plugin, '--reporter', 'junit', '--output', file);
    assert.match(stdout, /1 passing[\s\S]*1 failing/);
    const report = readFileSync(file, 'utf8');
    assert.equal(code, 1);
    assert.match(report, /<testsuite [^>]*tests="2" failures="1" errors="0"/);
    assert.match(report, /<testcase [^>]*name="&lt;good&gt;"[^>]*\/>/);
    assert.match(report, /<testcase [^>]*name="bad"[^>]*><failure message="x">/);
    const printed = await runPluginTest(plugin, '--reporter', 'junit');
    assert.match(printed.stdout, /^<\?xml[\s\S]*<\/testsuites>\n$/);
  });

  const leaving: Record<string, readonly [string, RegExp]> = {
    'a timer': ['setInterval(() => {}, 1000);', /a timer is left that was set at .*main\.mjs:4/],
    'a server': [
      'return new Promise((done) => net.createServer().listen(0, done));',
      /a handle is left: TCPServerWrap, made at .*main\.mjs:4/,
    ],
    'a command': [
      "commands.registerCommand('tested.left', () => {});",
      /the command "tested\.left" is left: add it to context\.subscriptions/,
    ],
    'a failure': [
      `window.onlyInNextVersion?.(); Promise.resolve().then(() => { throw new Error('lost'); });`,
      /lost/,
    ],
  };
  for (const [what, [source, reported]] of Object.entries(leaving)) {
    it(`fails a test after which the plugin leaves ${what}, and continues with the next`, async () => {
      const plugin = write(source, `it('one', () => startPlugin()); it('two', () => {});`);
      const { code, stdout } = await runPluginTest(plugin);
      assert.equal(code, 1, stdout);
      assert.match(stdout, reported);
      assert.match(stdout, /1 passing[\s\S]*1 failing/);
    });
  }

  it("lets a test expect a crash of the plugin, and prints only the plugin's own stack frames", async () => {
    const plugin = write(
      `context.subscriptions.push(
         commands.registerCommand('tested.later', () => void setTimeout(() => { throw new Error('boom'); }, 10)),
         commands.registerCommand('tested.now', () => { throw new Error('bang'); }));`,
      `import assert from 'node:assert/strict';
       it('expected', async () => {
         const core = await startPlugin();
         await core.commands.execute('tested.later');
         await core.clock.advance(10);
         assert.equal(core.isActive, false);
         assert.match(core.takeFailures()[0].message, /uncaught exception: boom/);
       });
       it('unexpected', async () => (await startPlugin()).commands.execute('tested.now'));`,
    );
    const { code, stdout } = await runPluginTest(plugin);
    assert.equal(code, 1);
    assert.match(stdout, /1 passing[\s\S]*1 failing[\s\S]*Caused by: Error: bang\n.*main\.mjs\S*:6/);
    assert.doesNotMatch(stdout, /plugin-tools|\/src\//);
  });

  it('loads the core only for tests that start the plugin, and before the first of them', async () => {
    const loaded = `
      import assert from 'node:assert/strict';
      import { createRequire } from 'node:module';
      const { cache } = createRequire(import.meta.url);
      const isLoaded = () => Object.keys(cache).some((file) => file.includes('steered-core'));`;
    const started = write('', `${loaded} it('starts it', () => assert.equal(isLoaded(), true));`);
    assert.equal((await runPluginTest(started)).code, 0);

    const files = {
      'test/it.test.mjs': `${loaded} it('starts none', () => assert.equal(isLoaded(), false));`,
    };
    assert.equal((await runPluginTest(write('', '', { files, installed: false }))).code, 0);
  });

  for (const [what, source, reported] of [
    [
      'rejects a promise that nobody handles',
      `void Promise.reject(new Error('lost'));`,
      /did not end well\n\s*Error: lost\n\s*at .*main\.mjs:4/,
    ],
    [
      'throws where nobody catches',
      `setTimeout(() => { throw new Error('lost'); }); return new Promise(() => {});`,
      /the plugin "tested" failed: uncaught exception: lost/,
    ],
  ] as const) {
    it(`fails a test with the error of the plugin that ${what} while it is activated`, async () => {
      const test = `it('one', () => startPlugin({ clock: 'real' }));`;
      const { code, stdout } = await runPluginTest(write(source, test));
      assert.equal(code, 1, stdout);
      assert.match(stdout, reported);
      assert.doesNotMatch(stdout, /connection is closed/);
    });
  }

  it('fails a test that leaves a rejection unhandled', async () => {
    const plugin = write('', `it('careless', async () => void Promise.reject(new Error('lost')));`);
    const { code, stdout } = await runPluginTest(plugin);
    assert.equal(code, 1, stdout);
    assert.match(stdout, /lost/);
  });

  const breaking: Record<string, readonly [string, RegExp]> = {
    'ends the process': [
      'process.kill(process.pid, "SIGKILL");',
      /exited unexpectedly \(SIGKILL\), in the test "sad"/,
    ],
    hangs: [
      'for (;;);',
      /the tests hung and their process was killed, .*in the test "sad"\n.*at .*main\.mjs:4/,
    ],
  };
  for (const [what, [source, reported]] of Object.entries(breaking)) {
    it(`reports in which test the plugin ${what}`, async () => {
      const plugin = write(source, `it('good', () => {}); it('sad', () => startPlugin());`);
      const file = join(folder.path, 'report.xml');
      const junit = ['--reporter', 'junit', '--output', file];
      const { code, stderr } = await runPluginTest(plugin, '--timeout', '500', ...junit);
      assert.equal(code, 70, stderr);
      assert.match(stderr, reported);
      const report = readFileSync(file, 'utf8');
      assert.match(report, /<testsuites [^>]*tests="2" failures="0" errors="1"/);
      assert.match(
        report,
        /name="good"[^>]*\/>[\s\S]*name="in the test &quot;sad&quot;"[^>]*><error message=/,
      );
    });
  }

  it('reports which file ends the process while it is loaded', async () => {
    const file = join(folder.path, 'report.xml');
    const plugin = write('', 'process.exit(0);');
    const { code, stderr } = await runPluginTest(plugin, '--reporter', 'junit', '--output', file);
    assert.equal(code, 70);
    assert.match(readFileSync(file, 'utf8'), /errors="1"[\s\S]*<error message="the test process exited/);
    assert.match(stderr, /exited unexpectedly \(exit code 0\), while loading test.it\.test\.mjs/);
  });

  it('reports a file that cannot be loaded', async () => {
    const file = join(folder.path, 'report.xml');
    const plugin = write('', `throw new Error('not today');`);
    const { code, stderr } = await runPluginTest(plugin, '--reporter', 'junit', '--output', file);
    assert.equal(code, 64);
    assert.match(stderr, /not today/);
    assert.match(
      readFileSync(file, 'utf8'),
      /tests="1" failures="0" errors="1"[\s\S]*<error [^>]*>[^<]*not today/,
    );
  });

  it('never passes if a test calls process.exit', async () => {
    const { code, stderr } = await runPluginTest(write('', `it('sly', () => process.exit(0));`));
    assert.equal(code, 70);
    assert.match(stderr, /exited unexpectedly \(exit code 0\), in the test "sly"/);
  });

  it('rejects an invalid report path, and a run without tests', async () => {
    const plugin = write('', `it('one', () => {});`);
    const nowhere = await runPluginTest(plugin, '--output', 'report.txt');
    assert.equal(nowhere.code, 64);
    assert.match(nowhere.stderr, /--output cannot be used with --reporter spec/);

    const notAsked = await runPluginTest(plugin, '--grep', 'two');
    assert.equal(notAsked.code, 64);
    assert.match(notAsked.stderr, /none of its tests is asked for by "two"/);
  });

  it('rejects an invalid plugin, and one without tests', async () => {
    const without = await runPluginTest(write('', ''));
    assert.equal(without.code, 64);
    assert.match(without.stderr, /^error: .*: there are no tests in test\/\S+\n$/);

    const wrong = await runPluginTest(write('', '', { manifest: { main: './gone.js' }, installed: false }));
    assert.equal(wrong.code, 64);
    assert.match(wrong.stderr, /^error: .*package\.json: main: there is no file "\.\/gone\.js"\n$/);
  });
});
