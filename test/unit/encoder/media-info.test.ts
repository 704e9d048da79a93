import assert from 'node:assert/strict';
import { parseMediaInfo } from '../../../src/encoder/media-info.js';

/** What the line itself repeats: names of one word stand for all colours, pixel formats for themselves. */
function defaultsOf(text: string) {
  const [, pixelFormat] = /^(\w+)/.exec(text) ?? [];
  return {
    ...(pixelFormat === 'none' ? {} : { pixelFormat }),
    ...(text.includes('(tv') ? { range: 'tv' } : {}),
    ...(text.includes(', bt709,') ? { primaries: 'bt709' } : {}),
  };
}

describe('parseMediaInfo', () => {
  it('reads the dump of ffmpeg 5', () => {
    const info = parseMediaInfo([
      "Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'monster.mp4':",
      '  Duration: 00:01:07.33, start: 1.400000, bitrate: 1523 kb/s',
      '  Stream #0:0[0x1](eng): Video: h264 (Constrained Baseline) (avc1 / 0x31637661), yuv420p(tv, smpte170m/smpte170m/bt709, progressive), 720x480 [SAR 1:1 DAR 3:2], 1263 kb/s, 30 fps, 30 tbr, 30 tbn (default)',
      '  Stream #0:1[0x2](eng): Audio: aac (LC) (mp4a / 0x6134706D), 44100 Hz, stereo, fltp, 255 kb/s (default)',
      'At least one output file must be specified',
    ]);
    assert.deepEqual(info, {
      hasVideo: true,
      hasAudio: true,
      durationS: 67.33,
      constantFps: 30,
      width: 720,
      height: 480,
      frame: {
        container: 'mov,mp4,m4a,3gp,3g2,mj2',
        codec: 'h264',
        index: 0,
        pixelFormat: 'yuv420p',
        range: 'tv',
        matrix: 'smpte170m',
        primaries: 'smpte170m',
        transfer: 'bt709',
        fields: 'progressive',
        fps: 30,
        hasAlphaTrack: false,
      },
      sound: { track: 0 },
    });
  });

  it('reads the dump of ffmpeg 4, and changing frame rates', () => {
    const info = parseMediaInfo([
      "Input #0, matroska,webm, from 'x.mkv':",
      '  Duration: N/A, start: 0.000000, bitrate: N/A',
      '    Stream #0:0: Video: mpeg4 (Simple Profile), yuv420p, 321x241, 29.98 fps, 30 tbr, 1k tbn, 25 tbc (default)',
      '      displaymatrix: rotation of -90.00 degrees',
    ]);
    assert.deepEqual(info, {
      hasVideo: true,
      hasAudio: false,
      width: 321,
      height: 241,
      frame: {
        container: 'matroska,webm',
        codec: 'mpeg4',
        index: 0,
        pixelFormat: 'yuv420p',
        fps: 29.98,
        hasAlphaTrack: false,
      },
    });
  });

  /** The description of a video whose line continues after the codec with `text`. */
  const frameOf = (text: string, ...more: string[]) =>
    parseMediaInfo([
      "Input #0, mpegts, from 'x':",
      `  Stream #0:0[0x100]: Video: h264 (High), ${text}`,
      ...more,
    ])?.frame;

  it('reads how frames are stored', () => {
    const cases = [
      [
        'yuv420p(tv, bt709, top first), 640x480',
        { range: 'tv', matrix: 'bt709', transfer: 'bt709', fields: 'interlaced' },
      ],
      ['yuv420p(top coded first (swapped)), 640x480', { fields: 'interlaced' }],
      [
        'yuv420p10le(tv, bt2020nc/bt2020/smpte2084), 640x480',
        { matrix: 'bt2020nc', primaries: 'bt2020', transfer: 'smpte2084' },
      ],
      [
        'yuvj420p(pc, bt470bg/unknown/unknown), 640x480',
        { range: 'pc', matrix: 'bt470bg', pixelFormat: 'yuvj420p' },
      ],
      ['bgra, 320x180 [SAR 64:64 DAR 16:9], 25 fps', { pixelFormat: 'bgra', fps: 25 }],
      ['none, 320x180', {}],
    ] as const;
    for (const [text, expected] of cases) {
      const { container: _, codec, index, hasAlphaTrack, ...found } = frameOf(text) ?? assert.fail();
      assert.deepEqual([codec, index, hasAlphaTrack], ['h264', 0, false]);
      assert.deepEqual(found, { ...defaultsOf(text), ...expected }, text);
    }
  });

  it('reads of a track of alpha', () => {
    assert.equal(frameOf('yuv420p, 64x64', '      alpha_mode      : 1')?.hasAlphaTrack, true);
  });

  it('chooses the default sound track, else the first', () => {
    const soundOf = (...flags: string[]) =>
      parseMediaInfo([
        "Input #0, matroska,webm, from 'x':",
        ...flags.map(
          (flag, n) => `    Stream #0:${flags.length - n}: Audio: aac, 48000 Hz, mono, fltp${flag}`,
        ),
      ])?.sound;
    assert.deepEqual(soundOf('', ''), { track: 0 });
    assert.deepEqual(soundOf(' (default)', ''), { track: 1 });
    assert.deepEqual(soundOf(' (default)', ' (default)'), { track: 0 });
  });

  it('does not treat a cover image as video', () => {
    const info = parseMediaInfo([
      "Input #0, mp3, from 'song.mp3':",
      '  Duration: 00:03:00.00, start: 0.025057, bitrate: 66 kb/s',
      '  Stream #0:0: Audio: mp3, 44100 Hz, mono, fltp, 64 kb/s',
      '  Stream #0:1: Video: mjpeg (Baseline), yuvj444p(pc), 500x500 [SAR 1:1 DAR 1:1], 90k tbr, 90k tbn (attached pic)',
    ]);
    assert.equal(info?.hasVideo, false);
    assert.equal(info?.hasAudio, true);
    assert.equal(info?.width, undefined);
    assert.equal(info?.cover?.index, 1);
    assert.equal(info?.frame, undefined);
  });

  it('knows a cover image from an ffmpeg that does not call it so', () => {
    const info = parseMediaInfo([
      "Input #0, flac, from 'song.flac':",
      '    Stream #0:0: Audio: flac, 44100 Hz, mono, s16',
      '    Stream #0:1: Video: png, rgb24(pc), 320x180 [SAR 1:1 DAR 16:9], 90k tbr, 90k tbn, 90k tbc',
    ]);
    assert.deepEqual([info?.hasVideo, info?.cover?.codec, info?.cover?.pixelFormat], [false, 'png', 'rgb24']);
  });

  it('does not mistake a second input for the first', () => {
    const info = parseMediaInfo([
      "Input #0, flv, from 'rtmp://h/a/b':",
      '  Duration: N/A, start: 0.000000, bitrate: N/A',
      '  Stream #0:0: Video: h264, yuv420p, 640x360, 25 fps, 25 tbr, 1k tbn',
      "Input #1, lavfi, from 'anullsrc':",
      '  Stream #1:0: Audio: pcm_u8, 48000 Hz, stereo, u8, 768 kb/s',
    ]);
    assert.equal(info?.hasAudio, false);
  });

  it('is undefined if nothing could be opened', () => {
    assert.equal(parseMediaInfo(['nope.mp4: No such file or directory']), undefined);
  });
});
