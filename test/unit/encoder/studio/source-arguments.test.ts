import assert from 'node:assert/strict';
import { BroadcastConfigSchema, type SourceConfig } from '../../../../src/config/schema.js';
import { sourceProcess } from '../../../../src/encoder/arguments/source-arguments.js';
import type { MediaInfo } from '../../../../src/encoder/media-info.js';

const { video, audio } = BroadcastConfigSchema.parse({});
const FORMAT = { sampleRate: 48_000, channels: 2 };

function processOf(input: SourceConfig, media?: Partial<MediaInfo>) {
  const info = { hasVideo: true, hasAudio: true, startS: 0, rotated: false, ...media } as MediaInfo;
  return sourceProcess(
    { input, video, audio },
    { platform: 'linux', capabilities: undefined, media: info },
    FORMAT,
  );
}

describe('the process of a source', () => {
  const loop: SourceConfig = { type: 'file', path: '/a.mp4', loop: true };
  const once: SourceConfig = { type: 'file', path: '/a.mp4', loop: false };

  it('writes raw frames and PCM, each in its own pipe, as fast as they are taken', () => {
    const { argumentsFrom, silent, blank } = processOf({ type: 'test-pattern' });
    const text = argumentsFrom(0).join(' ');
    assert.match(text, /-map 0:v:0 -pix_fmt yuv420p -flush_packets 1 -f rawvideo pipe:1/);
    assert.match(text, /-map 1:a:0 -ar 48000 -ac 2 -flush_packets 1 -f s16le pipe:3$/);
    assert.doesNotMatch(text, / -re |realtime/);
    assert.deepEqual([silent, blank], [false, false]);
  });

  it('does not pace an image', () => {
    const image = processOf({ type: 'image', path: '/a.png' });
    assert.doesNotMatch(image.argumentsFrom(0).join(' '), /realtime|-re /);
  });

  it('leaves out a track that the input lacks', () => {
    const mute = processOf(once, { hasAudio: false });
    assert.equal(mute.silent, true);
    assert.doesNotMatch(mute.argumentsFrom(0).join(' '), /s16le/);
    const sound = processOf(once, { hasVideo: false });
    assert.equal(sound.blank, true);
    assert.doesNotMatch(sound.argumentsFrom(0).join(' '), /rawvideo/);
  });

  it('begins a file where it was left: at the slot, counted in its loop', () => {
    const { fps } = video;
    assert.doesNotMatch(processOf(once).argumentsFrom(0).join(' '), /-ss|seek_point/);
    assert.match(
      processOf(once)
        .argumentsFrom(20 * fps)
        .join(' '),
      /-ss 20\.000000 .*-i file:\/a\.mp4/,
    );
    const looped = processOf(loop, { durationS: 8, startS: 1.4 });
    assert.doesNotMatch(looped.argumentsFrom(0).join(' '), /seek_point|trim/);
    const text = looped.argumentsFrom(20 * fps + 1).join(' ');
    // 4 s and a slot into the third loop, a quarter of a slot early for rounding; the file's clock begins at 1.4 s.
    assert.match(text, /movie=filename=\/a\.mp4:loop=0:seek_point=5\.433333.*trim=start=4\.025000/);
    assert.match(text, /amovie=filename=\/a\.mp4:loop=0:seek_point=5\.433333.*atrim=start=4\.033333/);
    const stream = processOf(loop, { durationS: 8, hasAudio: false });
    assert.match(stream.argumentsFrom(20 * fps).join(' '), /-ss 4\.000000 -stream_loop -1/);
  });
});
