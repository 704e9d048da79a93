import { publish, testPattern } from '../../../test/support/publisher.js';
import { missingPrograms } from '../programs.js';
import type { PublisherKind } from './publisher-kind.js';

const ENCODING = [
  ...['-map', '0:v:0', '-map', '1:a:0', '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'],
  ...['-g', '60', '-b:v', '2500k', '-c:a', 'aac', '-ac', '2'],
];

/** ffmpeg, with a test pattern of 640×360 or a recording. */
export const ffmpegKind: PublisherKind = {
  name: 'ffmpeg',
  missing: async () => missingPrograms('ffmpeg'),
  setUp: async (_folder, recording) => ({
    start: async ({ server, key }) =>
      publish(`${server}/${key}`, recording === undefined ? testPattern() : played(recording)),
    close: async () => {},
  }),
};

function played(recording: string): string[] {
  const input = ['-re', '-stream_loop', '-1', '-i', recording];
  return [...input, ...input, ...ENCODING];
}
