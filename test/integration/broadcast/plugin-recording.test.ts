import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { PluginOutput } from '../../../src/protocol/plugin-outputs.js';
import { Bulkhead, runBulkhead, runCommand } from '../../support/bulkhead.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { writePlugin } from '../../support/plugins.js';
import { probeRecording } from '../../support/probed-recording.js';
import { writeConfig } from '../../support/small-broadcast.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

describe('a plugin that records, and stops outputs', function () {
  this.timeout(90_000);
  let folder: TempDir;
  let nginx: NginxRtmp;
  let core: Bulkhead;

  beforeEach(async () => {
    folder = tempDir('plugin-recording');
    nginx = await startNginxRtmp();
    core = new Bulkhead(['core'], { env: { XDG_DATA_HOME: folder.path } });
  });

  afterEach(async () => {
    await core.end();
    await nginx.stop();
    folder.dispose();
  });

  it('has its chapters in the file, and hears of what changes', async () => {
    writePlugin(folder.path, 'clips', {
      source: `
        import { commands, outputs, recording, replay } from '@bulkhead/extension-api';
        export function activate({ subscriptions }) {
          const heard = [];
          const saved = [];
          subscriptions.push(
            outputs.onDidChangeState(({ id, from, to }) => heard.push(id + ' ' + from + ' ' + to)),
            recording.onDidChange(({ state }) => heard.push(state)),
            replay.onDidSave(({ path }) => saved.push(path)),
          );
          commands.registerCommand('clips.heard', () => heard);
          commands.registerCommand('clips.outputs', () => outputs.list());
          commands.registerCommand('clips.stop', () => outputs.stop('nginx'));
          commands.registerCommand('clips.start', () => outputs.start('nginx'));
          commands.registerCommand('clips.record', () => recording.start({ name: 'clip' }));
          commands.registerCommand('clips.status', () => recording.status());
          commands.registerCommand('clips.chapter', () => recording.addChapter('The goal'));
          commands.registerCommand('clips.end', () => recording.stop());
          commands.registerCommand('clips.keep', () => replay.start(5));
          commands.registerCommand('clips.kept', () => replay.status());
          commands.registerCommand('clips.save', () => replay.save({ seconds: 2, name: 'again' }));
          commands.registerCommand('clips.saved', () => saved);
        }`,
      manifest: {
        permissions: ['outputs', 'recording', 'replay'],
        contributes: { commands: [] },
      },
    });
    const recordings = join(folder.path, 'recordings');
    const config = writeConfig(folder.path, {
      plugins: ['clips'],
      recording: { folder: recordings },
      outputs: [
        { id: 'nginx', url: nginx.url('live', 'show') },
        { id: 'other', url: nginx.url('other', 'show') },
      ],
    });
    await core.until('the core answers', ({ state }) => state === 'idle');
    const started = await runBulkhead(['start', config], { address: core.address });
    assert.equal(started.code, 0, started.stderr);
    await core.until('both are live, and the plugin runs', ({ outputs, extensionHosts }) => {
      return (
        outputs.filter(({ state }) => state === 'live').length === 2 && extensionHosts[0]?.state === 'running'
      );
    });
    const run = (command: string) => runCommand(core.address, `clips.${command}`);
    const listed = (await run('outputs')) as PluginOutput[];
    assert.deepEqual(
      listed.map(({ id, state }) => [id, state]),
      [
        ['nginx', 'live'],
        ['other', 'live'],
      ],
    );
    assert.doesNotMatch(JSON.stringify(listed), /rtmp|127\.0\.0\.1|\*\*\*/);

    await run('record');
    await core.until('recorded', ({ recording }) => (recording?.recordedMs ?? 0) > 2000);
    await run('chapter');
    await run('stop');
    await core.until('stopped', ({ outputs }) => outputs[0]?.state === 'stopped');
    await run('start');
    await core.until('live again', ({ outputs }) => outputs[0]?.state === 'live');
    await run('end');
    assert.equal(((await run('status')) as { state: string }).state, 'stopped');
    const heard = await eventually('all was heard', async () => {
      const all = (await run('heard')) as string[];
      return all.includes('nginx connecting live') && all.includes('stopped') ? all : undefined;
    });
    // Those before the stop depend on when the plugin was activated.
    const changes = heard.filter((one) => one.includes(' '));
    assert.deepEqual(changes.slice(changes.indexOf('nginx live stopped')), [
      'nginx live stopped',
      'nginx stopped connecting',
      'nginx connecting live',
    ]);
    assert.deepEqual(
      heard.filter((one) => !one.includes(' ')),
      ['starting', 'recording', 'stopping', 'stopped'],
    );
    await run('keep');
    await core.until('two seconds are kept', ({ replay }) => (replay?.heldMs ?? 0) > 2000);
    assert.equal(((await run('kept')) as { state: string }).state, 'buffering');
    const saved = (await run('save')) as { path: string; durationMs: number };
    assert.equal(saved.path, join(recordings, 'again.mkv'));
    assert.ok(Math.abs(probeRecording(saved.path).durationMs - saved.durationMs) < 200);
    assert.ok(saved.durationMs >= 2000, `${saved.durationMs} ms`);
    await eventually('the plugin hears of it', async () =>
      ((await run('saved')) as string[]).includes(saved.path) ? true : undefined,
    );

    const { chapters } = probeRecording(join(recordings, 'clip.mkv'));
    assert.deepEqual(
      chapters.map(({ title }) => title).filter((title) => title === 'The goal'),
      ['The goal'],
    );
    await assert.rejects(run('chapter'), /nothing is recorded/);
  });
});
