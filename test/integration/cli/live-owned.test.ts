import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { BroadcastConfigSchema } from '../../../src/config/schema.js';
import { ErrorCodes } from '../../../src/protocol/errors.js';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import { isAlive } from '../../support/children.js';
import { eventually } from '../../support/wait.js';
import { CliFixture } from './cli-run.js';

const FAILED_INPUT = {
  code: ErrorCodes.inputUnreachable,
  message: 'the camera was unplugged',
  remedy: 'Plug it in.',
};

describe('bulkhead live in spawn and hybrid mode', () => {
  let fixture: CliFixture;

  beforeEach(() => {
    fixture = new CliFixture();
  });

  afterEach(() => fixture.end());

  it('starts a core, goes live, shows it, and ends both in order on Ctrl-C', async () => {
    const run = fixture.run(['live'], { pageUrl: 'http://127.0.0.1:8000/' });
    await run.printed('● live');
    const { pid, argv } = await fixture.journaled('started');
    assert.deepEqual(argv.slice(0, 4), ['--address', fixture.address, '--mode', 'spawn']);
    run.signal();
    assert.equal(await run.exitCode, ExitCodes.ok);
    assert.equal(fixture.journal().at(-1)?.event, 'shutdown');
    assert(!isAlive(pid));
    assert.equal(run.stderr, '');
    assert.deepEqual(
      run.stdout.split('\n').filter((line) => !line.startsWith('●')),
      [
        'Watch at http://127.0.0.1:8000/',
        'Ending the broadcast; press Ctrl-C again to end it at once.',
        'The broadcast has ended.',
        '',
      ],
    );
  });

  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    it(`ends in order on ${signal} too`, async () => {
      const run = fixture.run(['live']);
      await run.printed('● live');
      run.signal(signal);
      assert.equal(await run.exitCode, ExitCodes.ok);
      assert.equal(fixture.journal().at(-1)?.event, 'shutdown');
    });
  }

  it('ends in order when the signals of a closed terminal come together', async () => {
    const run = fixture.run(['live'], { stopMs: 300 });
    await run.printed('● live');
    for (const signal of ['SIGHUP', 'SIGTERM', 'SIGHUP'] as const) run.signal(signal);
    assert.equal(await run.exitCode, ExitCodes.ok);
    assert.equal(fixture.journal().at(-1)?.event, 'shutdown');
  });

  it('ends at once when Ctrl-C is pressed twice', async () => {
    const run = fixture.run(['live'], { stopMs: 60_000 });
    await run.printed('● live');
    const { pid } = await fixture.journaled('started');
    run.signal();
    await run.printed('● stopping');
    run.signal();
    assert.equal(await run.exitCode, ExitCodes.interrupted);
    assert(!isAlive(pid));
  });

  it('ends on Ctrl-C before it is live', async () => {
    const run = fixture.run(['live']);
    await fixture.journaled('started');
    run.signal();
    assert.equal(await run.exitCode, ExitCodes.ok, run.stderr);
  });

  it('tells the core the whole configuration, with the flags over the file', async () => {
    writeFileSync(join(fixture.folder, 'show.jsonc'), '{ "video": { "fps": 25 }, "outputs": [] } // mine');
    const run = fixture.run([
      'live',
      'show.jsonc',
      '--output',
      'rtmp://h/app/s3cret',
      '--input',
      'screen::9',
    ]);
    await run.printed('● live');
    const { config } = (await fixture.journaled('config')) as { config: Record<string, unknown> };
    assert.deepEqual(config['input'], { type: 'screen', display: ':9' });
    assert.deepEqual(config['outputs'], [{ id: 'h', type: 'rtmp', url: 'rtmp://h/app/s3cret' }]);
    assert.equal((config['video'] as { fps: number }).fps, 25);
    run.signal();
    assert.equal(await run.exitCode, ExitCodes.ok);
    const { argv } = await fixture.journaled('started');
    assert.doesNotMatch(argv.join(' ') + run.stdout + run.stderr, /s3cret/);
  });

  it('passes on how the core runs', async () => {
    const run = fixture.run([
      'live',
      '--isolate',
      'encoder',
      '--log-level',
      'debug',
      '--log-file',
      '/dev/null',
    ]);
    await run.printed('● live');
    run.signal();
    assert.equal(await run.exitCode, ExitCodes.ok);
    const { argv } = await fixture.journaled('started');
    assert.deepEqual(argv, [
      ...['--address', fixture.address, '--mode', 'hybrid', '--isolate', 'encoder'],
      ...['--log-level', 'debug', '--log-file', '/dev/null'],
    ]);
  });

  it('starts a core that was killed again, with the same broadcast, the page where it was, and what was set on air', async () => {
    const { video } = BroadcastConfigSchema.parse({});
    const settings = { video: { ...video, preset: 'faster' }, audio: { bitrateKbps: 96 }, ffmpeg: '/ffmpeg' };
    const run = fixture.run(['live', '--input', 'screen'], { pageUrl: 'http://127.0.0.1:8123/', settings });
    await run.printed('● live');
    for (const nth of [1, 2]) {
      const { pid } = await fixture.journaled('config', nth);
      process.kill(pid, 'SIGKILL');
      const { config } = (await fixture.journaled('config', nth + 1)) as {
        config: {
          input: object;
          liveServer: { httpPort: number };
          video: object;
          audio: object;
          ffmpeg: string;
        };
      };
      assert.deepEqual(config.input, { type: 'screen' });
      assert.deepEqual({ video: config.video, audio: config.audio, ffmpeg: config.ffmpeg }, settings);
      assert.equal(config.liveServer.httpPort, 8123);
      await eventually(`return number ${nth}`, () => {
        const returns = run.stdout.match(/died \(SIGKILL\); restarting it\.|On air again after \d+\.\d s/g);
        return returns?.length === 2 * nth ? true : undefined;
      });
    }
    assert.equal(run.stdout.match(/Watch at/g)?.length, 1);
    run.signal();
    assert.equal(await run.exitCode, ExitCodes.ok);
  });

  it('has the core follow the configuration file, and one that takes its place begin with the edit', async () => {
    const file = join(fixture.folder, 'show.jsonc');
    const write = (bitrate: unknown) =>
      writeFileSync(file, `{\n  "video": { "bitrateKbps": ${bitrate} }\n}\n`);
    const bitrateOf = (entry: { readonly config: unknown }) =>
      BroadcastConfigSchema.parse(entry.config).video.bitrateKbps;
    write(1000);
    const run = fixture.run(['live', 'show.jsonc', '--input', 'screen'], {
      pageUrl: 'http://127.0.0.1:8123/',
    });
    await run.printed('● live');
    write(2000);
    const edited = await fixture.journaled('edited');
    assert.equal(bitrateOf(edited), 2000);
    assert.deepEqual(
      BroadcastConfigSchema.parse(edited.config).input,
      { type: 'screen' },
      'flags still count',
    );
    write('"much"');
    await run.printed('show.jsonc:2:29: video.bitrateKbps: expected a number, got "much"');
    await run.printed('The broadcast goes on as it is: nothing was changed.');
    process.kill((await fixture.journaled('started')).pid, 'SIGKILL');
    const { config } = await fixture.journaled('config', 2);
    const { video, liveServer } = BroadcastConfigSchema.parse(config);
    assert.deepEqual([video.bitrateKbps, liveServer.httpPort], [2000, 8123]);
    write(3000);
    const { config: last } = await fixture.journaled('edited', 2);
    assert.deepEqual([bitrateOf({ config: last }), Object(last).liveServer.httpPort], [3000, 8123]);
    run.signal();
    assert.equal(await run.exitCode, ExitCodes.ok);
  });

  it('gives up when the core says that its settings are wrong', async () => {
    const run = fixture.run(['live'], {
      exitAtOnce: ExitCodes.badSettings,
      words: 'a core already runs there',
    });
    assert.equal(await run.exitCode, ExitCodes.badSettings);
    assert.equal(run.stdout, 'a core already runs there\n');
    assert.equal(fixture.journal().length, 1);
  });

  it('gives up when the core never comes up', async () => {
    const run = fixture.run(['live'], { exitAtOnce: ExitCodes.crash, words: 'Error: it is broken' });
    assert.equal(await run.exitCode, ExitCodes.unavailable);
    assert.equal(run.stdout.match(/it is broken/g)?.length, 3);
    assert.match(run.stderr, /^bulkhead: the core died 3 times during startup\. .*doctor/);
  });

  it('says why a broadcast is refused', async () => {
    const refuse = {
      code: ErrorCodes.secretNotFound,
      message: 'the environment has no KEY',
      where: 'outputs.a.key',
    };
    const run = fixture.run(['live'], { refuse });
    assert.equal(await run.exitCode, ExitCodes.badSettings);
    assert.equal(run.stderr, 'bulkhead: outputs.a.key: the environment has no KEY\n');
  });

  it('ends when the input does', async () => {
    const run = fixture.run(['live'], { endWith: 'nothing' });
    assert.equal(await run.exitCode, ExitCodes.ok);
    assert.match(run.stdout, /The broadcast has ended\.\n$/);
    await fixture.journaled('shutdown');
  });

  it('says why the broadcast could not stay on air', async () => {
    const run = fixture.run(['live'], { endWith: FAILED_INPUT });
    assert.equal(await run.exitCode, ExitCodes.unavailable);
    assert.equal(run.stderr, 'bulkhead: the broadcast has ended: the camera was unplugged. Plug it in.\n');
  });

  it('starts no broadcast with a wrong configuration, and leaves no core', async () => {
    writeFileSync(join(fixture.folder, 'b.jsonc'), '{"video":{"fps":"thirty"}}');
    const run = fixture.run(['live', 'b.jsonc']);
    assert.equal(await run.exitCode, ExitCodes.badSettings);
    assert.equal(run.stderr, 'b.jsonc:1:17: video.fps: expected a number, got "thirty"\n');
    assert.equal(run.stdout, '');
    assert(fixture.journal().every(({ event, pid }) => event === 'started' && !isAlive(pid)));
  });

  it('warns of keys in the configuration, and goes live', async () => {
    writeFileSync(
      join(fixture.folder, 'b.jsonc'),
      '{"outputs":[{"id":"a","url":"rtmp://h/a","key":"s3cret"}]}',
    );
    const run = fixture.run(['live', 'b.jsonc']);
    await run.printed('● live');
    run.signal();
    assert.equal(await run.exitCode, ExitCodes.ok);
    assert.match(run.stderr, /^b\.jsonc:1:48: warning: outputs\[0\]\.key can be read/);
    assert.doesNotMatch(run.stderr, /s3cret/);
  });

  for (const args of [
    ['--mode', 'hybrid'],
    ['--mode', 'spawn', '--isolate', 'plugins'],
  ]) {
    it(`refuses ${args.join(' ')}`, async () => {
      const run = fixture.run(['live', ...args]);
      assert.equal(await run.exitCode, ExitCodes.badSettings);
      assert.match(run.stderr, /^bulkhead: .*--isolate plugins or --isolate encoder\.\n$/);
      assert(!existsSync(join(fixture.folder, 'journal')));
    });
  }

  it('writes one status line over and over on a terminal, and what is new above it', async () => {
    const run = fixture.run(['live'], { pageUrl: 'http://127.0.0.1:8000/' }, { columns: 40 });
    await run.printed('● live');
    run.signal();
    assert.equal(await run.exitCode, ExitCodes.ok);
    const lines = run.stdout.split('\n').filter((line) => line.includes('●'));
    const updates = lines
      .flatMap((line) => line.split('\r\x1b[K'))
      .map((line) => stripVTControlCharacters(line));
    assert(updates.some((line) => line.startsWith('● live  0:00:00  30.0 fps')));
    for (const line of updates) assert(line.length <= 39 || !line.startsWith('●'), line);
  });
});
