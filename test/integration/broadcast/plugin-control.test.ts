import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BroadcastMarker } from '../../../src/protocol/status/status.js';
import { Bulkhead, runBulkhead, runCommand } from '../../support/bulkhead.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { writePlugin } from '../../support/plugins.js';
import { writeConfig } from '../../support/small-broadcast.js';
import { tempDir } from '../../support/temp.js';

describe('a plugin that controls the broadcast', function () {
  this.timeout(90_000);
  const folder = tempDir('control');
  let nginx: NginxRtmp;
  let core: Bulkhead;

  beforeEach(async () => {
    nginx = await startNginxRtmp();
    core = new Bulkhead(['core'], { env: { XDG_DATA_HOME: folder.path } });
  });

  afterEach(async () => {
    await core.end();
    await nginx.stop();
    folder.dispose();
  });

  it('reads its settings, ends the broadcast, and starts it again as it was', async () => {
    writePlugin(folder.path, 'director', {
      source: `
        import { commands, configuration, env, window } from '@bulkhead/extension-api';
        import { broadcast } from '@bulkhead/extension-api/proposed';
        export function activate({ extensionMode, globalState }) {
          commands.registerCommand('director.stop', async () => {
            await globalState.update('reason', configuration.get('reason'));
            await broadcast.stop();
            return broadcast.state;
          });
          commands.registerCommand('director.start', () => broadcast.start());
          commands.registerCommand('director.ask', () => {
            window.showInformationMessage('End it?', 'Yes', 'No').then((answer) => broadcast.addMarker('answer: ' + answer));
          });
          commands.registerCommand('director.look', () => [env.profile, extensionMode]);
          commands.registerCommand('director.listen', () => { broadcast.onDidSplice(() => {}); return 'listens'; });
        }`,
      manifest: {
        activationEvents: [],
        permissions: ['broadcast.control', 'broadcast.marker'],
        enabledApiProposals: ['broadcastSplices'],
        contributes: {
          commands: ['stop', 'start', 'ask', 'look', 'listen'].map((name) => ({
            command: `director.${name}`,
            title: name,
          })),
          configuration: { properties: { reason: { type: 'string' } } },
        },
      },
    });
    const config = writeConfig(folder.path, {
      plugins: ['director'],
      pluginSettings: { director: { reason: 'The end.' } },
      profile: 'talk',
      allowApiProposals: { director: ['broadcastSplices'] },
      outputs: [{ id: 'nginx', url: nginx.url('live', 'show') }],
    });
    await core.until('the core answers', ({ state }) => state === 'idle');
    await assert.rejects(runCommand(core.address, 'director.start'), { code: 'command.notFound' });
    const started = await runBulkhead(['start', config], { address: core.address });
    assert.equal(started.code, 0, started.stderr);
    const { extensionHosts } = await core.until('on air', ({ state }) => state === 'live');
    assert.deepEqual(extensionHosts[0]?.waiting, ['director']);

    assert.deepEqual(await runCommand(core.address, 'director.look'), ['talk', 'production']);
    assert.equal(await runCommand(core.address, 'director.listen'), 'listens');
    const run = (...args: string[]) => runBulkhead(args, { address: core.address });
    const { stdout } = await run('run', 'bulkhead.addMarker', 'the', 'goal', '--json');
    assert.equal((JSON.parse(stdout) as BroadcastMarker).label, 'the goal');
    await runCommand(core.address, 'director.ask');
    const { questions } = await core.status();
    assert.match((await run('answer')).stdout, /director: End it\?/);
    const answered = await run('answer', String(questions[0]?.id), 'No');
    assert.equal(answered.code, 0, answered.stderr);
    const { markers } = await core.until('the answer', (status) => status.markers.length === 2);
    assert.deepEqual(
      markers.map(({ label, plugin }) => [label, plugin]),
      [
        ['the goal', undefined],
        ['answer: No', 'director'],
      ],
    );
    assert.match((await run('status')).stdout, /markers +2, the last at 0:00:0\d: answer: No/);

    assert.equal(await runCommand(core.address, 'director.stop'), 'idle');
    assert.equal((await core.status()).state, 'idle');
    const stored = readFileSync(join(folder.path, 'bulkhead', 'plugins', 'state', 'director.json'), 'utf8');
    assert.deepEqual(JSON.parse(stored), { reason: '"The end."' });

    await runCommand(core.address, 'director.start');
    const again = await core.until('on air again', ({ state }) => state === 'live');
    assert.equal(again.outputs[0]?.id, 'nginx');
    await assert.rejects(runCommand(core.address, 'director.start'), /a broadcast is already live/);
  });
});
