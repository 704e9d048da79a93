import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { parameterSetsOf, withParameterSets } from '../../../src/media/avc.js';
import { asIdrFrame } from '../../../src/media/idr-frame.js';
import { AVC_DATA_OFFSET, isLegacyAvc, parseVideoPayload } from '../../../src/media/video-payload.js';
import { type FlvInput, flvFile } from '../../support/flv.js';
import { record } from '../timeline/recordings.js';

const OPEN_GOP: readonly [what: string, options: string][] = [
  ['CABAC', 'open-gop=1'],
  ['CAVLC, which is moved by bits', 'open-gop=1:cabac=0'],
  ['four slices', 'open-gop=1:slices=4:b-pyramid=strict'],
  ['interlaced', 'open-gop=1:interlaced=1'],
  ['interlaced with CAVLC', 'open-gop=1:interlaced=1:cabac=0:slices=2'],
  ['constant quantizer, no deblocking', 'open-gop=1:qp=20:no-deblock=1'],
];

describe('asIdrFrame, with what x264 makes', () => {
  for (const [what, options] of OPEN_GOP) {
    it(`keeps a keyframe of an open GOP as it looks: ${what}`, () => {
      const stream = record({
        size: '160x96',
        seconds: 2,
        video: ['-preset', 'veryfast', '-bf', '3', '-x264-params', options],
      });
      const header = stream.find(
        ({ kind, payload }) => kind === 'video' && parseVideoPayload(payload).kind === 'header',
      );
      assert.ok(header !== undefined);
      const sets = parameterSetsOf(header.payload, AVC_DATA_OFFSET);
      assert.ok(sets !== undefined);
      const whole = frames(stream);
      const keyframes = stream.filter(
        ({ kind, payload }) =>
          kind === 'video' && isLegacyAvc(payload) && parseVideoPayload(payload).kind === 'keyframe',
      );
      assert.equal(keyframes.length, 2);
      for (const [n, keyframe] of keyframes.entries()) {
        const payload = withParameterSets(keyframe.payload, AVC_DATA_OFFSET, sets);
        const idr = asIdrFrame(payload, AVC_DATA_OFFSET);
        assert.ok(idr !== undefined);
        assert.equal(idr === payload, n === 0, 'all but the first are of open GOPs');
        const ptsMs = keyframe.ms + parseVideoPayload(keyframe.payload).compositionMs;
        const alone = frames([header, { ...keyframe, payload: idr }]);
        assert.deepEqual([...alone.keys()], [ptsMs]);
        assert.equal(alone.get(ptsMs), whole.get(ptsMs), `keyframe ${n}`);
      }
    });
  }
});

/** Checksums of the decoded frames, by their PTS in ms; a decoder that complains is an error. */
function frames(tags: readonly FlvInput[]): Map<number, string> {
  const strict = ['-v', 'warning', '-xerror', '-err_detect', 'explode', '-copyts', '-i', '-', '-map', '0:v'];
  const { stdout, stderr } = spawnSync(
    'ffmpeg',
    [...strict, '-fps_mode', 'passthrough', '-enc_time_base', '1/1000', '-f', 'framemd5', '-'],
    { input: flvFile(tags) },
  );
  assert.equal(stderr.toString(), '');
  const rows = stdout
    .toString()
    .split('\n')
    .filter((line) => /^0,/.test(line))
    .map((line) => line.split(/,\s*/));
  return new Map(rows.map(([, , pts, , , md5 = '']) => [Number(pts), md5]));
}
