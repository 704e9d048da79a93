import assert from 'node:assert/strict';
import { join } from 'node:path';
import { packageRoot } from '../../../src/core/processes/entry-points.js';
import { BulkheadError } from '../../../src/protocol/errors.js';
import { API_VERSION } from '../../../src/protocol/extension-host.js';
import { NO_OUTPUT_STATISTICS } from '../../../src/protocol/output-statistics.js';
import { version } from '../../../src/version.js';
import { isolation, PluginBench, type PluginSource, places, until } from '../../support/plugins.js';
import { eventually } from '../../support/wait.js';

const esm: PluginSource = {
  source: `
    import { broadcast, commands, window } from '@bulkhead/extension-api';
    import { add } from './lib/add.mjs';
    const who = ({ id, packageJSON: { version }, extensionPath }) => ({ id, version, path: extensionPath });
    export function activate(context) {
      context.subscriptions.push(commands.registerCommand('test.add', add));
      commands.registerCommand('test.who', () => who(context.extension));
    }`,
  files: {
    'lib/add.mjs': `
      import * as api from '@bulkhead/extension-api';
      export const add = (a, b) => ({ sum: a + b, api: Object.keys(api).sort() });`,
  },
};

const cjs: PluginSource = {
  type: 'cjs',
  source: `
    const { commands } = require('@bulkhead/extension-api');
    const { add } = require('./lib/add.cjs');
    const who = ({ id, packageJSON: { version }, extensionPath }) => ({ id, version, path: extensionPath });
    exports.activate = (context) => {
      commands.registerCommand('test.add', add);
      commands.registerCommand('test.who', () => who(context.extension));
    };`,
  files: {
    'lib/add.cjs': `
      const api = require('@bulkhead/extension-api');
      exports.add = (a, b) => ({ sum: a + b, api: Object.keys(api).sort() });`,
  },
};

for (const place of places) {
  describe(`plugins in a host ${place}`, () => {
    let bench: PluginBench;

    beforeEach(() => {
      bench = new PluginBench(place);
    });

    afterEach(() => bench.end());

    for (const [kind, plugin] of Object.entries({ ESM: esm, CommonJS: cjs })) {
      for (const installed of [true, false]) {
        it(`loads ${kind} ${installed ? 'with the API package installed' : 'without the API package'}`, async () => {
          const host = await bench.run('test', { ...plugin, installed });
          assert.deepEqual(await bench.commands.execute('test.add', [1, 2]), {
            sum: 3,
            api: [
              ...['BulkheadError', 'CancellationTokenSource', 'Disposable', 'EventEmitter'],
              ...['audio', 'broadcast', 'commands', 'configuration', 'env', 'events', 'extensions', 'l10n'],
              ...['outputs', 'overlays', 'permissions', 'recording', 'replay', 'scenes', 'sources', 'window'],
            ],
          });
          assert.deepEqual(await bench.commands.execute('test.who'), {
            id: 'test',
            version: '1.0.0',
            path: join(bench.path, 'test'),
          });
          const { isolated, pid, plugins } = host.status();
          assert.equal(isolated, place === 'in a process of its own');
          assert.equal(pid === process.pid, place === 'inside the core');
          assert.deepEqual(plugins, ['test']);
        });
      }
    }

    it('passes arguments and results as JSON', async () => {
      await bench.run('test', {
        source: `
          import { commands } from '@bulkhead/extension-api';
          export async function activate() {
            commands.registerCommand('test.echo', async (...args) => args);
            commands.registerCommand('test.nothing', () => {});
            commands.registerCommand('test.keep', (value) => { value.changed = true; });
          }`,
      });

      const argument = { list: [1, 'two', null], at: new Date(0), f: () => 1 };
      const plain = { list: [1, 'two', null], at: '1970-01-01T00:00:00.000Z' };
      assert.deepEqual(await bench.commands.execute('test.echo', [argument, 2]), [plain, 2]);
      assert.equal(await bench.commands.execute('test.nothing'), null);
      const kept = {};
      await bench.commands.execute('test.keep', [kept]);
      assert.deepEqual(kept, {});
    });

    it("reports on one line which command's result or argument cannot be sent", async () => {
      await bench.run('test', {
        source: `
          import { commands } from '@bulkhead/extension-api';
          export function activate() {
            const circle = {};
            circle.self = circle;
            commands.registerCommand('test.cycle', () => circle);
            commands.registerCommand('test.huge', () => 'x'.repeat(20_000_000));
            commands.registerCommand('test.pass', () => commands.executeCommand('test.cycle', circle));
          }`,
      });

      for (const [command, what] of [
        [
          'test.cycle',
          /^the plugin "test" failed: the command "test\.cycle" returned a value that cannot be sent: .*circular.*$/,
        ],
        [
          'test.huge',
          /^the plugin "test" failed: the command "test\.huge" returned a value that cannot be sent: a message of 2\d+ bytes.*$/,
        ],
        [
          'test.pass',
          /^the plugin "test" failed: the command "test\.pass": the command "test\.cycle" was not run: .*circular.*$/,
        ],
      ] as const) {
        await assert.rejects(bench.commands.execute(command), {
          code: 'plugin.failed',
          where: 'test',
          message: what,
        });
      }
    });

    it("reports a failed command with the plugin's name and its own stack", async () => {
      await bench.run('test', {
        type: 'cjs',
        source: `
          const { commands } = require('@bulkhead/extension-api');
          exports.activate = () => {
            commands.registerCommand('test.fail', function deepInside() { throw new TypeError('no such scene'); });
          };`,
      });

      await assert.rejects(bench.commands.execute('test.fail'), (error: BulkheadError) => {
        assert.equal(error.code, 'plugin.failed');
        assert.equal(error.where, 'test');
        assert.equal(error.message, 'the plugin "test" failed: the command "test.fail": no such scene');
        assert.match(causes(error).join('\n'), /TypeError: no such scene\s+at deepInside .*main\.cjs/);
        return true;
      });
    });

    it('runs commands of other plugins, and reports unknown ones', async () => {
      await bench.run('test', esm);
      await bench.run('other', {
        source: `
          import { commands } from '@bulkhead/extension-api';
          export async function activate() {
            commands.registerCommand('other.ask', async () => (await commands.executeCommand('test.add', 20, 3)).sum);
            commands.registerCommand('other.own', () => commands.executeCommand('other.ask'));
            commands.registerCommand('other.list', () => commands.getCommands());
            commands.registerCommand('other.wrong', async () => {
              try { await commands.executeCommand('no.such'); } catch (error) { return error.message; }
            });
          }`,
      });

      assert.equal(await bench.commands.execute('other.ask'), 23);
      assert.equal(await bench.commands.execute('other.own'), 23);
      assert.deepEqual(await bench.commands.execute('other.list'), bench.commands.list());
      assert.equal(await bench.commands.execute('other.wrong'), 'there is no command "no.such"');
      await assert.rejects(bench.commands.execute('no.such'), { code: 'command.notFound' });
    });

    it('rejects a command that another plugin has, and keeps the first', async () => {
      await bench.run('test', esm);
      const second = bench.host([
        bench.write('second', { ...esm, manifest: { name: 'test', publisher: 'second' } }),
      ]);
      second.start();

      const { error } = await until(second, 'failed', ({ state }) => state === 'failed');
      assert.equal(error?.code, 'plugin.failed');
      assert.equal(error?.where, 'second.test');
      assert.match(error?.message ?? '', /"test\.add" is already registered by the plugin "test"/);
      assert.deepEqual(await bench.commands.execute('test.who', []), {
        id: 'test',
        version: '1.0.0',
        path: join(bench.path, 'test'),
      });
    });

    it("provides the broadcast's state and statistics, and fires events", async () => {
      bench.broadcast.become('starting');
      await bench.run('test', {
        source: `
          import { broadcast, commands } from '@bulkhead/extension-api';
          const seen = ['at first ' + broadcast.state];
          export function activate({ subscriptions }) {
            broadcast.onDidChangeState((state) => seen.push(state + ' ' + (broadcast.state === state)), undefined, subscriptions);
            broadcast.onDidStart(() => seen.push('start'), undefined, subscriptions);
            broadcast.onDidStop(() => seen.push('stop'), undefined, subscriptions);
            commands.registerCommand('test.seen', () => seen);
            commands.registerCommand('test.status', () => broadcast.status);
          }`,
      });
      const output = {
        id: 'twitch',
        url: 'rtmp://somewhere/app/***',
        state: 'live',
        sessions: 1,
        bytesSent: 1000,
        droppedFrames: 2,
        queueMs: 30,
        ...NO_OUTPUT_STATISTICS,
      } as const;
      bench.broadcast.become('live', { uptimeMs: 70, outputs: [output] });
      bench.broadcast.become('reconnecting');
      bench.broadcast.become('live');
      assert.deepEqual(await bench.commands.execute('test.status'), {
        state: 'live',
        uptimeMs: 70,
        stats: {
          videoFrames: 0,
          audioFrames: 0,
          splices: 0,
          lastGapMs: 0,
          maxGapMs: 0,
          encoder: { fps: 0, bitrateKbps: 0, restarts: 0 },
          outputs: [
            {
              id: 'twitch',
              state: 'live',
              sessions: 1,
              bytesSent: 1000,
              droppedFrames: 2,
              queueMs: 30,
              bitrateKbps: 0,
            },
          ],
        },
      });
      bench.broadcast.become('stopping');
      bench.broadcast.become('idle');

      assert.deepEqual(await bench.commands.execute('test.seen'), [
        'at first starting',
        'live true',
        'start',
        'reconnecting true',
        'live true',
        'stopping true',
        'idle true',
        'stop',
      ]);
    });

    it('lets a plugin control the broadcast with the permission', async () => {
      const source = (name: string) => `
        import { broadcast, commands, env } from '@bulkhead/extension-api';
        export function activate() {
          commands.registerCommand('${name}.start', async () => { await broadcast.start(); return broadcast.state; });
          commands.registerCommand('${name}.stop', async () => { await broadcast.stop(); return broadcast.state; });
          commands.registerCommand('${name}.env', () => {
            const { apiVersion, appVersion, platform, isolationTier, profile } = env;
            return { apiVersion, appVersion, platform, isolationTier, profile };
          });
        }`;
      await bench.run('may', { source: source('may'), manifest: { permissions: ['broadcast.control'] } });
      await bench.run('not', { source: source('not') });

      assert.equal(await bench.commands.execute('may.start'), 'live');
      for (const command of ['not.start', 'not.stop']) {
        await assert.rejects(bench.commands.execute(command), (error: BulkheadError) => {
          assert.match(error.message, /the plugin "not" may not start and end the broadcast$/);
          return causes(error).length > 0;
        });
      }
      assert.equal(bench.broadcast.current.state, 'live');
      assert.equal(await bench.commands.execute('may.stop'), 'idle');
      assert.deepEqual(await bench.commands.execute('may.env'), {
        apiVersion: API_VERSION,
        appVersion: version,
        platform: process.platform,
        isolationTier: place === 'inside the core' ? 'none' : isolation.tier,
        profile: 'default',
      });
    });

    it('shows the texts of its status items', async () => {
      const source = (id: string) => `
        import { commands, window } from '@bulkhead/extension-api';
        export function activate({ subscriptions }) {
          const item = window.createStatusItem('${id}');
          subscriptions.push(item);
          commands.registerCommand('test.show', (text) => { item.text = text; return item.text; });
          commands.registerCommand('test.end', () => { item.dispose(); item.text = 'too late'; });
        }`;
      const statusItems = [{ id: 'viewers', name: 'Viewers' }];
      const host = await bench.run('test', {
        source: source('viewers'),
        manifest: { contributes: { statusItems } },
      });
      const shown = () => host.status().statusItems?.map(({ name, text }) => `${name}: ${text}`);
      assert.equal(shown(), undefined);
      assert.equal(await bench.commands.execute('test.show', ['12']), '12');
      assert.deepEqual(shown(), ['Viewers: 12']);
      await bench.commands.execute('test.show', [`\x1b[31m13\n${'x'.repeat(1000)}`]);
      assert.deepEqual(shown(), [`Viewers: 13 ${'x'.repeat(191)}…`]);
      await bench.commands.execute('test.end');
      assert.equal(shown(), undefined);

      const other = bench.host([bench.write('other', { source: source('unknown') })]);
      other.start();
      const { error } = await until(other, 'failed', ({ state }) => state === 'failed');
      assert.match(error?.message ?? '', /activate: the plugin "other" has no status item "unknown"$/);
    });

    it('gives a plugin its own settings, and fires on changes', async () => {
      const properties = {
        factor: { type: 'number', default: 2 },
        words: { type: 'array', items: { type: 'string' } },
      };
      const folder = bench.write('test', {
        manifest: { contributes: { configuration: { properties } } },
        source: `
          import { commands, configuration } from '@bulkhead/extension-api';
          const seen = [configuration.get('factor'), configuration.get('words') ?? 'none'];
          export function activate({ subscriptions }) {
            configuration.onDidChange((event) => {
              seen.push(['factor', 'words', 'x'].filter((key) => event.affectsConfiguration(key)), configuration.typed().get('factor'));
            }, undefined, subscriptions);
            commands.registerCommand('test.seen', () => seen);
            commands.registerCommand('test.wrong', () => configuration.get('toString'));
          }`,
      });
      const host = bench.host([folder], { settings: { test: { factor: 3 } } });
      host.start();
      await until(host, 'running', ({ state }) => state === 'running');
      bench.settings.set(host.plugins, { test: { words: ['a'] }, other: { factor: 5 } });
      bench.settings.set(host.plugins, { test: { words: ['a'] }, other: { factor: 6 } });

      assert.deepEqual(await bench.commands.execute('test.seen'), [3, 'none', ['factor', 'words'], 2]);
      await assert.rejects(bench.commands.execute('test.wrong'), {
        code: 'plugin.failed',
        message:
          'the plugin "test" failed: the command "test.wrong": the plugin "test" has no setting "toString"',
      });
    });

    it('reports a listener that throws or rejects, and continues', async () => {
      await bench.run('test', {
        source: `
          import { broadcast, commands } from '@bulkhead/extension-api';
          export function activate() {
            let after = 0;
            broadcast.onDidChangeState(() => { throw new Error('listener is broken'); });
            broadcast.onDidChangeState(async () => { throw new Error('so is this one'); });
            broadcast.onDidChangeState(() => { after += 1; });
            commands.registerCommand('test.after', () => after);
          }`,
      });
      bench.broadcast.become('starting');

      assert.equal(await bench.commands.execute('test.after'), 1);
      for (const what of ['listener is broken', 'so is this one']) {
        const line = await eventually(what, () => bench.lines.find(({ message }) => message.endsWith(what)));
        assert.equal(
          line.message,
          `the plugin "test" failed: a listener of broadcast.onDidChangeState: ${what}`,
        );
        assert.equal(line.details['plugin'], 'test');
        assert.match(String(line.details['stack']), /main\.mjs/);
      }
    });

    it("passes messages and log lines on, with the plugin's id", async () => {
      await bench.run('test', {
        manifest: { publisher: 'me', displayName: 'The test' },
        source: `
          import { commands, window } from '@bulkhead/extension-api';
          export async function activate(context) {
            context.log.info('active in %s', 'place');
            const channel = window.createOutputChannel('network');
            channel.error(new Error('no route'));
            channel.dispose();
            channel.info('too late');
            commands.registerCommand('test.say', async () => [
              await window.showInformationMessage('hello'),
              await window.showErrorMessage('it is bad'),
            ]);
          }`,
      });

      assert.deepEqual(await bench.commands.execute('test.say'), [null, null]);
      assert.deepEqual(bench.notices, [
        { severity: 'info', source: 'me.test', message: 'hello' },
        { severity: 'error', source: 'me.test', message: 'it is bad' },
      ]);
      const own = bench.lines.filter(({ details }) => details['channel'] !== undefined);
      assert.deepEqual(
        own.map(({ level, details }) => [level, details['plugin'], details['channel']]),
        [
          ['info', 'me.test', 'The test'],
          ['error', 'me.test', 'network'],
        ],
      );
      assert.equal(own[0]?.message, 'active in place');
      assert.match(own[1]?.message ?? '', /^Error: no route\s+at /);
    });

    it('deactivates: its own function first, then the subscriptions from the last to the first', async () => {
      const host = await bench.run('test', {
        source: `
          import { broadcast, commands } from '@bulkhead/extension-api';
          let log;
          export function activate(context) {
            log = context.log;
            for (const name of ['first', 'second', 'third']) {
              context.subscriptions.push({ dispose() { log.info(name); if (name === 'second') throw new Error('stuck'); } });
            }
            commands.registerCommand('test.forgotten', () => 1);
            broadcast.onDidChangeState(() => log.info('received'));
          }
          export async function deactivate() {
            await new Promise((resolve) => setTimeout(resolve, 10));
            log.info('deactivate');
          }`,
      });
      await host.stop();
      bench.broadcast.become('starting');

      const said = bench.lines
        .filter(({ details }) => details['channel'] !== undefined)
        .map(({ message }) => message);
      assert.deepEqual(said, ['deactivate', 'third', 'second', 'first']);
      assert.ok(bench.lines.some(({ message }) => message.endsWith('disposing of a subscription: stuck')));
      assert.deepEqual(bench.commands.list(), []);
      assert.equal(host.status().state, 'stopped');
    });

    it('starts again after a stop', async () => {
      const host = await bench.run('test', esm);
      await host.stop();
      host.start();
      await until(host, 'running', ({ state }) => state === 'running');

      assert.equal(((await bench.commands.execute('test.add', [2, 2])) as { sum: number }).sum, 4);
    });

    it('can have several plugins, each with its own API', async () => {
      const folders = ['one', 'two'].map((name) =>
        bench.write(name, {
          type: name === 'one' ? 'cjs' : 'esm',
          source:
            name === 'one'
              ? `const { commands, window } = require('@bulkhead/extension-api');
                 exports.activate = () => {
                   commands.registerCommand('one.say', () => { window.showWarningMessage('from one'); });
                 };`
              : `import { commands, window } from '@bulkhead/extension-api';
                 export function activate() {
                   commands.registerCommand('two.say', () => { window.showWarningMessage('from two'); });
                 }`,
        }),
      );
      const host = bench.host(folders);
      host.start();
      await until(host, 'running', ({ state }) => state === 'running');
      await bench.commands.execute('one.say');
      await bench.commands.execute('two.say');

      assert.deepEqual(host.status().plugins, ['one', 'two']);
      assert.deepEqual(
        bench.notices.map(({ source, message }) => [source, message]),
        [
          ['one', 'from one'],
          ['two', 'from two'],
        ],
      );
    });

    const failures: readonly [string, PluginSource, RegExp][] = [
      [
        'throws in activate',
        { source: `export function activate() { throw new Error('no key'); }` },
        /activate: no key/,
      ],
      [
        'rejects in activate',
        { source: `export async function activate() { throw 'text'; }` },
        /activate: text/,
      ],
      [
        'exports no activate',
        { source: 'export const x = 1;' },
        /loading: .*does not export a function "activate"/,
      ],
      ['cannot be parsed', { source: 'export function {' }, /loading: Unexpected token/],
      [
        'imports what is missing',
        { source: `import 'no-such-package'; export function activate() {}` },
        /no-such-package/,
      ],
      [
        'hangs in activate',
        { source: 'export function activate() { return new Promise(() => {}); }' },
        /activate: it did not finish within 500 ms/,
      ],
      [
        'hangs while loading',
        { source: 'await new Promise(() => {}); export function activate() {}' },
        /loading: its module was not loaded within 500 ms/,
      ],
    ];
    for (const [what, plugin, message] of failures) {
      it(`gives a plugin up that ${what}`, async () => {
        const host = bench.host([bench.write('broken', plugin)], {
          deadlines: { activateMs: what.startsWith('hangs') ? 500 : 10_000 },
        });
        host.start();

        const { error, restarts } = await until(host, 'failed', ({ state }) => state === 'failed');
        assert.equal(error?.code, 'plugin.failed');
        assert.equal(error?.where, 'broken');
        assert.match(error?.message ?? '', message);
        assert.equal(restarts, 0);
        assert.deepEqual(
          bench.notices.map(({ severity, source }) => [severity, source]),
          [['error', 'broken']],
        );
      });
    }

    it('cancels the token of an activation that takes too long', async () => {
      const host = bench.host(
        [
          bench.write('late', {
            source: `
              import { commands, window } from '@bulkhead/extension-api';
              export async function activate(context, token) {
                commands.registerCommand('late.command', () => 1);
                await new Promise((resolve) => token.onCancellationRequested(resolve));
                window.showInformationMessage('gave up');
              }`,
          }),
        ],
        { deadlines: { activateMs: 300 } },
      );
      host.start();

      await until(host, 'failed', ({ state }) => state === 'failed');
      assert.deepEqual(bench.commands.list(), []);
    });

    it('does not wait for a deactivate that hangs', async () => {
      const host = bench.host(
        [
          bench.write('test', {
            source:
              'export function activate() {} export function deactivate() { return new Promise(() => {}); }',
          }),
        ],
        { deadlines: { deactivateMs: 200 } },
      );
      host.start();
      await until(host, 'running', ({ state }) => state === 'running');
      await host.stop();

      assert.equal(host.status().state, 'stopped');
      assert.ok(
        bench.lines.some(({ message }) => message.includes('deactivate: it did not finish within 200 ms')),
      );
    });

    it('reports a command that does not respond in time', async () => {
      const host = bench.host(
        [
          bench.write('test', {
            source: `
              import { commands } from '@bulkhead/extension-api';
              export function activate() { commands.registerCommand('test.hang', () => new Promise(() => {})); }`,
          }),
        ],
        { deadlines: { commandMs: 200 } },
      );
      host.start();
      await until(host, 'running', ({ state }) => state === 'running');

      await assert.rejects(bench.commands.execute('test.hang'), {
        code: 'plugin.failed',
        where: 'test',
        message: 'the plugin "test" failed: the command "test.hang" did not respond within 200 ms',
      });
      assert.equal(host.status().state, 'running');
    });

    it('limits messages to what a person can read', async () => {
      await bench.run('test', {
        source: `
          import { commands, window } from '@bulkhead/extension-api';
          export function activate() {
            commands.registerCommand('test.flood', () => {
              for (let i = 0; i < 500; i++) window.showInformationMessage('x'.repeat(10_000));
            });
          }`,
      });
      await bench.commands.execute('test.flood');

      assert.ok(bench.notices.length >= 10 && bench.notices.length < 30, `${bench.notices.length} notices`);
      assert.ok((bench.notices[0]?.message.length ?? 0) < 3000);
    });

    it('restarts a plugin that calls process.exit, and reports where it did', async () => {
      const host = await bench.run('test', {
        type: 'cjs',
        source: `
          const { commands } = require('@bulkhead/extension-api');
          exports.activate = () => {
            commands.registerCommand('test.quit', function quitter() { process.exit(0); });
            commands.registerCommand('test.ok', () => 'ok');
          };`,
      });
      await assert.rejects(bench.commands.execute('test.quit'), { code: 'plugin.failed', where: 'test' });
      await until(host, 'running again', ({ state, restarts }) => state === 'running' && restarts === 1);

      assert.equal(await bench.commands.execute('test.ok'), 'ok');
      const line = bench.lines.find(({ message }) => message.includes('process.exit'));
      assert.match(String(line?.details['stack']), /quitter/);
      assert.deepEqual(
        bench.notices.map(({ severity, source }) => [severity, source]),
        [['warning', 'test']],
      );
    });

    it('runs the sample plugin', async () => {
      const host = bench.host([join(packageRoot(), 'sample-plugins', 'stream-health')]);
      host.start();
      await until(host, 'running', ({ state }) => state === 'running');
      bench.broadcast.become('live');

      const report = (await bench.commands.execute('stream-health.report')) as { verdict: string };
      assert.equal(report.verdict, 'good');
      assert.deepEqual(host.status().plugins, ['bulkhead.stream-health']);
      const shown = () => host.status().statusItems?.map(({ name, text }) => `${name}: ${text}`);
      assert.deepEqual(shown(), ['Stream health: good']);
      bench.broadcast.become('idle');
      await bench.commands.execute('stream-health.report');
      assert.equal(shown(), undefined);
    });
  });
}

function causes(error: unknown): string[] {
  return error instanceof Error ? [error.stack ?? '', ...causes(error.cause)] : [];
}
