import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenQuestion } from '../../../src/protocol/questions.js';
import { PluginBench, type PluginSource, places } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const asking: PluginSource = {
  source: `
    import { readFile } from 'node:fs/promises';
    import { commands, env, window } from '@bulkhead/extension-api';
    let file;
    export function activate() {
      const register = (name, run) => commands.registerCommand('test.' + name, run);
      register('text', (options) => window.showInputBox({
        ...options,
        validateInput: async (text) => (text === 'root' ? 'not that one' : undefined),
      }).then((text) => text ?? 'none'));
      register('pick', (items, options) => window.showQuickPick(items, options));
      register('file', async () => {
        file = await window.showOpenFile({ title: 'A list', filters: { Text: ['txt'] } });
        return [file.name, file.size];
      });
      register('read', () => file.readText());
      register('middle', async () => [...await file.read(1, 3)]);
      register('large', async () => (await file.read()).length);
      register('close', () => file.dispose());
      // Without the grant.
      register('steal', (path) => readFile(path, 'utf8'));
      register('open', (url) => env.openExternal(url));
      register('login', async () => {
        const callback = await env.createCallback();
        const opened = await env.openExternal('https://example.com/authorize?redirect_uri=' + encodeURIComponent(callback.url));
        return [opened, await callback.query];
      });
    }`,
};

for (const place of places) {
  describe(`questions of plugins in hosts ${place}`, () => {
    let bench: PluginBench;
    let folder: TempDir;

    beforeEach(async () => {
      folder = tempDir('asked');
      bench = new PluginBench(place);
      await bench.run('test', asking);
    });
    afterEach(async () => {
      await bench.end();
      folder.dispose();
    });

    const run = (command: string, ...args: unknown[]) => bench.commands.execute(command, args);
    const asked = (): Promise<OpenQuestion> => eventually('the question', () => bench.questions.list()[0]);
    /** Runs a command, answers its question, and returns its result. */
    const answered = async (
      answer: Parameters<typeof bench.questions.answer>[1],
      command: string,
      ...args: unknown[]
    ) => {
      const result = run(command, ...args);
      result.catch(() => {});
      const { id } = await asked();
      await bench.questions.answer(id, answer);
      return result;
    };

    it('return the text that was entered, once the plugin accepts it', async () => {
      const result = run('test.text', { title: 'Name', minLength: 3 });
      const { id, message } = await asked();
      assert.equal(message, 'Name');
      await assert.rejects(bench.questions.answer(id, 'ab'), /expected at least 3 characters/);
      await assert.rejects(bench.questions.answer(id, 'root'), {
        code: 'config.invalid',
        message: 'not that one',
      });
      await bench.questions.answer(id, 'ann');
      assert.equal(await result, 'ann');
      assert.equal(await answered(null, 'test.text', {}), 'none');
    });

    it('keep a password from everything but the plugin', async () => {
      assert.equal(await answered('hunter2', 'test.text', { title: 'Token', password: true }), 'hunter2');
      assert.doesNotMatch(JSON.stringify([bench.lines, bench.notices, bench.questions.list()]), /hunter2/);
    });

    it('return the items that were picked', async () => {
      assert.equal(await answered('b', 'test.pick', ['a', 'b']), 'b');
      const items = [{ label: 'a' }, { label: 'b', detail: 'x' }];
      assert.deepEqual(await answered([1, 0], 'test.pick', items, { canPickMany: true }), items);
    });

    it('let the plugin read the file that was picked, as it was then, and no other', async () => {
      const path = join(folder.path, 'list.txt');
      const other = join(folder.path, 'other.txt');
      writeFileSync(path, 'Zoë\nAnn');
      writeFileSync(other, 'secret');
      const result = run('test.file');
      const { id } = await asked();
      await assert.rejects(
        bench.questions.answer(id, join(folder.path, 'none.txt')),
        /there is no such file/,
      );
      await bench.questions.answer(id, path);
      assert.deepEqual(await result, ['list.txt', 8]);
      renameSync(other, path);
      assert.equal(await run('test.read'), 'Zoë\nAnn');
      assert.deepEqual(await run('test.middle'), [111, 195, 171]);
      if (place === 'in a process of its own')
        await assert.rejects(run('test.steal', path), /ENOENT|ERR_ACCESS_DENIED|access/i);
      await run('test.close');
      await assert.rejects(run('test.read'), /the file has been closed/);
    });

    it('let it read a file that is larger than a message', async () => {
      const path = join(folder.path, 'large.txt');
      writeFileSync(path, Buffer.alloc(1_000_000, 'x'));
      await answered(path, 'test.file');
      assert.equal(await run('test.large'), 1_000_000);
    });

    it('open the browser if the streamer agrees', async () => {
      assert.equal(await answered("Don't open it", 'test.open', 'https://example.com/'), false);
      assert.equal(await answered('Open it', 'test.open', 'https://example.com/1'), true);
      assert.equal(await run('test.open', 'https://example.com/2'), true);
      assert.deepEqual(bench.opened, ['https://example.com/1', 'https://example.com/2']);
      await assert.rejects(
        run('test.open', 'file:///etc/passwd'),
        /expected an address that begins with https/,
      );
    });

    it('receive what a site in the browser answers', async () => {
      const result = run('test.login');
      await bench.questions.answer((await asked()).id, 'Open it');
      const [url = ''] = await eventually('the browser', () =>
        bench.opened.length > 0 ? bench.opened : undefined,
      );
      const redirect = new URL(url).searchParams.get('redirect_uri');
      const response = await fetch(`${redirect}?code=a%20b&state=1`);
      assert.equal(response.status, 200);
      assert.match(await response.text(), /You can close this window/);
      assert.deepEqual(await result, [true, { code: 'a b', state: '1' }]);
      await assert.rejects(fetch(`${redirect}?code=2`));
    });
  });
}
