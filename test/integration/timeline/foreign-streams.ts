import type { Recording } from './recordings.js';

/** SPS and PPS in each keyframe, as OBS and GStreamer send them; ffmpeg's own publisher does not. */
const IN_BAND = ['-bsf:v', 'dump_extra=freq=keyframe'];

/** Streams as different as publishers of H.264 and AAC make them, each with the timestamps from 0. */
export const FOREIGN_STREAMS: Readonly<Record<string, Recording>> = {
  'OBS: B-frames, in band': { video: ['-preset', 'veryfast', '-bf', '2', ...IN_BAND] },
  'low latency, no B-frames': { video: ['-preset', 'ultrafast', '-tune', 'zerolatency'] },
  'B-frames, 44.1 kHz': { video: ['-preset', 'veryfast', '-bf', '3'], sampleRate: 44_100 },
  '4 slices, 8 reference frames': { video: ['-preset', 'veryfast', '-slices', '4', '-refs', '8'] },
  'Main, 25 fps, 44.1 kHz': {
    video: ['-preset', 'veryfast', '-profile:v', 'main', '-g', '50'],
    rate: '25',
    sampleRate: 44_100,
  },
  'Baseline, 29.97 fps, one channel': {
    video: ['-preset', 'veryfast', '-profile:v', 'baseline'],
    rate: '30000/1001',
    channels: 1,
  },
  '50 fps, 32 kHz': { video: ['-preset', 'ultrafast', '-g', '100'], rate: '50', sampleRate: 32_000 },
  '60 fps, B-frames': { video: ['-preset', 'veryfast', '-bf', '2', '-g', '60'], rate: '60' },
  '22.05 kHz, one channel': { video: ['-preset', 'ultrafast'], sampleRate: 22_050, channels: 1 },
  'smaller frames': { video: ['-preset', 'veryfast'], size: '160x90' },
  'larger frames, delimiters, SEI': {
    video: [
      '-preset',
      'ultrafast',
      '-aud',
      '1',
      '-x264-params',
      'pic-struct=1:nal-hrd=vbr:vbv-maxrate=500:vbv-bufsize=500',
    ],
    size: '480x270',
  },
  'one keyframe at the start': { video: ['-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '300'] },
  'open GOP, B-frames': {
    video: ['-preset', 'veryfast', '-bf', '3', '-g', '30', '-x264-params', 'open-gop=1'],
  },
  interlaced: {
    video: ['-preset', 'veryfast', '-flags', '+ilme+ildct', '-x264opts', 'interlaced'],
    rate: '25',
  },
  'six channels': { video: ['-preset', 'ultrafast'], channels: 6 },
};
