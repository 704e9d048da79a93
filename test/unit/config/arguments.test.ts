import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parseInputArgument, parseOutputArguments } from '../../../src/config/arguments.js';
import { ConfigError } from '../../../src/config/config-error.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe('--input', () => {
  let dir: TempDir;

  before(() => {
    dir = tempDir('arguments');
    for (const name of ['a.mp4', 'b.PNG', 'screen']) writeFileSync(join(dir.path, name), '');
  });

  after(() => dir.dispose());

  const table: [argument: string, input: object][] = [
    ['test-pattern', { type: 'test-pattern' }],
    ['screen', { type: 'screen' }],
    ['screen::0.0', { type: 'screen', display: ':0.0' }],
    ['camera', { type: 'camera' }],
    ['camera:/dev/video1', { type: 'camera', device: '/dev/video1' }],
    ['microphone', { type: 'microphone' }],
    ['desktop-audio', { type: 'desktop-audio' }],
    ['desktop-audio:x.monitor', { type: 'desktop-audio', device: 'x.monitor' }],
    ['microphone:hw:1,0', { type: 'microphone', device: 'hw:1,0' }],
    ['rtsp://cam.example/1', { type: 'url', url: 'rtsp://cam.example/1' }],
    ['HTTPS://example.org/a.m3u8', { type: 'url', url: 'HTTPS://example.org/a.m3u8' }],
  ];
  for (const [argument, input] of table) {
    it(argument, () => assert.deepEqual(parseInputArgument(argument, dir.path), input));
  }

  it('takes files, and frames by their extension', () => {
    assert.deepEqual(parseInputArgument('a.mp4', dir.path), {
      type: 'file',
      path: join(dir.path, 'a.mp4'),
      loop: true,
    });
    assert.deepEqual(parseInputArgument('./b.PNG', dir.path), {
      type: 'image',
      path: join(dir.path, 'b.PNG'),
    });
    assert.deepEqual(parseInputArgument('./screen', dir.path), {
      type: 'file',
      path: join(dir.path, 'screen'),
      loop: true,
    });
  });

  const wrong: [argument: string, message: RegExp][] = [
    ['no.mp4', /^--input: no such file: .*no\.mp4$/],
    ['test-patern', /^--input: no such file: .*; expected test-pattern, colour, ingest, screen, /],
    ['.', /^--input: expected a file, got a folder: /],
    ['', /^--input: expected text, got none$/],
    ['ftp://h/a.mp4', /^--input: expected an rtmp, rtsp, srt, http, udp or tcp address$/],
  ];
  for (const [argument, message] of wrong) {
    it(`refuses ${argument === '' ? 'nothing' : argument}`, () => {
      assert.throws(() => parseInputArgument(argument, dir.path), { name: 'ConfigError', message });
    });
  }

  it('is parsed or rejected with one clear error, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (argument) => {
        try {
          assert(parseInputArgument(argument, dir.path).type);
        } catch (error) {
          assert(error instanceof ConfigError, String(error));
          assert.match(error.message, /^--input: ./);
        }
      }),
    );
  });
});

describe('--output', () => {
  const ids = (...urls: string[]) => parseOutputArguments(urls).map(({ id }) => id);

  it('is named after its host if that is unique', () => {
    assert.deepEqual(ids('rtmp://live.twitch.tv/app/key'), ['live-twitch-tv']);
    assert.deepEqual(ids('rtmp://a.b/x', 'rtmps://c:443/y', 'rtmp://u:p@d/z'), ['a-b', 'c', 'd']);
    assert.deepEqual(ids('rtmp://a/x', 'rtmp://a/y', 'rtmp://[::1]/z'), ['output-1', 'output-2', 'output-3']);
  });

  it('keeps the address as it was given', () => {
    const url = 'rtmp://u:p@live.example.org:1936/app/key?a=b&c';
    assert.deepEqual(parseOutputArguments([url]), [{ id: 'live-example-org', type: 'rtmp', url }]);
  });

  for (const url of [
    '',
    'rtmp://host',
    'rtmp://host/',
    'http://host/app',
    'rtmp://host/app key',
    'rtmp://h:x/a',
  ]) {
    it(`refuses "${url}"`, () => {
      assert.throws(() => parseOutputArguments([url]), {
        message: /^--output: expected (?:rtmp|https?|an|a)\b/,
      });
    });
  }
});
