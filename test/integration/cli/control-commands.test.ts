import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { createServer } from 'node:net';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import { NO_OUTPUT_STATISTICS } from '../../../src/protocol/output-statistics.js';
import { CliFixture } from './cli-run.js';
import { FakeCore, IDLE } from './fake-core.js';

describe('bulkhead start, stop and status', () => {
  let fixture: CliFixture;
  let core: FakeCore;

  beforeEach(async () => {
    fixture = new CliFixture();
    core = new FakeCore();
    await core.listen(fixture.address);
  });

  afterEach(async () => {
    core.dispose();
    await fixture.end();
  });

  const run = async (...args: string[]) => {
    const command = fixture.run(args);
    const exitCode = await command.exitCode;
    return { exitCode, stdout: command.stdout, stderr: command.stderr };
  };

  it('start goes live and returns; a second one is refused', async () => {
    const started = await run('start', '--input', 'screen', '--output', 'rtmp://h/a/key');
    assert.deepEqual({ ...started, stdout: '' }, { exitCode: ExitCodes.ok, stdout: '', stderr: '' });
    assert.match(started.stdout, /bulkhead status/);
    assert.deepEqual(core.config?.outputs, [{ id: 'h', type: 'rtmp', url: 'rtmp://h/a/key' }]);
    const second = await run('start');
    assert.equal(second.exitCode, ExitCodes.unavailable);
    assert.equal(second.stderr, 'bulkhead: already live\n');
  });

  it("start reports the core's refusal, with what to do", async () => {
    core.refusal = new BulkheadError(ErrorCodes.secretNotFound, 'the environment has no KEY', {
      where: 'a',
      remedy: 'Set KEY.',
    });
    const { exitCode, stderr } = await run('start');
    assert.equal(exitCode, ExitCodes.badSettings);
    assert.equal(stderr, 'bulkhead: a: the environment has no KEY. Set KEY.\n');
  });

  it('start checks the configuration before it asks the core', async () => {
    const { exitCode, stderr } = await run('start', 'none.jsonc');
    assert.equal(exitCode, ExitCodes.badSettings);
    assert.match(stderr, /^none\.jsonc: no such configuration file: /);
    assert.deepEqual(core.received, []);
  });

  it("answer lists plugins' questions, and answers by text or number", async () => {
    assert.equal((await run('answer')).stdout, 'No plugin has an open question.\n');
    const question = {
      id: 3,
      plugin: 'me.chat',
      severity: 'warning',
      message: 'Lower the \u001b[31mbitrate?',
      actions: ['Yes', 'No'],
      atMs: 0,
    } as const;
    core.change('live', { questions: [question] });
    assert.equal(
      (await run('answer')).stdout,
      '3  me.chat: Lower the bitrate?\n   1 Yes   2 No\n   answer with: bulkhead answer 3 N\n',
    );
    assert.deepEqual(JSON.parse((await run('answer', '3', '--json')).stdout), [question]);
    assert.deepEqual(await run('answer', '3', '2'), { exitCode: 0, stdout: '', stderr: '' });
    await run('answer', '3', 'Yes');
    await run('answer', '3', '--dismiss');
    const { exitCode, stderr } = await run('answer', '4', '1');

    assert.equal(exitCode, ExitCodes.unavailable);
    assert.equal(stderr, 'bulkhead: there is no open question 4. See "bulkhead answer".\n');
    assert.deepEqual(
      core.received.filter((call) => call.startsWith('3:')),
      ['3: No', '3: Yes', '3: null'],
    );
  });

  it('run passes arguments as JSON if they are valid, else as text, and prints the result', async () => {
    const { exitCode, stdout } = await run('run', 'echo', '3', 'three', '{"a":1}', '--json');
    assert.equal(exitCode, ExitCodes.ok);
    assert.deepEqual(JSON.parse(stdout), [3, 'three', { a: 1 }]);
    const unknown = await run('run', 'nothing');
    assert.equal(unknown.exitCode, ExitCodes.unavailable);
    assert.equal(unknown.stderr, 'bulkhead: there is no command "nothing"\n');
  });

  it('stop ends the broadcast, and with --core the core', async () => {
    core.change('live');
    assert.match((await run('stop')).stdout, /^The broadcast has ended; the core keeps/);
    assert.equal(core.status.state, 'idle');
    assert.match((await run('stop')).stdout, /^No broadcast was running; the core keeps/);
    assert(!core.received.includes('core/shutdown'));
    assert.match((await run('stop', '--core')).stdout, /the core has ended\.$/m);
    assert(core.received.includes('core/shutdown'));
    const { state } = JSON.parse((await run('stop', '--json')).stdout) as { state: string };
    assert.equal(state, 'idle');
  });

  it("status --json prints the core's status", async () => {
    core.change('live', { uptimeMs: 5 });
    const { exitCode, stdout } = await run('status', '--json');
    assert.equal(exitCode, ExitCodes.ok);
    const { revision, address } = core.status;
    assert.deepEqual(JSON.parse(stdout), { ...IDLE, revision, address, state: 'live', uptimeMs: 5 });
  });

  it('status --watch --json prints a line for each change, until a signal ends it', async () => {
    const watching = fixture.run(['status', '--watch', '--json']);
    await watching.printed('"idle"');
    core.change('live');
    await watching.printed('"live"');
    watching.signal();
    assert.equal(await watching.exitCode, ExitCodes.ok);
    const lines = watching.stdout.trim().split('\n');
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { state: string }).state),
      ['idle', 'live'],
    );
  });

  it('status --watch shows notices and states, and fails when the core is lost', async () => {
    const watching = fixture.run(['status', '--watch']);
    await watching.printed('● idle');
    core.change('live');
    await watching.printed('● live');
    core.notice({ severity: 'warning', source: 'encoder', message: 'It crashed.' });
    await watching.printed('encoder: It crashed.');
    core.dispose();
    assert.equal(await watching.exitCode, ExitCodes.unavailable);
    assert.match(watching.stderr, /^bulkhead: the core at .* was lost\. Start it again with: bulkhead core/);
  });

  it('status prints the same for people', async () => {
    core.change('live', {
      uptimeMs: 61_000,
      outputs: [
        {
          id: 'twitch',
          url: 'rtmp://live.example.org/app/***',
          state: 'reconnecting',
          sessions: 2,
          bytesSent: 12_345_678,
          droppedFrames: 3,
          queueMs: 0,
          ...NO_OUTPUT_STATISTICS,
          error: { code: ErrorCodes.outputUnreachable, message: 'no route' },
        },
      ],
      extensionHosts: [
        { pid: 0, plugins: ['a.b'], restarts: 1, state: 'running', isolated: false },
        { pid: 77, plugins: ['c.d'], restarts: 4, state: 'quarantined', isolated: true },
      ],
      liveServer: {
        pid: 1,
        pageUrl: 'http://127.0.0.1:8000/',
        playUrl: 'http://127.0.0.1:8001/live/stream.flv',
      },
    });
    assert.equal(
      (await run('status')).stdout,
      [
        '● live  twitch: reconnecting  0:01:01  30.0 fps  2500 kbit/s  3 dropped  0 restarts',
        `  core      pid ${process.pid}, 80.0 MB, attach mode, ${fixture.address}`,
        '  encoder   running, pid 12, video 13, sound 14, epoch 1, 0 restarts',
        '  plugins   running, inside the core, a.b, 1 restart',
        '  plugins   quarantined, pid 77, c.d, 4 restarts',
        '  output    twitch  reconnecting  rtmp://live.example.org/app/***  2 sessions, 12.3 MB, 3 dropped',
        '            no route',
        '  timeline  0 frames, 0 splices',
        '  watch at  http://127.0.0.1:8000/',
        '',
      ].join('\n'),
    );
  });

  for (const command of ['start', 'stop', 'status']) {
    it(`${command} explains how to start a core if none runs`, async () => {
      core.dispose();
      const { exitCode, stdout, stderr } = await run(command);
      assert.equal(exitCode, ExitCodes.unavailable);
      assert.equal(stdout, '');
      assert.match(stderr, /^bulkhead: no core runs at .*\. Start one with: bulkhead core --address .*\n$/);
    });
  }

  it('does not connect in a folder that others can access', async () => {
    chmodSync(fixture.folder, 0o755);
    const { exitCode, stderr } = await run('start');
    assert.equal(exitCode, ExitCodes.badSettings);
    assert.match(stderr, /other users can enter/);
    assert.deepEqual(core.received, []);
  });

  it('reports that another program listens there', async () => {
    core.dispose();
    const server = createServer((socket) => socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => server.listen(fixture.address, resolve));
    try {
      const { exitCode, stderr } = await run('status');
      assert.equal(exitCode, ExitCodes.unavailable);
      assert.match(stderr, /^bulkhead: .*\n$/);
      assert.doesNotMatch(stderr, / at /);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
