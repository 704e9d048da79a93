import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerName } from '../../../src/media/containers/containers.js';
import { containers } from '../../../src/media/containers/containers.js';
import { repair } from '../../../src/recorder/repair.js';
import { AAC_HEADER, aacFrame, avcFrame } from '../../support/flv.js';
import { MemoryFile } from '../../support/recorded-file.js';
import { avcHeaderOf, SPS_720P30 } from '../../support/sps.js';
import { type TempDir, tempDir } from '../../support/temp.js';

/** Two seconds that were cut off within a frame. */
function cutOff(name: ContainerName): Buffer {
  const file = new MemoryFile();
  const writer = containers[name].begin(file);
  const readAtMs = 0;
  writer.write({ kind: 'video-header', timestampMs: 0, payload: avcHeaderOf(SPS_720P30), readAtMs });
  writer.write({ kind: 'audio-header', timestampMs: 0, payload: AAC_HEADER, readAtMs });
  for (let ms = 0; ms < 2000; ms += 100) {
    const kind = ms % 1000 === 0 ? 'keyframe' : 'interframe';
    writer.write({ kind, timestampMs: ms, payload: avcFrame(kind, ms), readAtMs });
    writer.write({ kind: 'audio', timestampMs: ms, payload: aacFrame(ms), readAtMs });
  }
  writer.flush();
  return file.bytes.subarray(0, -3);
}

describe('The repair of a file without its journal', () => {
  let folder: TempDir;
  beforeEach(() => {
    folder = tempDir('repair');
  });
  afterEach(() => folder.dispose());

  for (const name of Object.keys(containers) as ContainerName[]) {
    it(`finds what ${name} is`, async () => {
      const path = join(folder.path, `show${containers[name].extension}`);
      const cut = cutOff(name);
      writeFileSync(path, cut);
      const [repaired] = await repair(path);
      assert.equal(repaired?.result, 'repaired');
      assert.ok(repaired.recordedMs > 1000 && repaired.cutBytes > 0, JSON.stringify(repaired));
      const bytes = readFileSync(path);
      const whole = await containers[name].scan({
        size: bytes.length,
        read: async (position, length) => bytes.subarray(position, position + length),
      });
      assert.equal(whole?.isComplete, true);
    });
  }

  it('leaves what is no recording as it is', async () => {
    const path = join(folder.path, 'show.mp4');
    writeFileSync(path, 'no film');
    assert.deepEqual(
      (await repair(path)).map(({ result }) => result),
      ['unusable'],
    );
    assert.equal(readFileSync(path, 'utf8'), 'no film');
    await assert.rejects(repair(join(folder.path, 'none.mp4')), { code: 'config.invalid' });
  });
});
