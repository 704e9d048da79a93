import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../../../src/config/config-error.js';
import { type ConfigFlags, loadConfig } from '../../../src/config/load-config.js';
import { BroadcastConfigSchema } from '../../../src/config/schema.js';
import { API_PROPOSAL_NAMES } from '../../../src/protocol/api-proposals.js';
import { ErrorCodes } from '../../../src/protocol/errors.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe('loadConfig', () => {
  let dir: TempDir;

  beforeEach(() => {
    dir = tempDir('config');
  });

  afterEach(() => dir.dispose());

  const load = (text: string | Buffer, flags: ConfigFlags = {}) => {
    writeFileSync(join(dir.path, 'b.jsonc'), text);
    return loadConfig('b.jsonc', flags, dir.path);
  };

  const mistakesIn = (act: () => unknown): ConfigError => {
    try {
      act();
    } catch (error) {
      assert(error instanceof ConfigError, String(error));
      return error;
    }
    return assert.fail('no mistake was found');
  };

  it('lets --once override the configuration, and rejects it for inputs other than files', () => {
    writeFileSync(join(dir.path, 'a.mp4'), 'x');
    const text = '{ "input": { "type": "file", "path": "a.mp4", "loop": true } }';
    const path = join(dir.path, 'a.mp4');
    for (const config of [
      load(text, { once: true }).config,
      loadConfig(undefined, { input: path, once: true }, dir.path).config,
    ])
      assert.deepEqual(config.input, { type: 'file', path, loop: false });
    assert.deepEqual(load(text).config.input, { type: 'file', path, loop: true });
    const { message } = mistakesIn(() => load('{}', { once: true }));
    assert.match(message, /^--once: expected a media file as the input, got "test-pattern"/);
  });

  it('keeps the name of the embedded live server for that', () => {
    const { message } = mistakesIn(() =>
      load('{ "outputs": [{ "id": "live-server", "url": "rtmp://a.example/app/key" }] }'),
    );
    assert.match(
      message,
      /^b\.jsonc:1:23: outputs\[0\]\.id: expected another id: "live-server" is the embedded/,
    );
  });

  it('fills in every default', () => {
    const defaults = BroadcastConfigSchema.parse({});
    assert.deepEqual(loadConfig(undefined, {}).config, defaults);
    assert.deepEqual(load('{}').config, defaults);
    assert.deepEqual(load('{}').warnings, []);
  });

  it('accepts comments, trailing commas, a byte order mark and Windows line breaks', () => {
    const { config } = load('\uFEFF// mine\r\n{\r\n  /* slow */ "video": { "fps": 25, },\r\n}\r\n');
    assert.equal(config.video.fps, 25);
    assert.equal(config.video.width, 1280);
  });

  describe('reports each error on one line: file, line, column, what is wrong, what is expected', () => {
    const table: [what: string, text: string, ...lines: string[]][] = [
      [
        'type',
        '{\n  "video": { "fps": "thirty" }\n}',
        'b.jsonc:2:21: video.fps: expected a number, got "thirty"',
      ],
      [
        'whole number',
        '{"video":{"width":3.5}}',
        'b.jsonc:1:19: video.width: expected a whole number, got 3.5',
      ],
      [
        'odd number',
        '{"video":{"width":721}}',
        'b.jsonc:1:19: video.width: expected an even number, got 721',
      ],
      ['null', '{"video":{"fps":null}}', 'b.jsonc:1:17: video.fps: expected a number, got null'],
      ['too small', '{"video":{"fps":0}}', 'b.jsonc:1:17: video.fps: expected 1 or more, got 0'],
      [
        'too large',
        '{"liveServer":{"rtmpPort":99999}}',
        'b.jsonc:1:27: liveServer.rtmpPort: expected 65535 or less, got 99999',
      ],
      [
        'choice',
        '{"video":{"tune":"zerolatancy"}}',
        'b.jsonc:1:18: video.tune: expected one of "zerolatency", "none", got "zerolatancy"; did you mean "zerolatency"?',
      ],
      [
        'settings at odds',
        '{"video":{"bFrames":2}}',
        'b.jsonc:1:21: video.bFrames: expected 0, or tune "none", got 2',
      ],
      ['unknown key', '{\r\n"vidoe": {} }', 'b.jsonc:2:1: unknown key "vidoe"; did you mean "video"?'],
      [
        'unknown inner key',
        '{"video":{"fsp": 1}}',
        'b.jsonc:1:11: video: unknown key "fsp"; did you mean "fps"?',
      ],
      [
        'unknown key of a union',
        '{"input":{"type":"screen","dsplay":":0"}}',
        'b.jsonc:1:27: input: unknown key "dsplay"; did you mean "display"?',
      ],
      [
        'unknown key in a list',
        '{"outputs":[{"id":"a","url":"rtmp://h/a","kee":"env:K"}]}',
        'b.jsonc:1:42: outputs[0]: unknown key "kee"; did you mean "key"?',
      ],
      [
        'unknown type of an output',
        '{"outputs":[{"id":"a","type":"rtpm","url":"rtmp://h/a"}]}',
        'b.jsonc:1:30: outputs[0].type: expected one of "rtmp", "srt", "rist", "udp", "hls", "whip", got "rtpm"; did you mean "rtmp"?',
      ],
      [
        'unknown scheme of an output',
        '{"outputs":[{"id":"a","url":"srt://h:9000"}]}',
        'b.jsonc:1:29: outputs[0].url: this address begins with srt://: add "type": "srt" to the output',
      ],
      [
        'unknown key like no other',
        '{"audio":{"colour":1}}',
        'b.jsonc:1:11: audio: unknown key "colour"; expected one of bitrateKbps',
      ],
      [
        'missing key',
        '{"outputs":[{"id":"a"}]}',
        'b.jsonc:1:13: outputs[0].url: missing; expected rtmp://HOST/APP or rtmps://HOST/APP, or a "platform" that has an address',
      ],
      [
        'input as a word',
        '{"input":"screen"}',
        'b.jsonc:1:10: input: expected an object { … }, for example { "type": "screen" }, got "screen"',
      ],
      [
        'input type',
        '{"input":{"type":"scren"}}',
        'b.jsonc:1:18: input.type: expected one of "test-pattern", "file", "image", "url", "screen", "camera", "microphone", "desktop-audio", "colour", "playlist", "browser", "source", "ingest", got "scren"; did you mean "screen"?',
      ],
      [
        'input without a type',
        '{"input":{}}',
        'b.jsonc:1:10: input.type: missing; expected one of "test-pattern", "file", "image", "url", "screen", "camera", "microphone", "desktop-audio", "colour", "playlist", "browser", "source", "ingest"',
      ],
      [
        'a profile that could not be a file',
        '{"profile":"../Up"}',
        'b.jsonc:1:12: profile: expected lower-case letters, digits, "-" and "_", 64 at most, such as "gaming", got "../Up"',
      ],
      [
        'a proposed API that there is not',
        '{"allowApiProposals":{"me.p":["splices"]}}',
        `b.jsonc:1:31: allowApiProposals.me.p[0]: expected one of ${API_PROPOSAL_NAMES.map((name) => `"${name}"`).join(', ')}, got "splices"`,
      ],
      ['top level', '[]', 'b.jsonc:1:1: expected an object { … }, got a list'],
      [
        'several, in the order of the file',
        '{\n"video": {"width": "a"},\n"audio": {"bitrateKbps": "b"},\n"input": {"type": "file"}\n}',
        'b.jsonc:2:20: video.width: expected a number, got "a"',
        'b.jsonc:3:26: audio.bitrateKbps: expected a number, got "b"',
        'b.jsonc:4:10: input.path: missing; expected text in double quotes',
      ],
      [
        'two outputs of one name',
        '{"outputs":[{"id":"a","url":"rtmp://h/a"},{"id":"a","url":"rtmp://h/b"}]}',
        'b.jsonc:1:49: outputs[1].id: expected an id that no other output has, got "a"',
      ],
      ['empty file', '', 'b.jsonc:1:1: the file is empty; expected { … }'],
      ['comment alone', '// nothing\n', 'b.jsonc:1:1: the file is empty; expected { … }'],
      ['no quotes', '{ video: {} }', 'b.jsonc:1:3: text needs double quotes'],
      ['no comma', '{\n"video": {}\n"audio": {}\n}', 'b.jsonc:3:1: expected "," before this'],
      ['no closing brace', '{"video": {', 'b.jsonc:1:12: expected "}", got the file\'s end'],
      ['a word as a value', '{"input": screen}', 'b.jsonc:1:11: text needs double quotes'],
      ['text after the end', '{} {}', "b.jsonc:1:4: expected the file's end"],
      [
        'Windows path',
        '{"ffmpeg": "C:\\ffmpeg.exe\\q"}',
        'b.jsonc:1:12: invalid escape; write \\\\ for a backslash',
      ],
      [
        'key given twice',
        '{"video":{"fps":1},\n"video":{"fps":2}}',
        'b.jsonc:2:1: video: this key is given twice; keep one of them',
      ],
    ];
    for (const [what, text, ...lines] of table) {
      it(what, () => {
        const error = mistakesIn(() => load(text));
        assert.deepEqual(error.message.split('\n'), lines);
        assert.equal(error.code, ErrorCodes.configInvalid);
      });
    }
  });

  describe('reports what the file is if it is not a configuration', () => {
    it('missing', () => {
      const error = mistakesIn(() => loadConfig('none.jsonc', {}, dir.path));
      assert.equal(error.message, `none.jsonc: no such configuration file: ${join(dir.path, 'none.jsonc')}`);
      assert.equal(error.code, ErrorCodes.configNotFound);
    });
    it('a folder', () => {
      assert.match(
        mistakesIn(() => loadConfig('.', {}, dir.path)).message,
        /^\.: expected a configuration file, got a folder$/,
      );
    });
    it('a media file', () => {
      assert.match(
        mistakesIn(() => load(Buffer.alloc(2_000_000))).message,
        /larger than .* given with --input b\.jsonc$/,
      );
      assert.match(mistakesIn(() => load(Buffer.from([0xff, 0xfe, 0x7b, 0]))).message, /not text in UTF-8/);
    });
  });

  describe('never repeats a secret', () => {
    for (const text of [
      '{"outputs":[{"id":"a","url":"http://h/live/s3cret"}]}',
      '{"outputs":[{"id":"a","url":"rtmp://h/a","key":["s3cret"]}]}',
      `{"outputs":[{"id":"a","url":"rtmp://h/a","key":s3cret}]}`,
      '{"outputs":[{"id":"a","url":"rtmp://u:s3cret@h:x/a"}]}',
    ]) {
      it(text, () => assert.doesNotMatch(mistakesIn(() => load(text)).message, /s3cret/));
    }
    it('of --output', () => {
      const error = mistakesIn(() => loadConfig(undefined, { outputs: ['http://h/live/s3cret'] }));
      assert.equal(
        error.message,
        '--output: expected http://HOST/PATH/NAME.m3u8 or https://HOST/PATH/NAME.m3u8, got one without the name of a playlist',
      );
    });
  });

  describe('paths', () => {
    it('are relative to the file, those of flags to the working folder', () => {
      mkdirSync(join(dir.path, 'show/plugins'), { recursive: true });
      for (const name of ['show/a.mp4', 'show/ca.pem', 'show/ffmpeg', 'b.mp4'])
        writeFileSync(join(dir.path, name), '');
      writeFileSync(
        join(dir.path, 'show/b.jsonc'),
        JSON.stringify({
          input: { type: 'file', path: 'a.mp4' },
          outputs: [
            {
              id: 'a',
              url: 'rtmps://h/a',
              key: 'file:secret/key',
              password: 'file:/abs',
              tlsCaFile: './ca.pem',
            },
            { id: 'b', url: 'rtmps://h/b', key: 'env:KEY' },
          ],
          plugins: ['plugins'],
          ffmpeg: 'ffmpeg',
        }),
      );
      const { config } = loadConfig('show/b.jsonc', {}, dir.path);
      const show = (name: string) => join(dir.path, 'show', name);
      assert.deepEqual(config.input, { type: 'file', path: show('a.mp4'), loop: true });
      assert.equal(config.outputs[0]?.key, `file:${show('secret/key')}`);
      assert.equal(config.outputs[0]?.password, 'file:/abs');
      assert.equal(config.outputs[0]?.tlsCaFile, show('ca.pem'));
      assert.equal(config.outputs[1]?.key, 'env:KEY');
      assert.deepEqual(config.plugins, [show('plugins')]);
      assert.equal(config.ffmpeg, show('ffmpeg'));

      const flags = { input: 'b.mp4', outputs: ['rtmp://h/x'], plugins: ['show'] };
      const overridden = loadConfig('show/b.jsonc', flags, dir.path).config;
      assert.deepEqual(overridden.input, { type: 'file', path: join(dir.path, 'b.mp4'), loop: true });
      assert.deepEqual(overridden.outputs, [{ id: 'h', type: 'rtmp', url: 'rtmp://h/x' }]);
      assert.deepEqual(overridden.plugins, [join(dir.path, 'show')]);
      assert.equal(overridden.ffmpeg, show('ffmpeg'));
    });

    it('that do not exist are all reported together', () => {
      const missing = mistakesIn(() =>
        load('{"input":{"type":"file","path":"no.mp4"},\n"plugins":["no"],\n"ffmpeg":"none"}'),
      );
      assert.deepEqual(
        missing.message.split('\n').map((line) => line.split(': ').slice(0, 2)),
        [
          ['b.jsonc:1:32', 'no such file'],
          ['b.jsonc:2:12', 'no such folder'],
          ['b.jsonc:3:10', 'no such file'],
        ],
      );
      assert.equal(missing.code, ErrorCodes.inputNotFound);
    });

    it('that do not exist are reported before anything starts', () => {
      const missing = mistakesIn(() => load('{"input":{"type":"file","path":"no.mp4"}}'));
      assert.equal(missing.message, `b.jsonc:1:32: no such file: ${join(dir.path, 'no.mp4')}`);
      assert.equal(missing.code, ErrorCodes.inputNotFound);
      assert.match(mistakesIn(() => load('{"plugins":["no"]}')).message, /^b\.jsonc:1:13: no such folder: /);
      assert.match(
        mistakesIn(() => load('{"plugins":["b.jsonc"]}')).message,
        /expected a folder, got a file/,
      );
      assert.match(mistakesIn(() => load('{"ffmpeg":"no"}')).message, /^b\.jsonc:1:11: no such file: /);
      assert.match(
        mistakesIn(() => load('{"outputs":[{"id":"a","url":"rtmps://h/a","tlsCaFile":"no.pem"}]}')).message,
        /^b\.jsonc:1:55: no such file: /,
      );
    });

    it('overridden by flags are not checked', () => {
      const { config } = load('{"input":{"type":"file","path":"no.mp4"}}', { input: 'test-pattern' });
      assert.deepEqual(config.input, { type: 'test-pattern' });
    });
  });

  describe('warns of secrets in the file itself', () => {
    const warnings = (output: object, flags: ConfigFlags = {}) =>
      load(JSON.stringify({ outputs: [{ id: 'a', url: 'rtmp://h/app', ...output }] }), flags).warnings.map(
        ({ where, message }) => `${where}: ${message}`,
      );

    it('keys, passwords and addresses with a key', () => {
      assert.deepEqual(warnings({ key: 'abc' }), [
        'b.jsonc:1:50: outputs[0].key can be read by anyone who gets this file; use "keyring:NAME", "env:NAME" or "file:PATH" instead',
      ]);
      assert.match(warnings({ password: 'abc' })[0] ?? '', /outputs\[0\]\.password/);
      assert.match(warnings({ url: 'rtmp://live.example.org/app/key' })[0] ?? '', /outputs\[0\]\.url/);
    });

    it('but not of references, addresses without a key, or values overridden by flags', () => {
      assert.deepEqual(warnings({ key: 'env:KEY', password: 'file:pw' }), []);
      assert.deepEqual(warnings({}), []);
      assert.deepEqual(warnings({ url: 'rtmp://127.0.0.1:1935/live/stream' }), []);
      assert.deepEqual(warnings({ url: 'rtmp://h/app/instance', key: 'env:KEY' }), []);
      assert.deepEqual(warnings({ key: 'abc' }, { outputs: ['rtmp://h/x'] }), []);
    });
  });
});
