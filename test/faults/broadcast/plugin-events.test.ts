import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Bulkhead, runCommand } from '../../support/bulkhead.js';
import { type LiveViewer, watchLive } from '../../support/live-viewer.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { writeNumberedClip } from '../../support/numbered-frames.js';
import { writePlugin } from '../../support/plugins.js';
import { assertNoFrameMissing, SMALL_VIDEO, writeConfig } from '../../support/small-broadcast.js';
import { type TempDir, tempDir } from '../../support/temp.js';

/** Fires as much as it can, and never waits. */
const STORM = `
  import { commands, events } from '@bulkhead/extension-api';
  export function activate() {
    commands.registerCommand('storm.begin', () => {
      const payload = 'x'.repeat(16_000);
      const more = () => {
        for (let i = 0; i < 500; i++) events.fire('storm.gust', payload).catch(() => {});
        setImmediate(more);
      };
      more();
    });
    return { give: () => new Promise(() => {}) };
  }`;

/** Takes half a second for each event, and calls what never answers. */
const SLOW = `
  import { commands, events, extensions } from '@bulkhead/extension-api';
  export function activate() {
    events.on('storm.gust', () => {
      const until = Date.now() + 500;
      while (Date.now() < until);
      extensions.getExtension('storm').exports.give().catch(() => {});
    });
    commands.registerCommand('slow.works', () => true);
  }`;

describe('a plugin that floods another one with events', function () {
  this.timeout(120_000);
  let folder: TempDir;
  let nginx: NginxRtmp;
  let bulkhead: Bulkhead;
  let viewer: LiveViewer;

  before(async () => {
    folder = tempDir('plugin-events');
    nginx = await startNginxRtmp();
    const { width, height, fps } = SMALL_VIDEO;
    const clip = join(folder.path, 'clip.mp4');
    writeNumberedClip(clip, { size: `${width}x${height}`, fps, seconds: 60, sampleRate: 44_100 });
    writePlugin(folder.path, 'storm', {
      source: STORM,
      manifest: {
        contributes: {
          commands: [{ command: 'storm.begin', title: 'Begin' }],
          events: [{ event: 'storm.gust', description: 'A gust.' }],
        },
      },
    });
    writePlugin(folder.path, 'slow', {
      source: SLOW,
      manifest: { permissions: ['events:storm.gust'], extensionDependencies: ['storm'] },
    });
    const config = writeConfig(folder.path, {
      input: { type: 'file', path: clip },
      plugins: ['storm', 'slow'],
    });
    bulkhead = new Bulkhead(['live', config, '--output', nginx.url('live', 'stormy')]);
    await bulkhead.until('live', ({ state }) => state === 'live');
    await bulkhead.until(
      'both are active',
      ({ extensionHosts: hosts }) => hosts.length === 2 && hosts.every(({ state }) => state === 'running'),
    );
    viewer = watchLive(nginx.url('live', 'stormy'));
    await viewer.next(({ keyframe }) => keyframe, 60_000);
  });
  after(async () => {
    await viewer?.stop();
    await bulkhead?.end();
    await nginx?.stop();
    folder?.dispose();
  });

  it('is ended by name, costs no frame, and the other one runs on', async () => {
    runCommand(bulkhead.address, 'storm.begin').catch(() => {});
    const { extensionHosts } = await bulkhead.until(
      'its end',
      ({ extensionHosts: hosts }) =>
        hosts.some(({ plugins, state, restarts }) => {
          return plugins.includes('storm') && state === 'running' && restarts === 1;
        }),
      60_000,
    );
    await bulkhead.said(/plugin "?storm"? /);
    const slow = extensionHosts.find(({ plugins }) => plugins.includes('slow'));
    assert.equal(slow?.restarts, 0);
    await viewer.next(({ keyframe }) => keyframe, 60_000);
    const { state, encoder, outputs } = await bulkhead.status();
    assert.deepEqual([state, encoder.epoch, encoder.restarts, outputs[0]?.sessions], ['live', 1, 0, 1]);
    await assertNoFrameMissing(viewer.packets, () => bulkhead.status());
    assert.equal(await runCommand(bulkhead.address, 'slow.works'), true);
  });
});
