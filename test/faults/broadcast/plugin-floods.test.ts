import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Bulkhead, runCommand } from '../../support/bulkhead.js';
import { type LiveViewer, watchLive } from '../../support/live-viewer.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { writeNumberedClip } from '../../support/numbered-frames.js';
import { writePlugin } from '../../support/plugins.js';
import { assertNoFrameMissing, SMALL_VIDEO, writeConfig } from '../../support/small-broadcast.js';
import { type TempDir, tempDir } from '../../support/temp.js';

const NAMESPACES = ['overlays', 'scenes', 'sources'] as const;
const PLUGIN = `
  import { commands } from '@bulkhead/extension-api';
  import { overlays, scenes, sources } from '@bulkhead/extension-api';
  /** Never waits for an answer. */
  const flood = (call) => {
    let n = 0;
    const more = () => {
      for (let i = 0; i < 500; i++) call(n++).catch(() => {});
      setImmediate(more);
    };
    more();
  };
  export async function activate() {
    const box = { id: 'box', type: 'box', width: 100, height: 60, colour: '#ff0000' };
    const overlay = await overlays.create('box', { x: 20, y: 20, width: 100, height: 60, elements: [box] });
    commands.registerCommand('flood.overlays', () => flood((n) => overlay.set({ x: n % 200 })));
    commands.registerCommand('flood.scenes', () =>
      flood((n) => (n % 2 ? scenes.setLayer('main', 'clip', { opacity: (n % 100) / 100 }) : scenes.switchTo('other'))));
    commands.registerCommand('flood.sources', () =>
      flood((n) => (n % 2 ? sources.set('words', { text: String(n) }) : sources.restart('words'))));
  }`;

describe('a plugin that floods what is on air with changes', function () {
  this.timeout(120_000);
  let folder: TempDir;
  let nginx: NginxRtmp;
  let bulkhead: Bulkhead;
  let viewer: LiveViewer;

  before(async () => {
    folder = tempDir('plugin-floods');
    nginx = await startNginxRtmp();
    const { width, height, fps } = SMALL_VIDEO;
    const clip = join(folder.path, 'clip.mp4');
    writeNumberedClip(clip, { size: `${width}x${height}`, fps, seconds: 60, sampleRate: 44_100 });
    writePlugin(folder.path, 'flood', {
      source: PLUGIN,
      manifest: {
        permissions: NAMESPACES,
        contributes: {
          commands: NAMESPACES.map((name) => ({ command: `flood.${name}`, title: name })),
        },
      },
    });
    const config = writeConfig(folder.path, {
      sources: [
        { id: 'clip', type: 'file', path: clip },
        { id: 'words', type: 'text', text: 'words' },
      ],
      scenes: [
        {
          id: 'main',
          layers: [
            { id: 'clip', source: 'clip' },
            { id: 'words', source: 'words', width: 100, height: 40 },
          ],
        },
        { id: 'other', layers: [{ id: 'clip', source: 'clip' }] },
      ],
      plugins: ['flood'],
    });
    bulkhead = new Bulkhead(['live', config, '--output', nginx.url('live', 'flooded')]);
    await bulkhead.until('live', ({ state }) => state === 'live');
    await bulkhead.until(
      'the plugin is active',
      ({ extensionHosts: [host] }) => host?.state === 'running' && !(host.waiting?.length ?? 0),
    );
    viewer = watchLive(nginx.url('live', 'flooded'));
    await viewer.next(({ keyframe }) => keyframe, 60_000);
  });
  after(async () => {
    await viewer?.stop();
    await bulkhead?.end();
    await nginx?.stop();
    folder?.dispose();
  });

  for (const [index, namespace] of NAMESPACES.entries()) {
    it(`is ended by name, and costs no frame: ${namespace}`, async () => {
      runCommand(bulkhead.address, `flood.${namespace}`).catch(() => {});
      const isLast = index === NAMESPACES.length - 1;
      await bulkhead.until(
        'its end',
        ({ extensionHosts: [host] }) =>
          host !== undefined &&
          (isLast
            ? host.state === 'quarantined'
            : host.state === 'running' && host.restarts === index + 1 && !(host.waiting?.length ?? 0)),
        60_000,
      );
      await bulkhead.said(/plugin "?flood"? /);
      await viewer.next(({ keyframe }) => keyframe, 60_000);
      const { state, encoder, outputs, timeline } = await bulkhead.status();
      assert.deepEqual(
        [state, encoder.epoch, encoder.restarts, timeline.splices, outputs[0]?.sessions],
        ['live', 1, 0, 0, 1],
      );
      await assertNoFrameMissing(viewer.packets, () => bulkhead.status());
      assert.equal(viewer.report().backwards, 0);
    });
  }
});
