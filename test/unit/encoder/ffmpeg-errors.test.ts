import assert from 'node:assert/strict';
import type { SourceConfig } from '../../../src/config/schema.js';
import { explainFfmpegExit } from '../../../src/encoder/ffmpeg-errors.js';
import { parseLogLine } from '../../../src/encoder/log-line.js';

const INPUTS: Record<string, SourceConfig> = {
  pattern: { type: 'test-pattern' },
  file: { type: 'file', path: '/media/clip.mp4', loop: true },
  image: { type: 'image', path: '/media/a.png' },
  url: { type: 'url', url: 'rtmp://joe:secret@host/live/x?token=1' },
  screen: { type: 'screen' },
  camera: { type: 'camera', device: '/dev/video0' },
  microphone: { type: 'microphone' },
  'screen and microphone': { type: 'screen', microphone: 'default' },
  'camera and microphone': { type: 'camera', device: '/dev/video0', microphone: 'hw:1,0' },
};

/** Lines as ffmpeg 2018, 5.1 and later print them. */
const CASES: [keyof typeof INPUTS, string[], string, RegExp][] = [
  ['pattern', ["[fatal] Unknown encoder 'h264_nvenc'"], 'encoder.unknown', /no encoder "h264_nvenc"/],
  [
    'pattern',
    [
      '[h264_nvenc @ 0x1] [error] Cannot load libcuda.so.1',
      '[error] Error initializing output stream 0:0 -- Error while opening encoder',
    ],
    'encoder.unknown',
    /NVIDIA/,
  ],
  [
    'pattern',
    ['[AVHWDeviceContext @ 0x1] [error] No VA display found for device /dev/dri/renderD128.'],
    'encoder.unknown',
    /hardware encoder/,
  ],
  [
    'pattern',
    [
      "x264 [error]: invalid preset 'bogus'",
      '[libx264 @ 0x1] [error] Error setting preset/tune bogus/(null).',
    ],
    'config.invalid',
    /no preset "bogus"/,
  ],
  [
    'pattern',
    ['[libx264 @ 0x1] [error] Error setting profile bogus.'],
    'config.invalid',
    /no profile "bogus"/,
  ],
  [
    'pattern',
    [
      "[error] Unrecognized option 'fps_mode'.",
      '[fatal] Error splitting the argument list: Option not found',
    ],
    'ffmpeg.unsupported',
    /does not know "fps_mode"/,
  ],
  ['pattern', ["[lavfi @ 0x1] [error] No such filter: 'drawtext'"], 'ffmpeg.unsupported', /"drawtext"/],
  ['microphone', ["[fatal] Unknown input format: 'pulse'"], 'ffmpeg.unsupported', /"pulse"/],
  ['url', ['[error] srt://127.0.0.1:1: Protocol not found'], 'ffmpeg.unsupported', /srt addresses/],
  [
    'pattern',
    ['ffmpeg: error while loading shared libraries: libx264.so.164: cannot open shared object file'],
    'ffmpeg.failedToStart',
    /libx264\.so\.164/,
  ],
  [
    'pattern',
    ['[error] Error initializing output stream 0:0 -- Error while opening encoder for output stream #0:0'],
    'encoder.unknown',
    /does not take these settings/,
  ],
  ['file', ['[error] /media/clip.mp4: No such file or directory'], 'input.notFound', /does not exist/],
  ['file', ['[error] /media: Is a directory'], 'input.invalid', /folder/],
  [
    'image',
    [
      '[png @ 0x1] [error] Invalid image size',
      '[error] Error while decoding stream #0:0: Invalid data found when processing input',
    ],
    'input.invalid',
    /too large for ffmpeg/,
  ],
  [
    'file',
    ['[mov @ 0x1] [error] moov atom not found', '[error] clip.mp4: Invalid data found when processing input'],
    'input.invalid',
    /not media that ffmpeg can read/,
  ],
  ['file', ['[error] /media/clip.mp4: Permission denied'], 'input.denied', /not accessible/],
  [
    'image',
    ['[error] Cannot determine format of input stream 0:0 after EOF'],
    'input.invalid',
    /image file is not media/,
  ],
  [
    'camera',
    ['[video4linux2,v4l2 @ 0x1] [error] Cannot open video device /dev/video0: No such file or directory'],
    'input.notFound',
    /camera \/dev\/video0 was not found/,
  ],
  [
    'camera',
    ['[video4linux2,v4l2 @ 0x1] [error] ioctl(VIDIOC_STREAMON): Device or resource busy'],
    'input.busy',
    /in use by another program/,
  ],
  [
    'microphone',
    [
      '[alsa @ 0x1] [error] cannot open audio device default (No such file or directory)',
      '[error] default: Input/output error',
    ],
    'input.notFound',
    /microphone was not found/,
  ],
  ['microphone', ['[error] default: No such process'], 'input.notFound', /microphone was not found/],
  [
    'screen',
    ['[x11grab @ 0x1] [error] Cannot open display :55, error 1.', '[error] :55: Input/output error'],
    'input.notFound',
    /display cannot be opened/,
  ],
  [
    'screen',
    [
      '[x11grab @ 0x1] [error] Cannot get the image data event_error: response_type:0 error_code:8 sequence:40 resource_id:96 minor_code:4 major_code:130.',
      '[error] :0: Permission denied',
    ],
    'input.unreachable',
    /size of the screen has changed/,
  ],
  [
    'screen',
    [
      '[x11grab @ 0x1] [error] Capture area 1280x720 at position 0.0 outside the screen size 640x480',
      '[error] :0: Invalid argument',
    ],
    'input.unreachable',
    /size of the screen has changed/,
  ],
  [
    'screen and microphone',
    [
      "ALSA lib confmisc.c:855:(parse_card) cannot find card '0'",
      'ALSA lib conf.c:5180:(_snd_config_evaluate) function snd_func_card_inum returned error: No such file or directory',
      '[alsa @ 0x1] [error] cannot open audio device default (No such file or directory)',
      '[error] default: Input/output error',
    ],
    'input.notFound',
    /^The microphone was not found\.$/,
  ],
  [
    'screen and microphone',
    ['[error] default: No such process'],
    'input.notFound',
    /^The microphone was not found\.$/,
  ],
  [
    'screen and microphone',
    ['[x11grab @ 0x1] [error] Cannot open display :55, error 1.', '[error] :55: Input/output error'],
    'input.notFound',
    /display cannot be opened/,
  ],
  [
    'camera and microphone',
    ['[alsa @ 0x1] [error] cannot open audio device hw:1,0 (Device or resource busy)'],
    'input.busy',
    /^The microphone hw:1,0 is in use/,
  ],
  [
    'camera and microphone',
    ['[video4linux2,v4l2 @ 0x1] [error] Cannot open video device /dev/video0: No such file or directory'],
    'input.notFound',
    /camera \/dev\/video0 was not found/,
  ],
  [
    'url',
    ['[tcp @ 0x1] [error] Connection to tcp://127.0.0.1:1 failed: Connection refused'],
    'input.unreachable',
    /Nothing is listening at rtmp:\/\/\*\*\*@host\/live\/\*\*\*\?\*\*\*\.$/,
  ],
  ['url', ['[error] rtmp://h/a: Connection timed out'], 'input.unreachable', /does not respond/],
  [
    'url',
    ['[tcp @ 0x1] [error] Failed to resolve hostname nowhere.invalid: Name or service not known'],
    'input.unreachable',
    /host of .* is not known/,
  ],
  [
    'url',
    ['[http @ 0x1] [warning] HTTP error 404 Not Found', '[error] http://h/x: Server returned 404 Not Found'],
    'input.unreachable',
    /refused it with "404"/,
  ],
  ['url', ['[error] rtmp://h/a: Input/output error'], 'input.unreachable', /delivers nothing/],
  ['url', ["[fatal] Stream map '0:a:0' matches no streams."], 'input.invalid', /lost its video or audio/],
  [
    'url',
    [
      '[http @ 0x1] [warning] HTTP error 403 Forbidden',
      '[error] http://h/x: Server returned 403 Forbidden (access denied)',
    ],
    'input.unreachable',
    /refused it with "403"/,
  ],
  [
    'url',
    [
      '[udp @ 0x1] [error] bind failed: Address already in use',
      '[error] udp://127.0.0.1:1: Input/output error',
    ],
    'input.busy',
    /The port of .* is in use by another program, or by another source/,
  ],
  [
    'image',
    ['[error] Decoder (codec svg) not found for input stream #0:0'],
    'ffmpeg.unsupported',
    /image file is encoded with "svg"/,
  ],
  [
    'file',
    ['[fatal] Decoding requested, but no decoder found for: av1'],
    'ffmpeg.unsupported',
    /media file is encoded with "av1"/,
  ],
  ['url', ['[error] http://h/x: Invalid argument'], 'input.invalid', /redirects to one that is none/],
  [
    'url',
    [
      "[file @ 0x1] [error] Protocol 'file' not on whitelist 'tcp'!",
      '[error] tcp://h: Invalid data found when processing input',
    ],
    'input.denied',
    /of another kind than its own/,
  ],
  [
    'file',
    ["[concat @ 0x1] [error] Unsafe file name '/a.ts'", '[error] a.txt: Operation not permitted'],
    'input.denied',
    /of another kind than its own/,
  ],
  [
    'file',
    [
      '[error] Error while decoding stream #0:0: Invalid data found when processing input',
      '[error] Cannot determine format of input stream 0:0 after EOF',
      '[error] Error initializing output stream 0:0 -- ',
    ],
    'input.invalid',
    /not media that ffmpeg can read/,
  ],
  [
    'image',
    [
      '[webp @ 0x1] [error] image data not found',
      '[error] Error while decoding stream #0:0: Invalid data found when processing input',
    ],
    'input.invalid',
    /an animated WebP image/,
  ],
  [
    'camera',
    ['[video4linux2,v4l2 @ 0x1] [error] ioctl(VIDIOC_G_INPUT): Inappropriate ioctl for device'],
    'input.invalid',
    /is not a camera/,
  ],
];

describe('explainFfmpegExit', () => {
  for (const code of [126, 127]) {
    it(`reports for exit code ${code} that ffmpeg cannot be started`, () => {
      const exit = { code, signal: null, log: [] };
      assert.equal(explainFfmpegExit(exit, plain, 'ffmpeg').code, 'ffmpeg.failedToStart');
    });
  }

  for (const [input, lines, code, message] of CASES) {
    it(`${input}: ${lines.at(-1)}`, () => {
      const error = explainFfmpegExit(
        { code: 1, signal: null, log: lines.map(parseLogLine) },
        INPUTS[input] as SourceConfig,
        '/usr/bin/ffmpeg',
      );
      assert.equal(error.code, code);
      assert.match(error.message, message);
      assert.ok(error.where);
      assert.ok(error.remedy);
      assert.doesNotMatch(JSON.stringify(error.toData()), /secret|token=1/);
    });
  }

  const plain = INPUTS['pattern'] as SourceConfig;

  it('reports that an address was interrupted if it had delivered', () => {
    const log = ['[error] rtmp://h/a: Input/output error'].map(parseLogLine);
    const exit = { code: 1, signal: null, log, delivered: true };
    assert.match(explainFfmpegExit(exit, INPUTS['url'] as SourceConfig, 'ffmpeg').message, /was interrupted/);
  });

  it('says of an ingest that nothing is published, however ffmpeg has ended', () => {
    const ingest: SourceConfig = {
      type: 'ingest',
      ingest: 'main',
      url: 'rtmp://127.0.0.1:1935/ingest-play/main',
    };
    const refused = '[rtmp @ 0x1] [error] Cannot open connection tcp://127.0.0.1:1935';
    const exits = [
      { code: 0, signal: null, log: [] },
      { code: 1, signal: null, log: [parseLogLine(refused)] },
      { code: null, signal: 'SIGKILL' as const, log: [], silent: true },
    ];
    for (const exit of exits) {
      const { code, message, where, remedy } = explainFfmpegExit(exit, ingest, 'ffmpeg');
      assert.deepEqual(
        [code, message, where],
        ['input.unreachable', 'The ingest "main" delivers nothing.', 'ingests.main'],
      );
      assert.match(remedy ?? '', /^Start the stream in OBS/);
    }
  });

  it('says of an address that was ended since it was silent that it delivers nothing', () => {
    const exit = { code: null, signal: 'SIGKILL' as const, log: [], silent: true };
    const { message } = explainFfmpegExit(exit, INPUTS['url'] as SourceConfig, 'ffmpeg');
    assert.equal(message, 'rtmp://***@host/live/***?*** delivers nothing.');
  });

  it('distinguishes a crash from a kill', () => {
    const explain = (signal: NodeJS.Signals) =>
      explainFfmpegExit({ code: null, signal, log: [] }, plain, 'ffmpeg');
    assert.match(explain('SIGSEGV').message, /crashed \(SIGSEGV\)/);
    assert.match(explain('SIGKILL').message, /was killed by SIGKILL/);
    assert.equal(explain('SIGKILL').code, 'encoder.crashed');
  });

  it('says that a window is gone, also where ffmpeg takes that for the end', () => {
    const input = { ...INPUTS['screen'], window: 'chat' } as SourceConfig;
    const { message } = explainFfmpegExit({ code: 0, signal: null, log: [] }, input, 'ffmpeg');
    assert.equal(message, 'The window "chat" is gone.');
  });

  it('reports that an input has ended', () => {
    const error = explainFfmpegExit(
      { code: 0, signal: null, log: [] },
      INPUTS['url'] as SourceConfig,
      'ffmpeg',
    );
    assert.equal(error.code, 'input.unreachable');
    assert.match(error.message, /has ended/);
  });

  it('reports that ffmpeg could not be started', () => {
    const exit = { code: null, signal: null, log: [], spawnError: new Error('spawn ffmpeg ENOENT') };
    assert.equal(explainFfmpegExit(exit, plain, 'ffmpeg').code, 'ffmpeg.failedToStart');
  });

  it("falls back to ffmpeg's last lines, without secrets", () => {
    const log = ['[error] something rtsp://a:b@c/d odd', '[error] Conversion failed!'].map(parseLogLine);
    const error = explainFfmpegExit({ code: 187, signal: null, log }, plain, 'ffmpeg');
    assert.equal(error.message, 'ffmpeg failed: something rtsp://***@c/d odd (exit code 187).');
  });
});
