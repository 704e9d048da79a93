import assert from 'node:assert/strict';
import { BroadcastConfigSchema } from '../../../../src/config/schema.js';
import { codecOf } from '../../../../src/config/video-codec.js';
import { checkEncoder } from '../../../../src/encoder/arguments/check-encoder.js';
import { fasterPresets, softwareInPlace } from '../../../../src/encoder/arguments/encoder-presets.js';
import { checkCodecChange } from '../../../../src/encoder/arguments/video-codecs.js';
import { videoEncoderArguments } from '../../../../src/encoder/arguments/video-encoder-arguments.js';

const video = (settings: object) => BroadcastConfigSchema.parse({ video: settings }).video;
const argumentsOf = (settings: object, modern = true) => videoEncoderArguments(video(settings), modern);
const line = (settings: object, modern = true) => ` ${argumentsOf(settings, modern).output.join(' ')} `;

describe("a video encoder's arguments", () => {
  it('are its own, and in common: the bitrate, keyframes and the parameter sets before them', () => {
    assert.deepEqual(argumentsOf({}).output, [
      ...['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-profile:v', 'high'],
      ...['-sc_threshold', '0', '-b:v', '2500k', '-maxrate', '2500k', '-bufsize', '2500k'],
      ...['-g', '60', '-keyint_min', '60', '-bsf:v', 'dump_extra=freq=keyframe'],
    ]);
  });

  const cases: readonly [what: string, settings: object, has: readonly string[]][] = [
    [
      'x265, with closed GOPs of one length',
      { encoder: 'libx265', fps: 25, preset: 'best' },
      [
        '-preset slow -tune zerolatency -profile:v main',
        'open-gop=0:scenecut=0:keyint=50:min-keyint=50:log-level=error',
      ],
    ],
    [
      'x265 with B-frames, whose lookahead must be longer',
      { encoder: 'libx265', tune: 'none', bFrames: 3 },
      [':bframes=3:rc-lookahead=4'],
    ],
    [
      'x265 with lookahead',
      { encoder: 'libx265', tune: 'none', lookahead: 20 },
      [':bframes=0:rc-lookahead=20'],
    ],
    [
      'SVT-AV1, without a limit as high as the bitrate',
      { encoder: 'libsvtav1' },
      ['-preset 10', 'pred-struct=1:rc=2:irefresh-type=2', '-b:v 2500k -g 60'],
    ],
    ['SVT-AV1 with a preset of its own', { encoder: 'libsvtav1', preset: '7' }, ['-preset 7']],
    [
      'libaom in real time',
      { encoder: 'libaom-av1', preset: 'quality' },
      ['-usage realtime -cpu-used 5 -lag-in-frames 0'],
    ],
    ['NVENC for H.264', { encoder: 'h264_nvenc' }, ['-preset p3 -tune ull -profile:v high -rc cbr']],
    ['NVENC for HEVC', { encoder: 'hevc_nvenc' }, ['-profile:v main -rc cbr', '-bf 0']],
    ['VAAPI for HEVC', { encoder: 'hevc_vaapi', profile: 'baseline' }, ['-profile:v main -rc_mode CBR']],
    [
      'Quick Sync',
      { encoder: 'hevc_qsv', preset: 'ultrafast' },
      ['-preset veryfast -profile:v main -forced_idr 1'],
    ],
  ];
  for (const [what, settings, has] of cases) {
    it(`of ${what}`, () => {
      for (const part of has) assert.ok(line(settings).includes(`${part}`), `${part} in${line(settings)}`);
    });
  }

  it('of AV1 have no profile and no B-frames', () => {
    for (const encoder of ['av1_nvenc', 'av1_vaapi', 'av1_qsv', 'av1_amf', 'libsvtav1', 'libaom-av1'])
      assert.doesNotMatch(line({ encoder }), / -(?:profile:v|bf) /, encoder);
  });

  it('fill up to the bitrate where the encoder can', () => {
    assert.match(line({ constantBitrate: true }), / -x264-params filler=1 /);
    assert.match(line({ encoder: 'h264_nvenc', constantBitrate: true }), / -cbr_padding 1 /);
    assert.throws(() => argumentsOf({ encoder: 'libx265', constantBitrate: true }), {
      code: 'config.invalid',
      where: 'video.constantBitrate',
    });
  });

  const refused: readonly [settings: object, where: string, message: RegExp][] = [
    [{ encoder: 'libvpx-vp9' }, 'encoder', /none of the encoders of H\.264, HEVC and AV1/],
    [{ encoder: 'mpeg4' }, 'encoder', /none of the encoders/],
    [{ preset: 'p5' }, 'preset', /libx264 has no preset "p5"/],
    [{ encoder: 'libx265', preset: '7' }, 'preset', /libx265 has no preset/],
    [{ tune: 'none', bFrames: 2, profile: 'baseline' }, 'bFrames', /baseline/],
    [{ encoder: 'libopenh264', tune: 'none', bFrames: 2 }, 'bFrames', /does not support B-frames/],
    [{ encoder: 'libsvtav1', tune: 'none', bFrames: 2 }, 'bFrames', /libsvtav1 does not support B-frames/],
    [{ encoder: 'libaom-av1', tune: 'none', lookahead: 9 }, 'lookahead', /does not support lookahead/],
    [{ encoder: 'hevc_qsv', tune: 'none', lookahead: 9 }, 'lookahead', /does not support lookahead/],
  ];
  for (const [settings, where, message] of refused) {
    it(`are refused for ${JSON.stringify(settings)}`, () => {
      assert.throws(() => argumentsOf(settings), { where: `video.${where}`, message });
    });
  }

  it('may have B-frames with the profile "baseline" where that is no profile of theirs', () => {
    assert.doesNotThrow(() =>
      argumentsOf({ encoder: 'libx265', tune: 'none', bFrames: 2, profile: 'baseline' }),
    );
  });
});

describe("an encoder's codec", () => {
  it('is known by its name', () => {
    const codecs = {
      ...{ libx264: 'h264', libopenh264: 'h264', h264_nvenc: 'h264', libx264rgb: undefined },
      ...{ libx265: 'hevc', hevc_vaapi: 'hevc', libsvtav1: 'av1', 'libaom-av1': 'av1', av1_qsv: 'av1' },
      ...{ librav1e: undefined, 'libvpx-vp9': undefined, h263: undefined, '': undefined },
    };
    for (const [name, codec] of Object.entries(codecs)) assert.equal(codecOf(name), codec, name);
  });

  it('stays the same on air', () => {
    const change = (before: string, after: string) => () =>
      checkCodecChange(video({ encoder: before }), video({ encoder: after }));
    assert.doesNotThrow(change('libx264', 'h264_nvenc'));
    assert.doesNotThrow(change('hevc_nvenc', 'libx265'));
    assert.throws(change('libx264', 'libx265'), {
      ...{ code: 'config.invalid', where: 'video.encoder' },
      message: "The codec cannot change on air, from H.264 to HEVC: viewers' players would stop.",
    });
  });

  it('says which encoders there are where one is missing', () => {
    const context = (encoders: readonly string[]) =>
      ({ capabilities: { path: '/bin/ffmpeg', encoders } }) as unknown as Parameters<typeof checkEncoder>[1];
    assert.doesNotThrow(() => checkEncoder('libx265', context(['libx265'])));
    assert.throws(() => checkEncoder('hevc_nvenc', context(['libx264', 'libx265'])), {
      ...{ code: 'encoder.unknown', remedy: /HEVC encoders: libx265\. / },
    });
    assert.throws(() => checkEncoder('libsvtav1', context(['libx264'])), { remedy: /none of AV1/ });
  });
});

describe('what takes the place of an encoder', () => {
  const inPlace = (settings: object, available?: readonly string[]) => {
    const software = softwareInPlace(video(settings), available);
    return software && [software.encoder, software.preset];
  };

  it('is software of the same codec, that most computers keep up with', () => {
    assert.deepEqual(inPlace({ encoder: 'h264_nvenc', preset: 'slow' }), ['libx264', 'veryfast']);
    assert.deepEqual(inPlace({ encoder: 'h264_nvenc', preset: 'fastest' }), ['libx264', 'ultrafast']);
    assert.deepEqual(inPlace({ encoder: 'hevc_vaapi', preset: 'p5' }), ['libx265', 'ultrafast']);
    assert.deepEqual(inPlace({ encoder: 'av1_qsv' }), ['libsvtav1', 'ultrafast']);
    assert.deepEqual(inPlace({ encoder: 'av1_qsv' }, ['libaom-av1', 'libx264']), ['libaom-av1', 'ultrafast']);
  });

  it('is nothing for software, nor where this ffmpeg has none of the codec', () => {
    for (const encoder of ['libx264', 'libx265', 'libsvtav1']) assert.equal(inPlace({ encoder }), undefined);
    assert.equal(inPlace({ encoder: 'hevc_nvenc' }, ['libx264']), undefined);
    assert.equal(inPlace({ encoder: 'h264_nvenc' }, ['libopenh264'])?.[0], 'libopenh264');
  });

  it('on a slow computer is a faster preset, where the encoder has those', () => {
    const faster = (settings: object) => fasterPresets(video(settings));
    assert.deepEqual(faster({ preset: 'faster' }), ['veryfast', 'superfast', 'ultrafast']);
    assert.deepEqual(faster({ encoder: 'libx265', preset: 'balanced' }), ['superfast', 'ultrafast']);
    assert.deepEqual(faster({ encoder: 'libsvtav1', preset: 'superfast' }), ['ultrafast']);
    for (const settings of [
      { preset: 'ultrafast' },
      { encoder: 'libsvtav1', preset: '7' },
      { encoder: 'h264_nvenc' },
    ])
      assert.deepEqual(faster(settings), []);
  });
});
