import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import { type BulkheadOptions, runBulkhead } from '../../support/bulkhead.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe('settings that cannot work', function () {
  this.timeout(60_000);
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('bad-settings');
  });

  afterEach(() => folder.dispose());

  const write = (name: string, text: string, mode = 0o644) => {
    const file = join(folder.path, name);
    writeFileSync(file, text);
    chmodSync(file, mode);
    return file;
  };

  /** The command exits with one line for its user. Files to read in `args` are made by {@link write}. */
  async function refuses(
    args: readonly string[],
    code: number,
    said: RegExp,
    options: BulkheadOptions = {},
  ): Promise<void> {
    const result = await runBulkhead(args, { address: join(folder.path, 'core.sock'), ...options });
    assert.match(result.stderr, /^[^\n]+\n$/, `one line; stdout: ${result.stdout}`);
    assert.match(result.stderr, said);
    assert.equal(result.code, code, result.stderr);
    assert.doesNotMatch(result.stdout, /^ +at |Error:/m, 'no stack');
    const left = readdirSync(folder.path).filter((name) => name.startsWith('core.'));
    assert.deepEqual(left, [], 'no socket and no token');
  }

  const SETTINGS_CASES: readonly [what: string, config: string, said: RegExp][] = [
    [
      'a value of the wrong type',
      '{\n  "video": { "width": "wide" }\n}',
      /show\.json:2:\d+: video\.width: expected a number, got "wide"/,
    ],
    [
      'a key that nobody knows',
      '{\n\n  "vidoe": {}\n}',
      /show\.json:3:3: unknown key "vidoe"; did you mean "video"\?/,
    ],
    ['what is not JSON', '{ "video": { "width": } }', /show\.json:1:\d+: expected a value/],
    [
      'an input file that is not there',
      '{ "input": { "type": "file", "path": "gone.mp4" } }',
      /show\.json:1:\d+: no such file: \S+gone\.mp4/,
    ],
    [
      'a folder of plugins that is not there',
      '{ "plugins": ["gone"] }',
      /show\.json:1:\d+: no such folder: \S+gone/,
    ],
    [
      'an environment variable for the key that is not set',
      '{ "outputs": [{ "id": "main", "url": "rtmp://127.0.0.1/live", "key": "env:BULKHEAD_NO_SUCH_KEY" }] }',
      /^bulkhead: outputs\.main: the environment variable BULKHEAD_NO_SUCH_KEY is not set\. Set /,
    ],
  ];
  for (const [what, config, said] of SETTINGS_CASES) {
    it(`reports where the configuration has ${what}`, () =>
      refuses(['live', write('show.json', config)], ExitCodes.badSettings, said));
  }

  it('reports which input of the command line is missing', () =>
    refuses(
      ['live', '--input', join(folder.path, 'gone.mp4')],
      ExitCodes.badSettings,
      /^--input: no such file: \S+gone\.mp4\n/,
    ));

  it('reports that a file is not media', () =>
    refuses(
      ['live', '--input', write('notes.mp4', 'not a film')],
      ExitCodes.badSettings,
      /^bulkhead: the broadcast could not go live: .*not media that ffmpeg can read/,
    ));

  it('reports that a folder of plugins does not exist', () =>
    refuses(
      ['live', '--plugins', '/nosuch'],
      ExitCodes.badSettings,
      /^--plugins: no such folder: \/nosuch\n$/,
    ));

  it('reports that a folder contains no plugin', async () => {
    const empty = join(folder.path, 'empty');
    mkdirSync(empty);
    await refuses(
      ['live', '--plugins', empty],
      ExitCodes.badSettings,
      /^bulkhead: \S+empty: expected a plugin/,
    );

    const bare = join(folder.path, 'bare');
    mkdirSync(bare);
    writeFileSync(join(bare, 'main.js'), 'exports.activate = () => {};');
    await refuses(
      ['live', '--plugins', bare],
      ExitCodes.badSettings,
      /^bulkhead: \S+bare: expected a plugin, which has a package\.json/,
    );
  });

  it('explains how to start a core if none runs', () =>
    refuses(
      ['live', '--mode', 'attach'],
      ExitCodes.unavailable,
      /^bulkhead: no core runs at (\S+)\. Start one with: bulkhead core --address \1\n/,
    ));

  // The encoder runs as a process in the one, and inside the core in the other.
  const PLACES = [[], ['--mode', 'hybrid', '--isolate', 'plugins']] as const;

  for (const place of PLACES) {
    const where = place.length === 0 ? 'spawn' : 'hybrid';
    it(`reports that ffmpeg does not start (${where})`, async () => {
      const file = write('ffmpeg', '#!/bin/sh\necho "cannot find libnothing.so" >&2\nexit 1\n', 0o755);
      await refuses(
        ['live', ...place],
        ExitCodes.unavailable,
        /^bulkhead: the broadcast could not go live: .*ffmpeg ended 3 times before its first frame\. .*exit code 1/,
        { env: { FFMPEG_BIN: file } },
      );
    });

    it(`reports that FFMPEG_BIN is not a program (${where})`, () =>
      refuses(
        ['live', ...place],
        ExitCodes.unavailable,
        /^bulkhead: the broadcast could not go live: The ffmpeg that FFMPEG_BIN names cannot be used: \/nosuch does not exist\. Fix/,
        { env: { FFMPEG_BIN: '/nosuch' } },
      ));

    it(`reports that the configured ffmpeg does not exist, or is not a program (${where})`, async () => {
      const config = write('show.json', '{ "ffmpeg": "ffmpeg" }');
      await refuses(
        ['live', config, ...place],
        ExitCodes.unavailable,
        /show\.json:1:\d+: no such file: \S+ffmpeg\n/,
      );
      const file = write('ffmpeg', 'hello', 0o644);
      await refuses(
        ['live', config, ...place],
        ExitCodes.unavailable,
        /^bulkhead: the broadcast could not go live: The configured ffmpeg cannot be used: \S+ffmpeg may not be run\. Fix/,
      );
      chmodSync(file, 0o755);
      await refuses(
        ['live', config, ...place],
        ExitCodes.unavailable,
        /^bulkhead: the broadcast could not go live: .*ffmpeg (cannot be started|ended 3 times before its first frame)/,
      );
    });
  }
});
