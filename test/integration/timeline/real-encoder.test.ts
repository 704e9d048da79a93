import assert from 'node:assert/strict';
import { join } from 'node:path';
import { isVideoFrame } from '../../../src/media/stream-tag.js';
import type { FlvInput } from '../../support/flv.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { AUDIO_FRAME_MS, assertStrictlyRising, Stage } from '../../unit/timeline/stage.js';
import { decode, play, record, writeFlv } from './recordings.js';

const LOW_LATENCY = ['-preset', 'veryfast', '-tune', 'zerolatency'];
const B_FRAMES = ['-preset', 'veryfast', '-bf', '3', '-x264-params', 'b-adapt=0'];
/** SPS and PPS in each keyframe, as the encoder part sends them. */
const IN_BAND = ['-bsf:v', 'dump_extra=freq=keyframe'];

describe('Timeline with ffmpeg’s streams', () => {
  let dir: TempDir;
  let stage: Stage;
  before(() => {
    dir = tempDir('timeline');
  });
  after(() => dir.dispose());
  beforeEach(() => {
    stage = new Stage();
  });
  afterEach(() => stage.dispose());

  function assertPlays(): void {
    const path = join(dir.path, 'out.flv');
    writeFlv(path, stage.tags);
    assertStrictlyRising(stage.frames);
    assertStrictlyRising(stage.sounds);
    assert.deepEqual(decode(path), { frames: stage.frames.length, sounds: stage.sounds.length });
    const lengthMs = stage.sounds.at(-1)!.timestampMs - stage.sounds[0]!.timestampMs;
    assert.ok(Math.abs(lengthMs - (stage.sounds.length - 1) * AUDIO_FRAME_MS) < 3, 'the sound has no hole');
  }

  const pipelines: [name: string, options: readonly string[]][] = [
    ['low latency', [...LOW_LATENCY, ...IN_BAND]],
    ['B-frames', [...B_FRAMES, ...IN_BAND]],
    ['B-frames without SPS and PPS in band', B_FRAMES],
  ];
  for (const [name, options] of pipelines) {
    describe(name, () => {
      let tags: FlvInput[];
      before(() => {
        tags = record({ video: options });
      });

      it('splices killed encoders: each frame decodes, and there is no gap in the sound', () => {
        for (const killAfter of [60, 101, 150]) {
          play(stage, tags, killAfter);
          stage.clock.tick(230);
        }
        play(stage, tags);
        assert.equal(stage.timeline.status().splices, 3);
        assertPlays();
      });

      it('repeats a frame with silence while there is no encoder', () => {
        play(stage, tags, 120);
        const before = stage.frames.length;
        stage.clock.tick(8000);
        assert.ok(stage.frames.length >= before + 6);
        play(stage, tags);
        assertPlays();
      });
    });
  }

  it('continues with another frame size', () => {
    play(stage, record({ video: [...LOW_LATENCY, ...IN_BAND] }), 100);
    stage.clock.tick(300);
    play(stage, record({ size: '160x90', video: [...LOW_LATENCY, ...IN_BAND] }));
    assert.equal(stage.tags.filter(({ kind }) => kind === 'video-header').length, 2);
    assert.equal(stage.tags.filter(({ kind }) => kind === 'audio-header').length, 1);
    assert.ok(stage.tags.some(isVideoFrame));
    assertPlays();
  });
});
