import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readAmf0 } from '../../../src/media/amf0.js';
import { onMetadata, type StreamDescription } from '../../../src/media/on-metadata.js';
import { version } from '../../../src/version.js';
import { AAC_HEADER, avcFrame, avcHeader, flvFile } from '../../support/flv.js';

const STREAM: StreamDescription = {
  ...{ width: 1280, height: 720, fps: 29.97, codec: 'h264' as const, videoKbps: 2500 },
  ...{ audioKbps: 160, sampleRate: 48_000, channels: 2 },
};

describe('onMetaData', () => {
  it('says what the stream is', () => {
    assert.deepEqual(JSON.parse(JSON.stringify(readAmf0(onMetadata(STREAM)))), [
      'onMetaData',
      {
        ...{ width: 1280, height: 720, framerate: 29.97, videocodecid: 7, videodatarate: 2500 },
        ...{ audiocodecid: 10, audiodatarate: 160, audiosamplerate: 48_000, audiosamplesize: 16 },
        ...{ audiochannels: 2, stereo: true, encoder: `Bulkhead ${version}` },
      },
    ]);
  });

  it('names HEVC and AV1 by their FourCC as a number, and says what is mono', () => {
    const [, hevc] = readAmf0(onMetadata({ ...STREAM, codec: 'hevc', channels: 1 }));
    const [, av1] = readAmf0(onMetadata({ ...STREAM, codec: 'av1' }));
    assert.deepEqual([pick(hevc, 'videocodecid'), pick(hevc, 'stereo')], [0x68_76_63_31, false]);
    assert.equal(pick(av1, 'videocodecid'), 0x61_76_30_31);
  });

  it('is an ECMA array, which ffmpeg reads', () => {
    const payload = onMetadata(STREAM);
    // After the name: the marker, and how many values follow.
    assert.deepEqual([payload[13], payload.readUInt32BE(14)], [8, 12]);
    const file = flvFile([
      { kind: 'script', ms: 0, payload },
      { kind: 'video', ms: 0, payload: avcHeader(1) },
      { kind: 'audio', ms: 0, payload: AAC_HEADER },
      { kind: 'video', ms: 0, payload: avcFrame('keyframe', 1) },
    ]);
    const args = ['-v', 'error', '-f', 'flv', '-show_entries', 'format_tags', '-of', 'json', '-'];
    const { stdout } = spawnSync('ffprobe', args, { input: file, encoding: 'utf8' });
    assert.equal(JSON.parse(stdout).format.tags.encoder, `Bulkhead ${version}`);
  });
});

function pick(from: unknown, name: string): unknown {
  return (from as Record<string, unknown>)[name];
}
