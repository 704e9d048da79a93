import assert from 'node:assert/strict';
import { parseMediaInfo } from '../../../src/encoder/media-info.js';

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
      startS: 1.4,
      constantFps: 30,
      width: 720,
      height: 480,
      rotated: false,
    });
  });

  it('reads the dump of ffmpeg 4, rotated video and changing frame rates', () => {
    const info = parseMediaInfo([
      "Input #0, matroska,webm, from 'x.mkv':",
      '  Duration: N/A, start: 0.000000, bitrate: N/A',
      '    Stream #0:0: Video: mpeg4 (Simple Profile), yuv420p, 321x241, 29.98 fps, 30 tbr, 1k tbn, 25 tbc (default)',
      '      displaymatrix: rotation of -90.00 degrees',
    ]);
    assert.deepEqual(info, {
      hasVideo: true,
      hasAudio: false,
      startS: 0,
      width: 321,
      height: 241,
      rotated: true,
    });
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
