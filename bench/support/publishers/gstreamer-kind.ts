import { runPublisher } from '../../../test/support/publisher.js';
import { firstElement, missingPrograms } from '../programs.js';
import type { PublisherKind } from './publisher-kind.js';

const AAC_ENCODERS = ['avenc_aac', 'voaacenc', 'fdkaacenc'];
const RTMP_SINKS = ['rtmp2sink', 'rtmpsink'];

/** GStreamer's x264enc with B-frames, 640×360 at 30 fps: a test pattern, whatever the recording. */
export const gstreamerKind: PublisherKind = {
  name: 'gstreamer',
  missing: async () => {
    const programs = missingPrograms('gst-launch-1.0', 'gst-inspect-1.0');
    if (programs.length > 0) return programs;
    const needed = [['x264enc'], ['flvmux'], AAC_ENCODERS, RTMP_SINKS];
    const found = await Promise.all(needed.map((names) => firstElement(...names)));
    return needed.flatMap((names, n) =>
      found[n] === undefined ? [`the GStreamer element ${names.join(' or ')}`] : [],
    );
  },
  setUp: async () => {
    const aac = (await firstElement(...AAC_ENCODERS)) ?? '';
    const sink = (await firstElement(...RTMP_SINKS)) ?? '';
    return {
      start: async ({ server, key }) =>
        runPublisher('gst-launch-1.0', ['-q', ...pipeline(aac, sink, `${server}/${key}`)]),
      close: async () => {},
    };
  },
};

function pipeline(aac: string, sink: string, url: string): string[] {
  return [
    ...['videotestsrc', 'is-live=true', '!', 'video/x-raw,width=640,height=360,framerate=30/1', '!'],
    ...['x264enc', 'speed-preset=ultrafast', 'bitrate=1500', 'key-int-max=60', 'bframes=2', '!'],
    ...['h264parse', '!', 'flvmux', 'streamable=true', 'name=mux', '!', sink, `location=${url}`],
    ...['audiotestsrc', 'is-live=true', '!', 'audio/x-raw,rate=48000,channels=2', '!', 'audioconvert', '!'],
    ...[aac, '!', 'aacparse', '!', 'mux.'],
  ];
}
