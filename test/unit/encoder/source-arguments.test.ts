import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BroadcastConfigSchema } from '../../../src/config/schema.js';
import {
  capturedArguments,
  isNoTransportStream,
  pulledArguments,
  receivedArguments,
  SOUND_FD,
  type SourceContext,
} from '../../../src/encoder/arguments/source-arguments.js';
import type { FfmpegCapabilities } from '../../../src/encoder/ffmpeg-capabilities.js';
import type { MediaInfo } from '../../../src/encoder/media-info.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';

const { video } = BroadcastConfigSchema.parse({ video: { width: 320, height: 180, fps: 25 } });
const DEBIAN: FfmpegCapabilities = {
  path: '/usr/bin/ffmpeg',
  version: '5.1.9',
  libavformatMajor: 59,
  encoders: [],
  filters: ['drawtext', 'testsrc2'],
  protocols: ['rtmp'],
  devices: ['x11grab', 'v4l2', 'alsa', 'pulse'],
  outputDevices: ['alsa', 'pulse'],
  capturesWholeScreen: true,
  capturesWindows: true,
};
const CLIP: MediaInfo = {
  hasVideo: true,
  hasAudio: true,
  durationS: 7.33,
  constantFps: 30,
  width: 720,
  height: 480,
};
const COVER = { index: 3, container: 'mp3', codec: 'mjpeg', hasAlphaTrack: false } as const;
const CONTEXT: SourceContext = {
  platform: 'linux',
  capabilities: DEBIAN,
  video,
  format: { sampleRate: 44_100, channels: 2 },
};

/** What follows an option, each time that it is given. */
function valuesOf(args: readonly string[] | undefined, option: string): (string | undefined)[] {
  return (args ?? []).flatMap((arg, index) => (arg === option ? [args?.[index + 1]] : []));
}

describe('the arguments of sources', () => {
  const file = (path: string) => ({ type: 'file', path, loop: true }) as const;

  it('have what is wanted of its colours, for every kind of source, and alpha where that is kept', () => {
    const filters = {
      brightness: 0,
      contrast: 1,
      saturation: 0,
      gamma: 1,
      hueDegrees: 0,
      blur: 0,
      sharpen: 0,
      noiseReductionDb: 0,
    };
    const grey = { ...CONTEXT, media: CLIP, video: { ...video, filters } };
    const all = [
      pulledArguments(file('a.mp4'), grey).frames?.(0),
      pulledArguments({ type: 'test-pattern' }, grey).frames?.(0),
      pulledArguments({ type: 'image', path: 'a.png' }, grey).frames?.(0),
      receivedArguments({ type: 'url', url: 'rtmp://127.0.0.1/a/b' }, grey),
      capturedArguments({ type: 'screen', display: ':1' }, grey).frames,
    ];
    for (const args of all) {
      assert.match(valuesOf(args, '-filter:v')[0] ?? '', /lutyuv=u=.*,format=yuv420p$/);
      assert.deepEqual(valuesOf(args, '-pix_fmt'), ['yuv420p']);
    }
    const image = { type: 'image', path: 'a.png' } as const;
    const kept = {
      ...grey,
      image: { alpha: true, orientation: 1 },
      video: { ...video, filters, keepsAlpha: true },
    };
    const args = pulledArguments(image, kept).frames?.(0);
    assert.match(
      valuesOf(args, '-filter:v')[0] ?? '',
      /premultiply.*unpremultiply.*lutyuv=u=.*,format=yuva420p$/,
    );
    assert.deepEqual(valuesOf(args, '-pix_fmt'), ['yuva420p']);
    const keyed = { ...filters, chromaKey: { colour: '#00ff00', similarity: 0.1, smoothness: 0 } };
    const screen = pulledArguments(file('a.mp4'), { ...grey, video: { ...kept.video, filters: keyed } });
    assert.deepEqual(valuesOf(screen.frames?.(0), '-pix_fmt'), ['yuva420p']);
    const alone = pulledArguments(file('a.mp4'), { ...grey, video: { ...video, filters: keyed } });
    assert.deepEqual(valuesOf(alone.frames?.(0), '-pix_fmt'), ['yuv420p']);
    const opaque = pulledArguments(image, { ...kept, image: { alpha: false, orientation: 1 } }).frames?.(0);
    assert.deepEqual(valuesOf(opaque, '-pix_fmt'), ['yuv420p']);
    const without = pulledArguments(file('a.mp4'), { ...CONTEXT, media: CLIP }).frames?.(0);
    assert.doesNotMatch(valuesOf(without, '-filter:v')[0] ?? '', /lutyuv/);
  });

  it('does not wait for further programs of a transport stream, unless an address sends something else', () => {
    for (const [url, expected] of [
      ['udp://127.0.0.1:1', ['0']],
      ['srt://127.0.0.1:1?mode=listener', ['0']],
      ['tcp://127.0.0.1:1', []],
      ['rtmp://127.0.0.1/a/b', []],
    ] as const) {
      const args = receivedArguments({ type: 'url', url }, CONTEXT);
      assert.deepEqual(valuesOf(args, '-scan_all_pmts'), expected, url);
      const other = receivedArguments({ type: 'url', url }, CONTEXT, false);
      assert.deepEqual(valuesOf(other, '-scan_all_pmts'), []);
    }
    const log = [{ level: 'error', source: '', text: 'Option scan_all_pmts not found.' }] as const;
    assert.deepEqual([isNoTransportStream(log), isNoTransportStream([])], [true, false]);
  });

  it('lets what an address sends refer to its own protocols alone', () => {
    for (const scheme of ['rtmp', 'rtmps', 'rtsp', 'rtsps', 'srt', 'udp', 'tcp', 'TCP']) {
      const args = receivedArguments({ type: 'url', url: `${scheme}://127.0.0.1:1/a` }, CONTEXT);
      const [allowed = ''] = valuesOf(args, '-protocol_whitelist');
      assert.ok(allowed.split(',').includes(scheme.toLowerCase()), scheme);
      assert.doesNotMatch(allowed, /file|concat|http|data|pipe/);
      assert.ok(args.indexOf('-protocol_whitelist') < args.lastIndexOf('-i'));
    }
  });

  it('gives up an address that sends nothing for 3 s, by the option of its protocol and of this ffmpeg', () => {
    const args = (url: string, libavformatMajor?: number) => {
      const capabilities = libavformatMajor === undefined ? undefined : { ...DEBIAN, libavformatMajor };
      return receivedArguments({ type: 'url', url }, { ...CONTEXT, capabilities });
    };
    const option = (of: readonly string[]) =>
      ['-timeout', '-stimeout', '-rw_timeout'].flatMap((name) =>
        valuesOf(of, name).map((value) => `${name} ${value}`),
      );
    for (const scheme of ['rtsp', 'rtsps', 'RTSP']) {
      const url = `${scheme}://127.0.0.1/a`;
      assert.deepEqual(option(args(url, 58)), ['-stimeout 3000000'], url);
      for (const major of [59, 60, undefined])
        assert.deepEqual(option(args(url, major)), ['-timeout 3000000'], `${url} ${major}`);
      assert.deepEqual(valuesOf(args(url, 59), '-rtsp_transport'), ['tcp']);
    }
    assert.deepEqual(option(args('udp://127.0.0.1:1')), ['-timeout 3000000']);
    for (const scheme of ['rtmp', 'rtmps', 'http', 'https', 'srt', 'tcp'])
      assert.deepEqual(option(args(`${scheme}://127.0.0.1:1/a`)), ['-rw_timeout 3000000'], scheme);
    const udp = args('udp://127.0.0.1:1');
    assert.ok(udp.indexOf('-timeout') < udp.lastIndexOf('-i') && udp.indexOf('-timeout') > udp.indexOf('-i'));
    assert.ok(!udp.includes('-rtsp_transport'));
  });

  it('has frames filtered in one thread, unless a filter is too much for one', () => {
    const frame = { index: 0, container: 'mov,mp4', codec: 'hevc', hasAlphaTrack: false } as const;
    const of = (more: object) => {
      const media = { ...CLIP, frame: { ...frame, fields: 'progressive', ...more } } as MediaInfo;
      const { frames } = pulledArguments(file('/a.mp4'), { ...CONTEXT, capabilities: undefined, media });
      return valuesOf(frames?.(0), '-filter_threads');
    };
    assert.deepEqual(of({}), ['1']);
    assert.deepEqual(of({ fields: 'interlaced' }), []);
    assert.deepEqual(of({ transfer: 'smpte2084' }), []);
  });

  it('reads frames and sound of a file by a process each, from any position, as NUT', () => {
    const { frames, sound, endless } = pulledArguments(file('/a.mp4'), { ...CONTEXT, media: CLIP });
    assert.equal(endless, false);
    const video = frames?.(0) ?? [];
    const audio = sound?.(2.5) ?? [];
    assert.ok(!video.includes('-ss'));
    assert.deepEqual(valuesOf(audio, '-ss'), ['2.500000']);
    assert.ok(audio.indexOf('-ss') < audio.indexOf('-i'));
    // The other track is read as well, for the timestamps.
    assert.deepEqual(valuesOf(video, '-map'), ['0:V:0', '0:a:0?']);
    assert.deepEqual(valuesOf(audio, '-map'), ['0:a:0', '0:V:0?']);
    assert.deepEqual(valuesOf(video, '-f'), ['nut', 'null']);
    assert.deepEqual(valuesOf(video, '-pix_fmt'), ['yuv420p']);
    assert.deepEqual(valuesOf(audio, '-ar'), ['44100']);
    assert.deepEqual(valuesOf(audio, '-ac'), ['2']);
    for (const args of [video, audio]) {
      assert.ok(!args.includes('-re'), 'what reads it decides about its pace');
      assert.deepEqual(valuesOf(args, '-flush_packets'), ['1']);
    }
  });

  it('never takes a part of a file name for anything else', () => {
    const name = fc.string({
      unit: fc.constantFrom('a', "'", '"', ':', '%', '\n', '-', ' ', ',', '\\', '$', '0', 'é'),
    });
    fc.assert(
      fc.property(
        name,
        fc.constantFrom('file' as const, 'image' as const, 'cover' as const),
        (path, what) => {
          const media = what === 'cover' ? { ...CLIP, hasVideo: false, cover: COVER } : CLIP;
          const input = what === 'image' ? ({ type: 'image', path } as const) : file(path);
          const image = { demuxer: 'png_pipe' } as NonNullable<SourceContext['image']>;
          const { frames, sound } = pulledArguments(input, { ...CONTEXT, media, image });
          const other = pulledArguments({ ...input, path: 'NAME' }, { ...CONTEXT, media, image });
          // Nothing else depends on the name.
          const named = (args: readonly string[] | undefined) =>
            args?.map((arg) => (arg === 'file:NAME' ? `file:${path}` : arg));
          assert.deepEqual(frames?.(1), named(other.frames?.(1)));
          assert.deepEqual(sound?.(1), named(other.sound?.(1)));
          for (const args of [frames?.(1), sound?.(1)]) {
            if (args !== undefined) assert.deepEqual(valuesOf(args, '-i'), [`file:${path}`]);
          }
        },
      ),
    );
  });

  it('never takes a part of an address for anything else', () => {
    for (const url of [
      "http://host/a'b?x=%0a%d&y=,:;[0:v]",
      'rtmp://host/app/-i key pipe:1',
      'srt://host:9?passphrase="a:b"',
      'rtsp://joe:p%40ss@host/live',
    ]) {
      const args = receivedArguments({ type: 'url', url }, CONTEXT);
      assert.equal(args.filter((arg) => arg.includes(url)).length, 1);
      assert.equal(args[args.indexOf(url) - 1], '-i');
    }
  });

  it('has no frames of a file without video, and no sound of one without', () => {
    const silent = pulledArguments(file('/a.mp4'), { ...CONTEXT, media: { ...CLIP, hasAudio: false } });
    assert.equal(silent.sound, undefined);
    const radio = pulledArguments(file('/a.mp3'), { ...CONTEXT, media: { ...CLIP, hasVideo: false } });
    assert.equal(radio.frames, undefined);
    assert.notEqual(radio.sound, undefined);
  });

  it('has the sound track that was chosen, and the cover of music for its frame', () => {
    const media: MediaInfo = {
      ...CLIP,
      hasVideo: false,
      cover: COVER,
      sound: { track: 2 },
    };
    const { frames, sound } = pulledArguments(file('/a.mp3'), { ...CONTEXT, media });
    assert.deepEqual(valuesOf(frames?.(0), '-map'), ['0:3']);
    assert.deepEqual(valuesOf(frames?.(0), '-frames:v'), ['1']);
    assert.equal(valuesOf(sound?.(0), '-map')[0], '0:a:2');
  });

  it('follows the chosen sound track where it reads the frames', () => {
    const media: MediaInfo = { ...CLIP, sound: { track: 2 } };
    const { frames } = pulledArguments(file('/a.mkv'), { ...CONTEXT, media });
    assert.deepEqual(valuesOf(frames?.(0), '-map'), ['0:V:0', '0:a:2?']);
  });

  it('refuses a file without either', () => {
    assert.throws(
      () =>
        pulledArguments(file('/a.txt'), { ...CONTEXT, media: { ...CLIP, hasVideo: false, hasAudio: false } }),
      (error) => error instanceof BulkheadError && error.code === ErrorCodes.inputInvalid,
    );
  });

  it('shows an image and the test pattern without end', () => {
    const image = pulledArguments({ type: 'image', path: '/a.png' }, CONTEXT);
    assert.deepEqual(
      [image.endless, image.sound, valuesOf(image.frames?.(0), '-frames:v')],
      [true, undefined, ['1']],
    );
    const pattern = pulledArguments({ type: 'test-pattern' }, CONTEXT);
    assert.equal(pattern.endless, true);
    assert.match(valuesOf(pattern.frames?.(0), '-i')[0] ?? '', /^testsrc2=size=320x180:rate=25/);
    assert.match(valuesOf(pattern.sound?.(0), '-i')[0] ?? '', /^sine=/);
  });

  it('receives both tracks of an address by one connection, each to a descriptor of its own', () => {
    const args = receivedArguments({ type: 'url', url: 'http://host/live.flv' }, CONTEXT);
    assert.equal(args.filter((arg) => arg.startsWith('http')).length, 1);
    const outputs = args.filter((arg) => arg.startsWith('pipe:'));
    assert.deepEqual(outputs, ['pipe:1', `pipe:${SOUND_FD}`]);
    assert.deepEqual(valuesOf(args, '-analyzeduration'), ['5000000']);
    const rtsp = receivedArguments({ type: 'url', url: 'rtsp://host/live' }, CONTEXT);
    assert.deepEqual(valuesOf(rtsp, '-analyzeduration'), ['11000000']);
  });

  it('waits for what is published to an ingest however long that takes', () => {
    const url = 'rtmp://127.0.0.1:1935/ingest-play/main';
    const args = receivedArguments({ type: 'ingest', ingest: 'main', url }, CONTEXT);
    assert.ok(args.includes(url));
    assert.deepEqual(valuesOf(args, '-rw_timeout'), []);
    assert.deepEqual(valuesOf(args, '-fpsprobesize'), ['0']);
    assert.deepEqual(valuesOf(args, '-analyzeduration'), ['1000000']);
    assert.deepEqual(valuesOf(args, '-protocol_whitelist'), ['rtmp,tcp']);
    const address = receivedArguments({ type: 'url', url }, CONTEXT);
    assert.deepEqual(valuesOf(address, '-rw_timeout'), ['3000000']);
  });

  it('names the option for timestamps as each ffmpeg knows it', () => {
    const frames = (libavformatMajor: number) =>
      pulledArguments(file('/a.mp4'), {
        ...CONTEXT,
        media: CLIP,
        capabilities: { ...DEBIAN, libavformatMajor },
      }).frames?.(0) ?? [];
    assert.ok(frames(58).includes('-vsync') && !frames(58).includes('-fps_mode'));
    assert.ok(frames(60).includes('-fps_mode') && !frames(60).includes('-vsync'));
  });

  it('captures frames and sound of devices by a process each', () => {
    const camera = capturedArguments({ type: 'camera', device: '/dev/video7', microphone: 'mic' }, CONTEXT);
    assert.deepEqual(valuesOf(camera.frames, '-i'), ['/dev/video7']);
    assert.equal(valuesOf(camera.sound, '-i').length, 1);
    const alone = capturedArguments({ type: 'camera', device: '/dev/video7' }, CONTEXT);
    assert.equal(alone.sound, undefined);
    const microphone = capturedArguments({ type: 'microphone' }, CONTEXT);
    assert.equal(microphone.frames, undefined);
    assert.notEqual(microphone.sound, undefined);
  });

  it('captures what the computer plays from PulseAudio, and says elsewhere what to do', () => {
    const withPulse = { ...CONTEXT, audioSystem: 'pulse' } as const;
    const { frames, sound } = capturedArguments({ type: 'desktop-audio' }, withPulse);
    assert.equal(frames, undefined);
    assert.deepEqual([valuesOf(sound, '-f')[0], valuesOf(sound, '-i')], ['pulse', ['@DEFAULT_MONITOR@']]);
    const named = capturedArguments({ type: 'desktop-audio', device: 'hdmi.monitor' }, withPulse);
    assert.deepEqual(valuesOf(named.sound, '-i'), ['hdmi.monitor']);
    for (const [more, code, remedy] of [
      [{ audioSystem: 'alsa' }, 'input.notFound', /pipewire-pulse/],
      [{ platform: 'darwin' }, 'input.invalid', /BlackHole/],
      [{ platform: 'win32' }, 'input.invalid', /Stereo Mix/],
      [{ capabilities: { ...DEBIAN, devices: ['alsa'] } }, 'ffmpeg.unsupported', /Install/],
    ] as const) {
      assert.throws(
        () => capturedArguments({ type: 'desktop-audio' }, { ...CONTEXT, ...more }),
        (error: BulkheadError) => error.code === code && remedy.test(error.remedy ?? ''),
      );
    }
  });
});
