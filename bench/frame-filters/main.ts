/**
 * What the conversion of frames costs beside scaling alone: CPU of ffmpeg per frame, decoder included, in turn.
 * `npm run bench:frame-filters -- ROUNDS`.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { encodeSettingsOf } from '../../src/config/ingests.js';
import { BroadcastConfigSchema } from '../../src/config/schema.js';
import { frameFilters } from '../../src/encoder/arguments/frame-filters.js';
import { parseMediaInfo } from '../../src/encoder/media-info.js';
import { makeMedia } from '../../test/integration/encoder/test-media.js';
import { tempDir } from '../../test/support/temp.js';
import { median } from '../support/statistics.js';

const run = promisify(execFile);
const ROUNDS = Number(process.argv[2] ?? 5);
const SECONDS = 2;
const { video } = encodeSettingsOf(
  BroadcastConfigSchema.parse({ video: { width: 1280, height: 720, fps: 25 } }),
);
const PLAIN =
  'scale=w=trunc(min(1280\\,720*dar)/2)*2:h=trunc(min(720\\,1280/dar)/2)*2,pad=1280:720:(ow-iw)/2:(oh-ih)/2,setsar=1,format=yuv420p';

interface Clip {
  readonly name: string;
  readonly file: string;
  readonly size: string;
  readonly encode: readonly string[];
  readonly filters?: string;
}

const BT709 = ['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709'];
const BT601 = ['-colorspace', 'smpte170m', '-color_primaries', 'smpte170m', '-color_trc', 'smpte170m'];
const HDR10 = ['-colorspace', 'bt2020nc', '-color_primaries', 'bt2020', '-color_trc', 'smpte2084'];
const TEN_BITS = ',format=yuv420p10le';

const CLIPS: readonly Clip[] = [
  { name: '720p, BT.709, MP4', file: '709.mp4', size: '1280x720', encode: BT709 },
  { name: '720p, BT.709, transport stream', file: '709.ts', size: '1280x720', encode: BT709 },
  { name: '720 × 576, BT.601, MP4', file: '601.mp4', size: '720x576', encode: BT601 },
  { name: '720 × 576, BT.601, transport stream', file: '601.ts', size: '720x576', encode: BT601 },
  { name: '1080p, BT.601, MP4', file: '601-hd.mp4', size: '1920x1080', encode: BT601 },
  {
    name: '1080i, BT.709, transport stream',
    file: 'interlaced.ts',
    size: '1920x1080',
    filters: ',setfield=tff',
    encode: [...BT709, '-flags', '+ildct+ilme'],
  },
  { name: '1080p, HDR10', file: 'hdr.mp4', size: '1920x1080', filters: TEN_BITS, encode: HDR10 },
  { name: '2160p, HDR10', file: 'hdr-4k.mp4', size: '3840x2160', filters: TEN_BITS, encode: HDR10 },
];

/** CPU of ffmpeg, ms per frame. */
async function cost(path: string, filters: string): Promise<number> {
  const { stderr } = await run('ffmpeg', [
    ...['-hide_banner', '-nostdin', '-benchmark', '-threads', '1', '-i', path, '-vf', filters],
    ...['-pix_fmt', 'yuv420p', '-f', 'rawvideo', '-y', '/dev/null'],
  ]);
  const [, user, system] = /utime=([\d.]+)s stime=([\d.]+)s/.exec(stderr) ?? [];
  return ((Number(user) + Number(system)) * 1000) / (SECONDS * 25);
}

const folder = tempDir('frame-filters');
try {
  console.log('| | decoded alone | scaled alone | converted | more |\n| --- | --- | --- | --- | --- |');
  for (const { name, file, size, encode, filters = '' } of CLIPS) {
    const path = await makeMedia(folder.path, file, [
      ...['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=25:duration=${SECONDS},format=yuv420p${filters}`],
      ...['-c:v', 'libx264', '-preset', 'veryfast', ...encode],
    ]);
    const { stderr } = await run('ffmpeg', ['-hide_banner', '-i', path, '-frames:v', '0', '-f', 'null', '-']);
    const dump = stderr.slice(0, stderr.indexOf('Output #0')).split('\n');
    const converted = frameFilters(
      { type: 'media', media: parseMediaInfo(dump) },
      { video, capabilities: undefined },
    );
    const times: [number, number, number][] = [];
    for (let round = 0; round < ROUNDS; round++) {
      times.push([await cost(path, 'null'), await cost(path, PLAIN), await cost(path, converted.join(','))]);
    }
    const [decoded = 0, plain = 0, right = 0] = [0, 1, 2].map((n) =>
      median(times.map((time) => time[n] ?? 0)),
    );
    const more = times.map(([, a, b]) => b - a).sort((a, b) => a - b);
    const spread = `${more[0]?.toFixed(2)} to ${more.at(-1)?.toFixed(2)}`;
    console.log(
      `| ${name} | ${decoded.toFixed(2)} ms | ${plain.toFixed(2)} | ${right.toFixed(2)} | ${median(more).toFixed(2)} (${spread}) |`,
    );
  }
} finally {
  folder.dispose();
}
