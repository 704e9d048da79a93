import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeArchive } from '../../support/archive.js';
import { Bulkhead, type BulkheadResult, runBulkhead, statusOf } from '../../support/bulkhead.js';
import {
  assertPrintable,
  assertPrintableOnTerminal,
  HOSTILE,
  HOSTILE_WORD,
} from '../../support/hostile-text.js';
import { writePlugin } from '../../support/plugins.js';
import { writeConfig } from '../../support/small-broadcast.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const text = JSON.stringify(HOSTILE);
/** For places that show only the beginning of a text. */
const SHORT = `${HOSTILE_WORD}\x1b[2J\u202e`;

/** Commands without a core. */
const AUTHORING = new Set(['plugin check', 'plugin pack', 'plugin test']);

const contributes = {
  commands: [{ command: 'shows.text', title: HOSTILE.slice(0, 90) }],
  statusItems: [{ id: 'item', name: SHORT }],
  configuration: { properties: { setting: { type: 'string', description: HOSTILE, default: HOSTILE } } },
};

/** Shows the text in every way that the API has. */
const SHOWS = `
  import { commands, window } from '@bulkhead/extension-api';
  const text = ${text};
  export function activate({ log }) {
    commands.registerCommand('shows.text', () => text);
    commands.registerCommand('shows.object', () => ({ [text]: [text] }));
    commands.registerCommand('shows.fail', () => { throw Object.assign(new Error(text), { name: text }); });
    commands.registerCommand('shows.throwText', () => { throw text; });
    window.createStatusItem('item').text = text;
    void window.withProgress({ title: text, cancellable: true }, (progress) => {
      progress.report({ message: text, increment: 10 });
      return new Promise(() => {});
    });
    window.showWarningMessage(text);
    void window.showErrorMessage(text, text.slice(0, 90), 'No');
    const line = text.slice(0, 200);
    void window.showInputBox({ title: text, placeHolder: line, value: line });
    void window.showQuickPick([{ label: line, description: line, detail: line }], { title: text });
    void window.showOpenFile({ title: text, filters: { [line]: ['e' + text.slice(0, 15)] } });
    log.error(new Error(text));
    log.info(text);
    window.createOutputChannel(text.slice(0, 50)).warn(text);
    console.log(text);
    console.error(text);
  }`;

describe('what a hostile plugin, archive or configuration gets a command to print', function () {
  this.timeout(120_000);
  let folder: TempDir;
  let core: Bulkhead;
  const at = (...names: string[]) => join(folder.path, ...names);

  before(async () => {
    folder = tempDir('hostile');
    const plugins = at('plugins');
    writePlugin(plugins, 'shows', {
      source: SHOWS,
      manifest: { name: 'shows', displayName: HOSTILE.slice(0, 90), description: HOSTILE, contributes },
    });
    writePlugin(plugins, 'fails', {
      source: `export function activate() { throw Object.assign(new Error(${text}), { name: ${text} }); }`,
    });
    writePlugin(plugins, 'crashes', {
      source: `export function activate() { setTimeout(() => { throw new Error(${text}); }); }`,
    });
    const config = writeConfig(folder.path, { plugins: [plugins] });
    core = new Bulkhead(['core', '--log-file', at('core.log'), '--log-level', 'trace'], {
      env: { XDG_DATA_HOME: folder.path },
    });
    await core.until('the core answers', ({ state }) => state === 'idle');
    const started = await bulkhead(['start', config]);
    assert.equal(started.code, 0, started.stderr);
    await core.until(
      'it is live, and the plugins have done their part',
      ({ state, extensionHosts, questions, progress }) =>
        state === 'live' &&
        questions.length === 4 &&
        progress.length > 0 &&
        extensionHosts.filter(({ error }) => error !== undefined).length >= 2,
    );
    assert.equal((await bulkhead(['run', 'bulkhead.addMarker', HOSTILE.replaceAll('\0', '')])).code, 0);
  });

  after(async () => {
    await core?.end();
    folder.dispose();
  });

  const bulkhead = (args: readonly string[], terminal = false): Promise<BulkheadResult> =>
    runBulkhead(args, {
      address: AUTHORING.has(`${args[0]} ${args[1]}`) ? '' : core.address,
      env: { XDG_DATA_HOME: folder.path },
      cwd: folder.path,
      terminal,
    });

  /**
   * Runs it with a pipe and in a terminal; `shows` says whether the plugin's text is printed at all.
   */
  async function check(args: readonly string[], shows = true): Promise<void> {
    const what = args.map((arg) => (arg === HOSTILE ? 'TEXT' : arg)).join(' ');
    const piped = await bulkhead(args);
    assertPrintable(piped.stdout, `${what}, standard output`);
    assertPrintable(piped.stderr, `${what}, standard error`);
    assert.equal(
      (piped.stdout + piped.stderr).includes(HOSTILE_WORD),
      shows,
      `${what}: ${piped.stdout}${piped.stderr}`,
    );
    const { stdout } = await bulkhead(args, true);
    assertPrintableOnTerminal(stdout, `${what}, terminal`);
    assert.equal(stdout.includes(HOSTILE_WORD), shows, `${what}: ${stdout}`);
  }

  it('is printable in the status, with questions, progress, markers and status items', async () => {
    await check(['status']);
    await check(['status', '--json']);
    const { stdout } = await bulkhead(['status']);
    const count = stdout.split(HOSTILE_WORD).length - 1;
    assert.ok(count >= 7, `item, name, progress, message, question, answer, error, marker:\n${stdout}`);
    await check(['answer']);
    await check(['answer', '--json']);
    const open = (await bulkhead(['answer'])).stdout.split(HOSTILE_WORD).length - 1;
    assert.ok(open >= 10, `messages, an answer, an example, a value, an item, a filter:\n${open}`);
    await check(['answer', '1', HOSTILE.slice(5).replaceAll('\0', '')], true);
  });

  it('is printable in answers and errors of its commands', async () => {
    await check(['run']);
    await check(['run', '--json']);
    await check(['run', 'shows.text']);
    await check(['run', 'shows.text', '--json']);
    await check(['run', 'shows.object']);
    await check(['run', 'shows.object', '--json']);
    await check(['run', 'shows.fail']);
    await check(['run', 'shows.throwText']);
    await check(['run', HOSTILE.replaceAll('\0', '')]);
    await check([HOSTILE.replaceAll('\0', '')]);
  });

  it('is printable when plugins are listed, restarted and installed', async () => {
    await check(['plugin', 'list']);
    await check(['plugin', 'list', '--json']);
    await check(['plugin', 'info', 'shows']);
    await check(['plugin', 'info', 'fails']);
    await check(['plugin', 'info', 'fails', '--json']);
    await check(['plugin', 'info', HOSTILE.replaceAll('\0', '')]);
    await check(['plugin', 'restart', 'fails']);
    await check(['plugin', 'restart', 'fails', '--json']);
    const manifest = {
      name: 'a',
      version: SHORT,
      main: HOSTILE,
      engines: { bulkhead: HOSTILE },
      [HOSTILE]: 1,
    };
    const packageJson = { path: 'package/package.json', text: JSON.stringify(manifest) };
    await check(['plugin', 'install', writeArchive(at('manifest.tgz'), [packageJson])]);
    const outside = { path: `../${SHORT}`, text: '' };
    await check(['plugin', 'install', writeArchive(at('paths.tgz'), [packageJson, outside])]);
  });

  it('is printable when a plugin is checked, packed and tested', async () => {
    const name = `${SHORT}.cjs`;
    const files = {
      [name]: 'syntax error here',
      'test/a.test.mjs': `
      console.log(${text});
      console.error(${text});
      describe(${text}, () => { it(${text}, () => { throw new Error(${text}); }); });`,
    };
    const path = writePlugin(folder.path, 'authored', { source: 'export function activate() {}', files });
    const wrong = writePlugin(folder.path, 'wrong', {
      source: '',
      manifest: { license: HOSTILE, main: HOSTILE },
    });
    await check(['plugin', 'check', wrong]);
    await check(['plugin', 'check', wrong, '--json']);
    await check(['plugin', 'pack', path]);
    await check(['plugin', 'test', path]);
  });

  it('is printable when a configuration is invalid', async () => {
    const wrong = at('wrong.json');
    writeFileSync(
      wrong,
      JSON.stringify({ [HOSTILE]: 1, video: { preset: HOSTILE }, outputs: [{ id: HOSTILE, url: HOSTILE }] }),
    );
    await check(['start', wrong]);
    await check(['doctor', wrong]);
  });

  it('is printable in the display of a broadcast, with its notices', async () => {
    for (const terminal of [false, true]) {
      const live = new Bulkhead(['live', '--mode', 'attach'], { address: core.address, terminal });
      try {
        await eventually('notices and a status line', () =>
          live.stdout.includes('0 dropped') && live.stdout.includes(HOSTILE_WORD) ? true : undefined,
        );
        await bulkhead(['plugin', 'restart', 'shows']);
        await eventually('more notices', () =>
          live.stdout.split(HOSTILE_WORD).length > 8 ? true : undefined,
        );
        if (terminal) assertPrintableOnTerminal(live.stdout, 'live');
        else assertPrintable(live.stdout, 'live');
      } finally {
        await live.end();
      }
    }
  });

  it('is printable in development', async () => {
    for (const terminal of [false, true]) {
      const path = at('plugins', 'shows');
      const dev = new Bulkhead(['plugin', 'dev', path], { address: core.address, terminal });
      try {
        await eventually('log lines', () => (dev.stdout.split(HOSTILE_WORD).length > 6 ? true : undefined));
        if (terminal) assertPrintableOnTerminal(dev.stdout, 'dev');
        else assertPrintable(dev.stdout + dev.stderr, 'dev');
      } finally {
        await dev.end();
      }
    }
  });

  it('is printable in the log, as it stands in the file and as values, and in what clients are sent', async () => {
    const log = readFileSync(at('core.log'), 'utf8');
    assertPrintable(log, 'log');
    const lines = log.trim().split('\n');
    assert.ok(lines.filter((line) => line.includes(HOSTILE_WORD)).length > 5);
    for (const line of lines) for (const value of texts(JSON.parse(line))) assertPrintable(value, line);
    for (const value of texts(await statusOf(core.address))) assertPrintable(value, 'status');
  });
});

/** All strings in a value. */
function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : [];
}
