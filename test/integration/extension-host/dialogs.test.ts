import assert from 'node:assert/strict';
import { PluginBench, type PluginSource, places } from '../../support/plugins.js';
import { eventually } from '../../support/wait.js';

const asking: PluginSource = {
  source: `
    import { commands, window } from '@bulkhead/extension-api';
    const answers = [];
    export function activate() {
      commands.registerCommand('test.ask', (...actions) => {
        window.showErrorMessage('Is it bad?', ...actions).then((answer) => answers.push(answer ?? 'none'));
      });
      commands.registerCommand('test.answers', () => answers);
      commands.registerCommand('test.die', () => process.exit(1));
    }`,
};

const working: PluginSource = {
  source: `
    import { commands, window } from '@bulkhead/extension-api';
    let ended = 'not yet';
    export function activate({ log }) {
      commands.registerCommand('test.begin', (title, cancellable) => {
        window.withProgress({ title, cancellable }, (progress, token) => new Promise((resolve) => {
          progress.report({ message: 'first', increment: 20 });
          progress.report({ increment: 30 });
          progress.report({ message: 'last' });
          token.onCancellationRequested(() => { log.info('cancelled ' + token.isCancellationRequested); resolve('stopped'); });
        })).then((result) => { ended = result; });
      });
      commands.registerCommand('test.ended', () => ended);
      commands.registerCommand('test.fail', () => window.withProgress({ title: 'x' }, () => { throw new Error('no disk'); }));
      commands.registerCommand('test.die', () => process.exit(1));
    }`,
};

for (const place of places) {
  describe(`dialogs of plugins in hosts ${place} with the streamer`, () => {
    let bench: PluginBench;

    beforeEach(() => {
      bench = new PluginBench(place);
    });

    afterEach(() => bench.end());

    const run = (command: string, ...args: unknown[]) => bench.commands.execute(command, args);
    const open = () => bench.questions.list();
    const shown = () => bench.progress.list();
    const ended = (what: string, list: () => readonly unknown[]) =>
      eventually(`the end of ${what}`, () => list().length === 0 || undefined);

    it('ask, and return the answer', async () => {
      await bench.run('test', asking);
      await run('test.ask', 'Yes', 'No');
      await run('test.ask', 'Yes', 'No');
      assert.deepEqual(
        open().map(({ plugin, severity, message, actions }) => [plugin, severity, message, ...actions]),
        Array(2).fill(['test', 'error', 'Is it bad?', 'Yes', 'No']),
      );
      await bench.questions.answer(2, 'No');
      await bench.questions.answer(1, null);
      const answers = await eventually('both answers', async () => {
        const seen = (await run('test.answers')) as string[];
        return seen.length === 2 ? seen : undefined;
      });
      assert.deepEqual(answers, ['No', 'none']);
    });

    it('are removed with the host', async () => {
      await bench.run('test', asking);
      await run('test.ask', 'Yes');
      assert.equal(open().length, 1);
      await assert.rejects(run('test.die'), { code: 'plugin.failed' });
      await ended('the question', open);
      await bench.end();

      bench = new PluginBench(place);
      await bench.run('test', working);
      await run('test.begin', 'Upload', true);
      assert.equal(shown().length, 1);
      await assert.rejects(run('test.die'), { code: 'plugin.failed' });
      await ended('the progress', shown);
    });

    it('are withdrawn or cancelled when the plugin is deactivated', async () => {
      const host = await bench.run('test', asking);
      await run('test.ask', 'Yes');
      await host.stop();
      assert.deepEqual(open(), []);

      const worker = await bench.run('test', working);
      await run('test.begin', 'Upload', false);
      await worker.stop();
      assert.deepEqual(shown(), []);
    });

    it('show the progress of a task, until it is done or cancelled', async () => {
      await bench.run('test', working);
      await run('test.begin', 'Upload', true);
      await eventually('the last report', () => shown()[0]?.message === 'last' || undefined);
      const { id, plugin, title, percentage, cancellable } = shown()[0] ?? {};
      assert.deepEqual([plugin, title, percentage, cancellable], ['test', 'Upload', 50, true]);
      bench.progress.cancel(Number(id));
      await ended('the progress', shown);

      assert.equal(await run('test.ended'), 'stopped');
      assert.ok(bench.lines.some(({ message }) => message === 'cancelled true'));
      await assert.rejects(run('test.fail'), /no disk/);
      assert.deepEqual(shown(), []);
    });
  });
}
