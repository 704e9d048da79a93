import assert from 'node:assert/strict';
import { encodeSettingsOf } from '../../../src/config/ingests.js';
import {
  type BroadcastConfigInput,
  BroadcastConfigSchema,
  type EncodeSettings,
} from '../../../src/config/schema.js';
import { fasterPresets, softwareInPlace } from '../../../src/encoder/arguments/video-encoder-arguments.js';
import type { EncodeContext } from '../../../src/encoder/encode-context.js';
import { ffmpegArguments } from '../../../src/encoder/ffmpeg-arguments.js';
import type { FfmpegCapabilities } from '../../../src/encoder/ffmpeg-capabilities.js';
import type { FrameInfo, MediaInfo } from '../../../src/encoder/media-info.js';

const DEBIAN: FfmpegCapabilities = {
  path: '/usr/bin/ffmpeg',
  version: '5.1.9',
  libavformatMajor: 59,
  encoders: ['libx264', 'h264_nvenc', 'h264_vaapi', 'h264_qsv', 'h264_videotoolbox', 'libopenh264', 'aac'],
  filters: ['drawtext', 'testsrc2'],
  protocols: ['rtmp', 'srt'],
  devices: ['x11grab', 'v4l2', 'alsa', 'pulse', 'avfoundation', 'dshow', 'gdigrab'],
  capturesWholeScreen: true,
};
const OLD: FfmpegCapabilities = { ...DEBIAN, libavformatMajor: 58, capturesWholeScreen: false };
const LINUX: EncodeContext = { platform: 'linux', capabilities: DEBIAN };
const CLIP: MediaInfo = {
  hasVideo: true,
  hasAudio: true,
  durationS: 7.33,
  startS: 0,
  constantFps: 30,
  width: 720,
  height: 480,
  rotated: false,
};

const FRAME: FrameInfo = {
  container: 'mov,mp4,m4a,3gp,3g2,mj2',
  codec: 'h264',
  index: 1,
  pixelFormat: 'yuv420p',
  matrix: 'bt709',
  fields: 'progressive',
  turn: 0,
  hasAlphaTrack: false,
};

function settings(config: Partial<BroadcastConfigInput> = {}): EncodeSettings {
  return encodeSettingsOf(BroadcastConfigSchema.parse(config));
}

/** Settings that the schema rejects, but that another program could send. */
function withVideo(video: Partial<EncodeSettings['video']>): EncodeSettings {
  const base = settings();
  return { ...base, video: { ...base.video, ...video } };
}

function argsOf(config: Partial<BroadcastConfigInput>, context: Partial<EncodeContext> = {}): string {
  return ffmpegArguments(settings(config), { ...LINUX, ...context }).join(' ');
}

describe('ffmpegArguments', () => {
  it('encodes the test pattern as low-latency H.264 and AAC in FLV, without further information', () => {
    assert.deepEqual(ffmpegArguments(settings(), { platform: 'linux', capabilities: undefined }), [
      ...['-hide_banner', '-nostats', '-loglevel', 'level+info', '-progress', 'pipe:3'],
      ...['-f', 'ffmetadata', '-i', 'async:pipe:4'],
      ...['-re', '-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=30,format=yuv420p'],
      ...['-f', 'lavfi', '-i', 'sine=frequency=440:beep_factor=2:sample_rate=48000'],
      ...['-map', '1:v:0', '-map', '2:a:0', '-map_metadata', '-1', '-map_chapters', '-1'],
      ...['-af', 'aformat=sample_fmts=fltp:sample_rates=48000:channel_layouts=stereo,volume@main=1'],
      ...['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-profile:v', 'high'],
      ...['-sc_threshold', '0', '-b:v', '2500k', '-maxrate', '2500k', '-bufsize', '2500k'],
      ...['-g', '60', '-keyint_min', '60', '-bsf:v', 'dump_extra=freq=keyframe', '-pix_fmt', 'yuv420p'],
      ...['-c:a', 'aac', '-b:a', '160k', '-ar', '48000', '-ac', '2'],
      ...['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'],
      ...['-f', 'flv', '-flvflags', 'no_duration_filesize+no_sequence_end', '-flush_packets', '1', 'pipe:1'],
    ]);
  });

  describe('inputs', () => {
    const cases: {
      name: string;
      config: Partial<BroadcastConfigInput>;
      context?: Partial<EncodeContext>;
      contains: string[];
      lacks?: string[];
    }[] = [
      {
        name: 'the test pattern has a wall clock where there is a font and a filter for it',
        config: {},
        context: { clockFont: '/fonts/a b.ttf' },
        contains: ['drawtext=fontfile=/fonts/a\\ b.ttf:text=%{localtime\\\\:%X}'],
      },
      {
        name: 'and none where ffmpeg cannot draw text',
        config: {},
        context: { clockFont: '/fonts/a.ttf', capabilities: { ...DEBIAN, filters: [] } },
        contains: ['testsrc2'],
        lacks: ['drawtext'],
      },
      {
        name: 'a looping file is two readers on one clock',
        config: { input: { type: 'file', path: '/m/clip.mp4' } },
        context: { media: CLIP },
        contains: [
          '-copyts -re -f lavfi -i movie=filename=/m/clip.mp4:loop=0,setpts=st(0\\,ld(0)+if(lt(PTS\\,PREV_INPTS)*lt(T\\,STARTT+0.5)\\,7.33/TB\\,0))\\;PTS-0/TB+ld(0),scale=',
          '-re -f lavfi -i amovie=filename=/m/clip.mp4:loop=0,asetpts=',
          '-map 1:v:0 -map 2:a:0',
          'aresample=48000:async=1000:flags=res',
        ],
        lacks: ['fps=', '-stream_loop', 'first_pts'],
      },
      {
        name: "a file's name is escaped for the filtergraph",
        config: { input: { type: 'file', path: "/it's: a,b;[c]" } },
        context: { media: CLIP },
        contains: ["movie=filename=/it\\\\\\'s\\\\:\\ a\\,b\\;\\[c\\]:loop=0"],
      },
      {
        name: 'another frame rate than the configured one is converted',
        config: { input: { type: 'file', path: '/m/clip.mp4' }, video: { fps: 29.97 } },
        context: { media: CLIP },
        contains: ['fps=30000/1001'],
      },
      {
        name: 'a file played once is opened twice and ends',
        config: { input: { type: 'file', path: '/m/clip.mp4', loop: false } },
        context: { media: CLIP },
        contains: [
          '-threads 1 -re -i file:/m/clip.mp4 -threads 1 -re -i file:/m/clip.mp4 -map 1:V:0 -map 2:a:0',
        ],
        lacks: ['-stream_loop', 'movie=', '-shortest'],
      },
      {
        name: 'a turned recording that loops is turned upright by a filter',
        config: { input: { type: 'file', path: '/m/phone.mp4' } },
        context: { media: { ...CLIP, rotated: true, frame: { ...FRAME, turn: 90 } } },
        contains: ['movie=filename=/m/phone.mp4:loop=0:si=1,', ',transpose=clock,scale='],
      },
      {
        name: 'one that is turned by another than a right angle is one reader, since only that turns it upright',
        config: { input: { type: 'file', path: '/m/phone.mp4' } },
        context: { media: { ...CLIP, rotated: true, frame: { ...FRAME, turn: 350 } } },
        contains: ['-re -stream_loop -1 -i file:/m/phone.mp4 -map 1:V:0 -map 1:a:0'],
      },
      {
        name: 'a file without sound gets silence and ends with its video',
        config: { input: { type: 'file', path: '/m/mute.mp4', loop: false } },
        context: { media: { ...CLIP, hasAudio: false } },
        contains: ['-f lavfi -i anullsrc=sample_rate=48000', '-map 1:V:0 -map 2:a:0', '-shortest'],
      },
      {
        name: 'a file without video gets one',
        config: { input: { type: 'file', path: '/m/song.mp3' } },
        context: { media: { hasVideo: false, hasAudio: true, startS: 0, rotated: false } },
        contains: [
          '-stream_loop -1 -i file:/m/song.mp3',
          'color=color=0x1b2a38:size=1280x720:rate=30',
          '-map 2:v:0 -map 1:a:0',
        ],
      },
      {
        name: 'a file without video has its cover image repeated, if it has one',
        config: { input: { type: 'file', path: '/m/song.mp3' } },
        context: {
          media: {
            hasVideo: false,
            hasAudio: true,
            startS: 0,
            rotated: false,
            cover: { ...FRAME, codec: 'png' },
          },
        },
        contains: [
          '-stream_loop -1 -i file:/m/song.mp3 -r 30 -noautorotate -i file:/m/song.mp3 ',
          '-map 2:1 -map 1:a:0',
          'loop=loop=-1:size=1:start=0,setpts=N/(30)/TB,realtime',
          '-shortest',
        ],
      },
      {
        name: "a file's default sound track is played, looped or once",
        config: { input: { type: 'file', path: '/m/clip.mp4' } },
        context: { media: { ...CLIP, frame: FRAME, sound: { index: 3, track: 1 } } },
        contains: ['/m/clip.mp4:loop=0:si=1,', 'amovie=filename=/m/clip.mp4:loop=0:si=3,'],
      },
      {
        name: 'and of one played once',
        config: { input: { type: 'file', path: '/m/clip.mp4', loop: false } },
        context: { media: { ...CLIP, frame: FRAME, sound: { index: 3, track: 1 } } },
        contains: ['-map 1:V:0 -map 2:a:1'],
      },
      {
        name: "an image's name is no pattern",
        config: { input: { type: 'image', path: '/m/50%d.jpg' } },
        context: { image: { demuxer: 'jpeg_pipe', alpha: false, orientation: 6 } },
        contains: ['-f jpeg_pipe -r 30 -noautorotate -i file:/m/50%d.jpg', '-vf transpose=clock,scale='],
        lacks: ['premultiply'],
      },
      {
        name: 'a large image is decoded by more than one thread',
        config: { input: { type: 'file', path: '/m/4k.mp4', loop: false } },
        context: { media: { ...CLIP, width: 3840, height: 2160, constantFps: 60 } },
        contains: ['-re -i file:/m/4k.mp4'],
        lacks: ['-threads'],
      },
      {
        name: 'an image is fitted once and repeated, with silence',
        config: { input: { type: 'image', path: '/m/a.png' }, video: { fps: 25 } },
        contains: [
          '-r 25 -noautorotate -i file:/m/a.png -re -f lavfi -i anullsrc',
          'loop=loop=-1:size=1:start=0,setpts=N/(25)/TB,realtime',
          '-colorspace bt709',
        ],
      },
      {
        name: 'rtmp is given up when it says nothing, and not paced',
        config: { input: { type: 'url', url: 'rtmp://h/a/b' } },
        context: { media: CLIP },
        contains: ['-fpsprobesize 0', '-rw_timeout 3000000 -i rtmp://h/a/b', 'fps=30,scale='],
        lacks: ['-re '],
      },
      {
        name: 'rtsp goes over TCP, with the time-out of ffmpeg 5',
        config: { input: { type: 'url', url: 'rtsp://h/a' } },
        context: { media: CLIP },
        contains: ['-rtsp_transport tcp -timeout 3000000'],
      },
      {
        name: 'or that of ffmpeg 4',
        config: { input: { type: 'url', url: 'rtsp://h/a' } },
        context: { media: CLIP, capabilities: OLD },
        contains: ['-rtsp_transport tcp -stimeout 3000000'],
      },
      {
        name: 'http is paced: it may be a recording',
        config: { input: { type: 'url', url: 'https://h/a.m3u8' } },
        context: { media: { ...CLIP, hasAudio: false } },
        contains: ['-analyzeduration 3000000 -rw_timeout 3000000 -re -i https://h/a.m3u8', 'anullsrc'],
      },
      {
        name: 'srt is given up when it says nothing',
        config: { input: { type: 'url', url: 'srt://h:9000?mode=caller' } },
        context: { media: CLIP },
        contains: ['-rw_timeout 3000000 -i srt://h:9000?mode=caller'],
      },
      {
        name: 'the screen on X11, with silence',
        config: { input: { type: 'screen' } },
        context: { display: ':1' },
        contains: ['-f x11grab -framerate 30 -i :1', 'anullsrc', 'fps=30,scale=', 'out_color_matrix=bt709'],
        lacks: ['-video_size'],
      },
      {
        name: 'the screen with its size for an ffmpeg that does not ask for it, and a microphone by PulseAudio',
        config: { input: { type: 'screen', display: ':0.0', microphone: 'default' } },
        context: { screenSize: '800x600', capabilities: OLD, audioSystem: 'pulse' },
        contains: ['-video_size 800x600 -i :0.0', '-f pulse -i default', 'aresample=48000:async=1000'],
      },
      {
        name: 'a display by its number',
        config: { input: { type: 'screen', display: '1' } },
        contains: ['-i :1 '],
      },
      {
        name: 'a display by its number and its screen',
        config: { input: { type: 'screen', display: '1.2' } },
        contains: ['-i :1.2 '],
      },
      {
        name: 'a camera by its number',
        config: { input: { type: 'camera', device: '1' } },
        contains: ['-i /dev/video1 '],
      },
      {
        name: 'the screen on macOS',
        config: { input: { type: 'screen', display: '1' } },
        context: { platform: 'darwin' },
        contains: ['-f avfoundation -capture_cursor 1 -framerate 30 -i Capture screen 1:none'],
      },
      {
        name: 'the screen on Windows',
        config: { input: { type: 'screen', microphone: 'default' } },
        context: { platform: 'win32', defaultMicrophone: 'Mic (USB)' },
        contains: [
          '-f gdigrab -framerate 30 -i desktop',
          '-f dshow -audio_buffer_size 50 -i audio=Mic (USB)',
        ],
      },
      {
        name: 'a camera on Linux',
        config: { input: { type: 'camera', microphone: 'hw:1,0' } },
        context: { audioSystem: 'alsa' },
        contains: ['-f v4l2 -framerate 30 -video_size 1280x720 -i /dev/video0', '-f alsa -i hw:1,0'],
      },
      {
        name: 'a camera on macOS',
        config: { input: { type: 'camera', device: 'FaceTime HD Camera', microphone: '0' } },
        context: { platform: 'darwin' },
        contains: ['-i FaceTime HD Camera:none', '-f avfoundation -i none:0'],
      },
      {
        name: 'a camera on Windows',
        config: { input: { type: 'camera' } },
        context: { platform: 'win32', defaultCamera: 'Integrated Camera' },
        contains: ['-f dshow -rtbufsize 256M -i video=Integrated Camera'],
      },
      {
        name: 'a microphone alone, with a plain image',
        config: { input: { type: 'microphone' } },
        context: { audioSystem: 'alsa' },
        contains: ['-re -f lavfi -i color=', '-f alsa -i default', '-map 1:v:0 -map 2:a:0'],
      },
    ];
    for (const { name, config, context, contains, lacks = [] } of cases) {
      it(name, () => {
        const args = argsOf(config, context);
        for (const part of contains) assert.ok(args.includes(part), `"${part}" is missing in: ${args}`);
        for (const part of lacks) assert.ok(!args.includes(part), `"${part}" is in: ${args}`);
      });
    }

    it('always has one filtergraph for the frame and one for the sound, which live commands count on', () => {
      for (const { config, context } of cases) {
        const args = ffmpegArguments(settings(config), { ...LINUX, ...context });
        assert.equal(args.filter((arg) => arg === '-map').length, 2);
        assert.ok(!args.includes('-filter_complex'));
      }
    });
  });

  describe('video encoders', () => {
    const cases: [string, Partial<BroadcastConfigInput['video']> & object, string[]][] = [
      [
        'x264 for quality',
        { tune: 'none', bFrames: 2, lookahead: 20, profile: 'main' },
        ['-bf 2 -rc-lookahead 20 -profile:v main'],
      ],
      [
        'x264 with another keyframe interval',
        { fps: 59.94, keyframeIntervalSeconds: 1 },
        ['-g 60 -keyint_min 60', 'rate=60000/1001'],
      ],
      ['NVENC', { encoder: 'h264_nvenc' }, ['-preset p3 -tune ull', '-rc cbr', '-forced-idr 1', '-bf 0']],
      [
        'NVENC with its own preset',
        { encoder: 'h264_nvenc', preset: 'p6', tune: 'none', lookahead: 8 },
        ['-preset p6 -tune hq', '-rc-lookahead 8'],
      ],
      [
        'VA-API',
        { encoder: 'h264_vaapi', profile: 'baseline' },
        [
          '-vaapi_device /dev/dri/renderD128',
          '-vf format=nv12,hwupload',
          '-profile:v constrained_baseline -rc_mode CBR',
        ],
      ],
      [
        'Quick Sync',
        { encoder: 'h264_qsv', preset: 'ultrafast' },
        ['-vf format=nv12', '-preset veryfast', '-async_depth 1'],
      ],
      ['VideoToolbox', { encoder: 'h264_videotoolbox' }, ['-realtime 1', '-profile:v high']],
      ['OpenH264', { encoder: 'libopenh264' }, ['-c:v libopenh264 -profile:v high -rc_mode bitrate']],
    ];
    for (const [name, video, contains] of cases) {
      it(name, () => {
        const args = argsOf({ video });
        const common = ['-b:v 2500k -maxrate 2500k -bufsize 2500k', '-bsf:v dump_extra=freq=keyframe'];
        for (const part of [...contains, ...common])
          assert.ok(args.includes(part), `"${part}" is missing in: ${args}`);
      });
    }

    it('takes names for presets that say what they are for', () => {
      const presetOf = (encoder: string, preset: string) =>
        /-preset (\S+)/.exec(argsOf({ video: { encoder, preset } }))?.[1];
      assert.deepEqual(
        ['fastest', 'balanced', 'quality', 'best'].map((name) => presetOf('libx264', name)),
        ['ultrafast', 'veryfast', 'medium', 'slow'],
      );
      assert.equal(presetOf('h264_nvenc', 'balanced'), 'p3');
      assert.equal(presetOf('h264_qsv', 'best'), 'slow');
    });

    it('knows the faster ones of presets that say what they are for', () => {
      assert.deepEqual(fasterPresets(withVideo({ preset: 'balanced' }).video), ['superfast', 'ultrafast']);
    });

    it('puts fast software in the place of hardware, with the same settings otherwise', () => {
      const inPlaceOf = (encoder: string, preset: string) => {
        const software = softwareInPlace(withVideo({ encoder, preset, constantBitrate: true }).video);
        return software && [software.encoder, software.preset, software.constantBitrate];
      };
      assert.deepEqual(inPlaceOf('h264_nvenc', 'p6'), ['libx264', 'veryfast', true]);
      assert.deepEqual(inPlaceOf('h264_qsv', 'slow'), ['libx264', 'veryfast', true]);
      assert.deepEqual(inPlaceOf('h264_vaapi', 'fastest'), ['libx264', 'ultrafast', true]);
      assert.equal(inPlaceOf('libx264', 'slow'), undefined);
    });

    it('fills up to a constant bitrate on request only', () => {
      const filling = (encoder: string) => argsOf({ video: { encoder, constantBitrate: true } });
      assert.match(filling('libx264'), /-x264-params filler=1 -b:v 2500k/);
      assert.match(filling('h264_nvenc'), /-cbr_padding 1/);
      assert.doesNotMatch(argsOf({}), /filler/);
    });

    it('suggests the H.264 encoder of the same hardware', () => {
      assert.throws(() => ffmpegArguments(withVideo({ encoder: 'av1_qsv' }), LINUX), {
        message: /it makes AV1/,
        remedy: 'Use "h264_qsv" or "libx264".',
      });
    });

    it('names NVENC presets as ffmpeg 4 knows them', () => {
      const args = argsOf({ video: { encoder: 'h264_nvenc' } }, { capabilities: OLD });
      assert.ok(args.includes('-preset llhq -profile:v'));
    });
  });

  describe('refuses', () => {
    const cases: [string, EncodeSettings, Partial<EncodeContext>, string, RegExp][] = [
      ['B-frames with zerolatency', withVideo({ bFrames: 2 }), {}, 'config.invalid', /B-frames and the tune/],
      [
        'lookahead with zerolatency',
        withVideo({ lookahead: 10 }),
        {},
        'config.invalid',
        /Lookahead and the tune/,
      ],
      [
        'B-frames in the baseline profile',
        withVideo({ bFrames: 1, tune: 'none', profile: 'baseline' }),
        {},
        'config.invalid',
        /baseline/,
      ],
      [
        'B-frames of an encoder without',
        withVideo({ bFrames: 1, tune: 'none', encoder: 'libopenh264' }),
        {},
        'config.invalid',
        /does not support B-frames/,
      ],
      [
        'lookahead of an encoder without',
        withVideo({ lookahead: 1, tune: 'none', encoder: 'h264_vaapi' }),
        {},
        'config.invalid',
        /does not support lookahead/,
      ],
      ['an unknown preset', withVideo({ preset: 'swift' }), {}, 'config.invalid', /no preset "swift"/],
      ['another codec', withVideo({ encoder: 'libx265' }), {}, 'encoder.unknown', /encoder: it makes HEVC/],
      [
        'no codec',
        withVideo({ encoder: 'swift' }),
        {},
        'encoder.unknown',
        /"swift" is not an H.264 encoder\.$/,
      ],
      [
        'a constant bitrate of an encoder that cannot fill up',
        withVideo({ encoder: 'h264_qsv', constantBitrate: true }),
        {},
        'config.invalid',
        /h264_qsv cannot fill up/,
      ],
      [
        'an encoder that this ffmpeg lacks',
        withVideo({ encoder: 'h264_amf' }),
        {},
        'encoder.unknown',
        /has no video encoder "h264_amf"/,
      ],
      [
        'a capture that this ffmpeg lacks',
        settings({ input: { type: 'screen' } }),
        { capabilities: { ...DEBIAN, devices: [] }, display: ':0' },
        'ffmpeg.unsupported',
        /no "x11grab"/,
      ],
      [
        'a screen where there is none',
        settings({ input: { type: 'screen' } }),
        {},
        'input.notFound',
        /no X display/,
      ],
      [
        'no camera on Windows',
        settings({ input: { type: 'camera' } }),
        { platform: 'win32' },
        'input.notFound',
        /No camera/,
      ],
      [
        'a file with nothing to see or hear',
        settings({ input: { type: 'file', path: '/m/x.srt' } }),
        { media: { ...CLIP, hasVideo: false, hasAudio: false } },
        'input.invalid',
        /neither video nor audio/,
      ],
    ];
    for (const [name, given, context, code, message] of cases) {
      it(name, () => {
        assert.throws(
          () => ffmpegArguments(given, { ...LINUX, ...context }),
          (error: Error & { code?: string; remedy?: string }) => {
            assert.equal(error.code, code);
            assert.match(error.message, message);
            assert.ok(error.remedy, 'says what to do');
            return true;
          },
        );
      });
    }
  });
});
