import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PluginBench, type PluginSource, places, until } from '../../support/plugins.js';
import { eventually } from '../../support/wait.js';

const keeper = (name: string): PluginSource => ({
  source: `
    import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
    import { join } from 'node:path';
    import { commands } from '@bulkhead/extension-api';
    export function activate({ globalState, secrets, storagePath }) {
      const codeOf = (work) => work.then(() => 'done', (error) => error.code);
      const register = (command, handler) => commands.registerCommand('${name}.' + command, handler);
      register('get', (key, fallback) => [globalState.get(key, fallback), globalState.keys()]);
      register('update', (key, value) => codeOf(globalState.update(key, value)));
      register('remove', (key) => codeOf(globalState.update(key, undefined)));
      register('fill', async (bytes) => {
        const work = globalState.update('full', 'x'.repeat(bytes));
        const during = globalState.get('full').length;
        return [during, await codeOf(work), globalState.get('full', 'as before')];
      });
      register('change', async () => {
        const value = { list: [1] };
        await globalState.update('copied', value);
        value.list.push(2);
        globalState.get('copied').list.push(3);
        return globalState.get('copied');
      });
      register('store', (key, value) => codeOf(secrets.store(key, value)));
      register('secret', async (key) => [await secrets.get(key), await secrets.keys()]);
      register('write', (file, text) => {
        const folder = join(storagePath, 'deep', 'down');
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, 'passing'), text);
        rmSync(join(folder, 'passing'));
        writeFileSync(join(folder, file), text);
        return storagePath;
      });
      register('read', (file) => [
        readFileSync(join(storagePath, 'deep', 'down', file), 'utf8'),
        readdirSync(join(storagePath, 'deep', 'down')),
        readdirSync(storagePath),
      ]);
      register('forget', (key) => codeOf(secrets.delete(key)));
    }`,
});

const profiled: PluginSource = {
  source: `
    import { commands, env } from '@bulkhead/extension-api';
    export function activate({ globalState, profileState, subscriptions }) {
      const codeOf = (work) => work.then(() => 'done', (error) => error.code);
      const seen = [];
      const look = () => [env.profile, profileState.get('layout', 'none'), globalState.get('layout', 'none')];
      env.onDidChangeProfile((profile) => seen.push([profile, ...look()]), undefined, subscriptions);
      commands.registerCommand('p.look', look);
      commands.registerCommand('p.seen', () => seen);
      commands.registerCommand('p.set', (value) => codeOf(profileState.update('layout', value)));
      commands.registerCommand('p.fill', (bytes) => codeOf(profileState.update('full', 'x'.repeat(bytes))));
    }`,
};

for (const place of places) {
  describe(`stored data of plugins in hosts ${place}`, () => {
    let bench: PluginBench;

    beforeEach(() => {
      bench = new PluginBench(place);
    });

    afterEach(() => bench.end());

    const run = (command: string, ...args: unknown[]) => bench.commands.execute(command, args);

    it('is available after a restart, and for one plugin only', async () => {
      const host = await bench.run('one', keeper('one'));
      await bench.run('two', keeper('two'));
      assert.deepEqual(await run('one.get', 'a', 'nothing'), ['nothing', []]);
      assert.equal(await run('one.update', 'a', { deep: [1, 'é', null] }), 'done');
      assert.equal(await run('one.update', 'b', 1), 'done');
      assert.equal(await run('one.remove', 'b'), 'done');
      assert.deepEqual(await run('one.change'), { list: [1] });
      await host.stop();
      host.start();
      await until(host, 'running', ({ state }) => state === 'running');

      assert.deepEqual(await run('one.get', 'a'), [{ deep: [1, 'é', null] }, ['a', 'copied']]);
      assert.deepEqual(await run('two.get', 'a', 'nothing'), ['nothing', []]);
    });

    it("may be files in the plugin's folder", async () => {
      const host = await bench.run('one', keeper('one'));
      await bench.run('two', keeper('two'));
      assert.equal(await run('one.write', 'file', 'text'), bench.store.filesFolder('one'));
      assert.notEqual(await run('two.write', 'other', 'text'), bench.store.filesFolder('one'));
      await host.stop();
      host.start();
      await until(host, 'running', ({ state }) => state === 'running');

      assert.deepEqual(await run('one.read', 'file'), ['text', ['file'], ['deep']]);
    });

    it('can be separate for each profile', async () => {
      const host = await bench.run('p', profiled);
      assert.equal(await run('p.set', 'wide'), 'done');
      assert.equal(await run('p.fill', 1_100_000), 'storage.quota');
      bench.store.useProfile('gaming');
      assert.deepEqual(await eventually('the event', async () => ((await run('p.seen')) as unknown[])[0]), [
        'gaming',
        'gaming',
        'none',
        'none',
      ]);
      assert.equal(await run('p.set', 'tall'), 'done');
      await host.stop();
      host.start();
      await until(host, 'running', ({ state }) => state === 'running');
      assert.deepEqual(await run('p.look'), ['gaming', 'tall', 'none']);

      bench.store.useProfile('default');
      await eventually('the event', async () => ((await run('p.seen')) as unknown[])[0]);
      assert.deepEqual(await run('p.look'), ['default', 'wide', 'none']);
      const folder = join(bench.path, '.stored', 'profile-state', 'p');
      assert.deepEqual(readdirSync(folder).sort(), ['default.json', 'gaming.json']);
      await host.stop();
      await bench.store.purge('p');
      assert.equal(existsSync(folder), false);
      assert.deepEqual(await bench.store.profileState('p').all(), {});
    });

    it('stays within its quota', async () => {
      await bench.run('one', keeper('one'));
      assert.deepEqual(await run('one.fill', 1_100_000), [1_100_000, 'storage.quota', 'as before']);
      assert.deepEqual(await run('one.get', 'full'), [null, []]);
      assert.equal(await run('one.store', 'big', 'x'.repeat(70_000)), 'storage.quota');
    });

    it('keeps secrets from other plugins, from the log and from the status', async () => {
      const host = await bench.run('one', keeper('one'));
      await bench.run('two', keeper('two'));
      assert.equal(await run('one.store', 'token', 'very-secret'), 'done');

      assert.deepEqual(await run('one.secret', 'token'), ['very-secret', ['token']]);
      assert.deepEqual(await run('two.secret', 'token'), [null, []]);
      const file = join(bench.path, '.stored', 'secrets', 'one.json');
      assert.match(readFileSync(file, 'utf8'), /very-secret/);
      if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o600);
      assert.doesNotMatch(JSON.stringify([bench.lines, bench.notices, host.status()]), /very-secret/);
      assert.equal(await run('one.forget', 'token'), 'done');
      assert.deepEqual(await run('one.secret', 'token'), [null, []]);
      assert.doesNotMatch(readFileSync(file, 'utf8'), /very-secret/);
    });
  });
}
