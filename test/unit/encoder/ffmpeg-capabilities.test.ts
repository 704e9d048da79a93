import assert from 'node:assert/strict';
import {
  parseDevices,
  parseEncoders,
  parseFilters,
  parseInputProtocols,
  parseOutputDevices,
} from '../../../src/encoder/ffmpeg-capabilities.js';

describe('what ffmpeg prints of itself', () => {
  it('encoders, without the legend', () => {
    const text = [
      'Encoders:',
      ' V..... = Video',
      ' .....D = Supports direct rendering method 1',
      ' ------',
      ' V....D libx264              libx264 H.264 / AVC (codec h264)',
      ' V..... h264_v4l2m2m         V4L2 mem2mem H.264 encoder wrapper (codec h264)',
      ' A....D aac                  AAC (Advanced Audio Coding)',
      ' S..... mov_text             3GPP Timed Text subtitle',
    ].join('\n');
    assert.deepEqual(parseEncoders(text), ['libx264', 'h264_v4l2m2m', 'aac']);
  });

  it('filters', () => {
    const text = [
      'Filters:',
      '  T.. = Timeline support',
      '  | = Source or sink filter',
      ' ... abench            A->A       Benchmark part of a filtergraph.',
      ' TSC drawtext          V->V       Draw text on top of video frames.',
      ' .. movie              |->N       Read from a movie source.',
      ' ... overlay_cuda      VV->V      Overlay.',
    ].join('\n');
    assert.deepEqual(parseFilters(text), ['abench', 'drawtext', 'movie', 'overlay_cuda']);
  });

  it('protocols that can be read', () => {
    const text = 'Supported file protocols:\nInput:\n  async\n  rtmp\n  srt\nOutput:\n  md5\n  tee\n';
    assert.deepEqual(parseInputProtocols(text), ['async', 'rtmp', 'srt']);
  });

  it('devices that can be captured or played to, under each of their names', () => {
    const text = [
      'Devices:',
      ' D. = Demuxing supported',
      ' .E = Muxing supported',
      ' --',
      ' DE alsa            ALSA audio output',
      '  E caca            caca (color ASCII art) output device',
      ' DE video4linux2,v4l2 Video4Linux2 output device',
      ' D  x11grab         X11 screen capture, using XCB',
    ].join('\n');
    assert.deepEqual(parseDevices(text), ['alsa', 'video4linux2', 'v4l2', 'x11grab']);
    assert.deepEqual(parseOutputDevices(text), ['alsa', 'caca', 'video4linux2', 'v4l2']);
  });
});
