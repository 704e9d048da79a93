import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import { version } from '../../../src/version.js';
import { allGone, isAlive } from '../../support/children.js';
import { eventually } from '../../support/wait.js';
import { InstalledBundle } from './bundle-run.js';
import { CliFixture } from './cli-run.js';

interface DoctorReport {
  readonly canGoLive: boolean;
  readonly findings: readonly {
    readonly subject: string;
    readonly verdict: string;
    readonly message: string;
    readonly remedy?: string;
    readonly details?: readonly string[];
  }[];
}

describe('the bundled bulkhead command', () => {
  let fixture: CliFixture;
  let bundle: InstalledBundle;

  beforeEach(() => {
    fixture = new CliFixture();
    bundle = new InstalledBundle(fixture.folder);
  });

  afterEach(async () => {
    await bundle.end();
    await fixture.end();
  });

  const start = (...args: string[]) =>
    bundle.start([...args, '--address', fixture.address], { FAKE_CORE: fixture.fakeCore({}) });

  it('prints help: commands, examples, exit codes', async () => {
    const program = await bundle.run(['--help']);
    assert.equal(program.code, ExitCodes.ok);
    for (const word of ['live', 'core', 'start', 'stop', 'status', 'doctor', 'Examples:', 'Exit codes:']) {
      assert(program.stdout.includes(word), word);
    }
    const live = await bundle.run(['live', '--help']);
    assert.equal(live.code, ExitCodes.ok);
    for (const word of [
      '--input',
      '--output',
      '--mode',
      '--isolate',
      '--address',
      '--plugins',
      '--log-level',
      'Modes:',
    ]) {
      assert(live.stdout.includes(word), word);
    }
    assert.equal((await bundle.run(['--version'])).stdout, `${version}\n`);
  });

  const mistakes: [args: string[], line: RegExp][] = [
    [['lvie'], /^bulkhead: unknown command 'lvie' \(Did you mean live\?\)$/],
    [['live', '--inptu', 'x'], /^bulkhead: unknown option '--inptu' \(Did you mean --input\?\)$/],
    [
      ['live', '--mode', 'fast'],
      /^bulkhead: .*'fast' is invalid\. Allowed choices are spawn, attach, hybrid\.$/,
    ],
    [
      ['live', '--output', 'rtmp:/h/app'],
      /^--output: expected rtmp:\/\/HOST\/APP\/KEY or rtmps:\/\/HOST\/APP\/KEY, got text that/,
    ],
    [['live', '--input', 'none.mp4'], /^--input: no such file: .*none\.mp4$/],
    [['live', 'none.jsonc'], /^none\.jsonc: no such configuration file: /],
    [['start', 'wrong.jsonc'], /^wrong\.jsonc:2:10: video: unknown key "fsp"; did you mean "fps"\?$/],
    [
      ['status', '--address', `/${'x'.repeat(200)}/s`],
      /^bulkhead: .*the address is 203 bytes long; .* Give a shorter one/,
    ],
  ];
  for (const [args, line] of mistakes) {
    it(`prints one clear line for "${args.join(' ').slice(0, 40)}"`, async () => {
      writeFileSync(join(fixture.folder, 'wrong.jsonc'), '{ "video": {\n         "fsp": 30 } }');
      const { code, stdout, stderr } = await bundle.run(args, { FAKE_CORE: fixture.fakeCore({}) });
      assert.equal(code, ExitCodes.badSettings, stderr);
      assert.equal(stdout, '');
      assert.match(stderr.slice(0, -1), line);
      assert.equal(stderr.indexOf('\n'), stderr.length - 1);
    });
  }

  it('explains how to start a core if it cannot attach', async () => {
    const run = start('live', '--mode', 'attach');
    assert.equal(await run.exitCode, ExitCodes.unavailable);
    assert.match(run.stderr, /^bulkhead: no core runs at .*\. Start one with: bulkhead core --address .*\n$/);
  });

  it('ends in order on a real Ctrl-C', async () => {
    const run = start('live');
    await run.printed('● live');
    run.ctrlC();
    assert.equal(await run.exitCode, ExitCodes.ok);
    assert.equal(fixture.journal().at(-1)?.event, 'shutdown');
    assert.equal(run.stderr, '');
  });

  it('ends immediately on a second one', async () => {
    const run = bundle.start(['live', '--address', fixture.address], {
      FAKE_CORE: fixture.fakeCore({ stopMs: 60_000 }),
    });
    await run.printed('● live');
    const { pid } = await fixture.journaled('started');
    run.ctrlC();
    await run.printed('● stopping');
    run.ctrlC();
    assert.equal(await run.exitCode, ExitCodes.interrupted);
    assert(!isAlive(pid));
  });

  it('ends its core when it is killed', async () => {
    const run = start('live');
    await run.printed('● live');
    const { pid } = await fixture.journaled('started');
    run.child.kill('SIGKILL');
    await run.exitCode;
    assert.deepEqual(await allGone([pid], 10_000), []);
  });

  it('stays on air when its output is no longer read', async () => {
    const run = start('live');
    await run.printed('● live');
    run.child.stdout?.destroy();
    const { pid } = await fixture.journaled('started');
    process.kill(pid, 'SIGKILL');
    const second = await fixture.journaled('config', 2);
    assert(isAlive(second.pid));
    run.ctrlC();
    assert.equal(await run.exitCode, ExitCodes.ok);
  });

  it('core becomes the core, which start, status and stop control', async () => {
    const core = start('core', '--log-level', 'warn');
    const { pid, argv } = await fixture.journaled('started');
    await eventually('the control socket', () => (existsSync(fixture.address) ? true : undefined));
    assert.equal(pid, core.child.pid);
    assert.deepEqual(argv, ['--address', fixture.address, '--mode', 'attach', '--log-level', 'warn']);
    const client = async (...args: string[]) => {
      const run = start(...args);
      assert.equal(await run.exitCode, ExitCodes.ok, run.stderr);
      return run.stdout;
    };
    await client('start', '--input', 'screen');
    const status = JSON.parse(await client('status', '--json')) as { state: string; core: { pid: number } };
    assert.deepEqual([status.state, status.core.pid], ['live', pid]);
    await client('stop', '--core');
    assert.equal(await core.exitCode, ExitCodes.ok);
  });

  it('doctor --json checks all prerequisites of a broadcast', async () => {
    const run = start('doctor', '--json');
    assert.equal(await run.exitCode, ExitCodes.ok, run.stdout + run.stderr);
    const { canGoLive, findings } = JSON.parse(run.stdout) as DoctorReport;
    assert(canGoLive);
    const verdicts = new Map(findings.map(({ subject, verdict }) => [subject, verdict]));
    for (const subject of ['node', 'ffmpeg', 'H.264', 'AAC', 'address'])
      assert.equal(verdicts.get(subject), 'ok', subject);
    for (const subject of ['screens', 'cameras', 'microphones', 'port 1935', 'port 8000'])
      assert(verdicts.has(subject));
    const ffmpeg = findings.find(({ subject }) => subject === 'ffmpeg');
    assert.match(ffmpeg?.message ?? '', / at \/.*ffmpeg, from /);
    assert(ffmpeg?.details?.some((detail) => /^(configuration|ffmpeg-static): not /.test(detail)));
  });

  it('doctor reports what is missing, and how to get it', async () => {
    writeFileSync(
      join(fixture.folder, 'b.jsonc'),
      '{"outputs":[{"id":"a","url":"rtmp://127.0.0.1:9/app","key":"env:NO_SUCH_KEY"}],"plugins":["bin"]}',
    );
    const env = { PATH: '/nowhere', FFMPEG_BIN: '', FAKE_CORE: fixture.fakeCore({}) };
    const run = bundle.start(['doctor', 'b.jsonc', '--address', fixture.address], env);
    assert.equal(await run.exitCode, ExitCodes.unavailable);
    assert.equal(run.stderr, '');
    assert.match(run.stdout, /^✗ ffmpeg +there is none$/m);
    assert.match(run.stdout, /^ +PATH: no "ffmpeg" on the PATH$/m);
    assert.match(run.stdout, /^ +→ Install it, /m);
    assert.match(
      run.stdout,
      /^✗ output a +its key is missing: the environment has no NO_SUCH_KEY\n +→ Set NO_SUCH_KEY/m,
    );
    assert.match(run.stdout, /^✗ output a +127\.0\.0\.1:9 does not respond: ECONNREFUSED$/m);
    assert.match(run.stdout, /^✗ plugin +\/.*bin: /m);
    assert.match(run.stdout, /cannot go live yet/);
  });
});
