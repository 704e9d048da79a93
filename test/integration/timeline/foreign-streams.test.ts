import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { FlvInput } from '../../support/flv.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { assertStrictlyRising, Stage } from '../../unit/timeline/stage.js';
import { FOREIGN_STREAMS } from './foreign-streams.js';
import { decode, play, record, writeFlv } from './recordings.js';

const streams = new Map<string, FlvInput[]>();
function stream(name: string): FlvInput[] {
  const recording = FOREIGN_STREAMS[name];
  if (recording === undefined) throw new Error(`there is no stream "${name}"`);
  const tags = streams.get(name) ?? record(recording);
  streams.set(name, tags);
  return tags;
}

describe('Timeline with foreign streams', () => {
  let dir: TempDir;
  before(() => {
    dir = tempDir('foreign');
  });
  after(() => {
    streams.clear();
    dir.dispose();
  });

  const names = Object.keys(FOREIGN_STREAMS);
  for (const [n, first] of names.entries()) {
    const second = names[(n + 1) % names.length] ?? first;
    it(`splices "${first}", then "${second}", then the first again: each frame decodes`, () => {
      const stage = new Stage();
      try {
        play(stage, stream(first), Math.floor(stream(first).length / 2));
        stage.clock.tick(1200);
        play(stage, stream(second), Math.floor(stream(second).length / 2));
        stage.clock.tick(300);
        play(stage, stream(first));
        assert.equal(stage.timeline.status().splices, 2);
        assertStrictlyRising(stage.frames);
        assertStrictlyRising(stage.sounds);
        const path = join(dir.path, 'out.flv');
        writeFlv(path, stage.tags);
        assert.deepEqual(decode(path), { frames: stage.frames.length, sounds: stage.sounds.length });
      } finally {
        stage.dispose();
      }
    });
  }
});
