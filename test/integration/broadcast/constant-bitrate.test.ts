import assert from 'node:assert/strict';
import { Bulkhead } from '../../support/bulkhead.js';
import { watchLive } from '../../support/live-viewer.js';
import { startNginxRtmp } from '../../support/nginx.js';
import { SMALL_VIDEO, writeConfig } from '../../support/small-broadcast.js';
import { tempDir } from '../../support/temp.js';

const BITRATE_KBPS = 600;
/** Media that is measured, ms: whole GOPs. */
const MEASURED_MS = 4000;

describe('a constant bitrate', () => {
  it('is what a viewer gets of a still frame', async () => {
    const folder = tempDir('constant-bitrate');
    const nginx = await startNginxRtmp();
    const url = nginx.url('live', 'still');
    const video = { ...SMALL_VIDEO, bitrateKbps: BITRATE_KBPS, constantBitrate: true };
    const bulkhead = new Bulkhead([
      ...['live', writeConfig(folder.path, { input: { type: 'colour' }, video })],
      ...['--output', url],
    ]);
    try {
      await bulkhead.until('live', ({ state }) => state === 'live');
      const viewer = watchLive(url);
      try {
        // The encoder's buffer, which holds a second, is full by then.
        const first = await viewer.next(
          ({ stream, keyframe, ptsMs }) => stream === 'video' && keyframe && ptsMs > 2000,
        );
        const endMs = first.dtsMs + MEASURED_MS;
        await viewer.next(({ stream, dtsMs }) => stream === 'video' && dtsMs >= endMs);
        const bytes = viewer.packets
          .filter(({ stream, dtsMs }) => stream === 'video' && dtsMs >= first.dtsMs && dtsMs < endMs)
          .reduce((sum, { size }) => sum + size, 0);
        const kbps = (bytes * 8) / MEASURED_MS;
        assert.ok(Math.abs(kbps / BITRATE_KBPS - 1) < 0.1, `${kbps.toFixed(0)} kbit/s`);
      } finally {
        await viewer.stop();
      }
    } finally {
      await bulkhead.end();
      await nginx.stop();
      folder.dispose();
    }
  });
});
