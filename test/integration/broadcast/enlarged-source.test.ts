import assert from 'node:assert/strict';
import { join } from 'node:path';
import { ControlClient } from '../../../src/control-client/control-client.js';
import type { Status } from '../../../src/protocol/status/status.js';
import { Bulkhead } from '../../support/bulkhead.js';
import { writeNumberedClip } from '../../support/numbered-frames.js';
import { SMALL_VIDEO, writeConfig } from '../../support/small-broadcast.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe('a clip whose layer grows on air', function () {
  this.timeout(120_000);
  let folder: TempDir;
  let run: Bulkhead;
  let client: ControlClient;

  before(async () => {
    folder = tempDir('enlarged');
    const { width, height, fps } = SMALL_VIDEO;
    const clip = join(folder.path, 'clip.mp4');
    writeNumberedClip(clip, { size: `${width}x${height}`, fps, seconds: 60, sampleRate: 44_100 });
    const config = writeConfig(folder.path, {
      sources: [{ id: 'clip', type: 'file', path: clip }],
      scenes: [{ id: 'main', layers: [{ id: 'clip', source: 'clip', width: 80, height: 46 }] }],
    });
    run = new Bulkhead(['live', config]);
    await run.until('live', ({ state }) => state === 'live', 60_000);
    client = await ControlClient.connect(run.address);
  });
  after(async () => {
    client?.dispose();
    await run?.end();
    folder?.dispose();
  });

  const clip = ({ sources }: Status) => sources.find(({ id }) => id === 'clip');

  it('is opened once for larger frames, and plays on meanwhile', async () => {
    const before = await run.until('it plays', (status) => (clip(status)?.positionMs ?? 0) > 1000);
    const { pid } = clip(before) ?? {};
    const seen: { readonly state: string | undefined; readonly positionMs: number }[] = [];
    const note = (status: Status) => {
      seen.push({ state: clip(status)?.state, positionMs: clip(status)?.positionMs ?? 0 });
      return clip(status)?.pid;
    };
    await client.scenes.setLayer({ scene: 'main', id: 'clip', change: { x: 100, width: 90, height: 50 } });
    await client.scenes.moveLayers({
      ...{ scene: 'main', changes: { clip: { x: 0, width: null, height: null } } },
      ...{ durationMs: 300, easing: 'ease-in-out' },
    });
    await run.until('another process delivers it', (status) => note(status) !== pid);
    const { positionMs = 0 } = clip(await run.status()) ?? {};
    await run.until('it plays on', (status) => {
      note(status);
      return (clip(status)?.positionMs ?? 0) > positionMs;
    });
    assert.deepEqual(
      seen.filter(({ state }) => state !== 'live'),
      [],
    );
    const positions = seen.map((each) => each.positionMs);
    assert.deepEqual(
      positions,
      positions.toSorted((a, b) => a - b),
      'it goes on where it was',
    );
  });
});
