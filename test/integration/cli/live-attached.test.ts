import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import { eventually } from '../../support/wait.js';
import { CliFixture } from './cli-run.js';
import { FakeCore } from './fake-core.js';

describe('bulkhead live in attach mode', () => {
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

  const attach = (...args: string[]) => fixture.run(['live', '--mode', 'attach', ...args]);

  it('goes live on the core that runs there; Ctrl-C leaves the broadcast running and says how to end it', async () => {
    const run = attach('--input', 'screen');
    await run.printed('● live');
    assert.deepEqual(core.config?.input, { type: 'screen' });
    run.signal();
    assert.equal(await run.exitCode, ExitCodes.ok);
    assert.equal(core.status.state, 'live');
    assert(run.stdout.endsWith(`To end it: bulkhead stop --address ${fixture.address}\n`), run.stdout);
    assert.deepEqual(fixture.journal(), []);
  });

  it('shows the broadcast that runs there already', async () => {
    const first = attach();
    await first.printed('● live');
    const second = attach();
    await second.printed('● live');
    const third = attach('--input', 'screen');
    await third.printed('● live');
    assert.match(second.stdout, /^A broadcast is already running there\.\n/);
    assert.match(
      third.stdout,
      /^A broadcast is already running there; the settings given here were ignored\.\n/,
    );
    assert.deepEqual(core.config?.input, { type: 'test-pattern' });
    for (const run of [first, second, third]) {
      run.signal();
      assert.equal(await run.exitCode, ExitCodes.ok);
    }
  });

  it('has the core follow the configuration file of the command that started the broadcast, and says why it cannot', async () => {
    const bitrates: number[] = [];
    core.reconfigure = ({ video }) => {
      bitrates.push(video.bitrateKbps);
      if (video.bitrateKbps !== 3000) return { applied: [], needsRestart: [] };
      throw new BulkheadError(ErrorCodes.secretNotFound, 'the environment has no KEY', {
        where: 'outputs.a',
      });
    };
    const write = (name: string, bitrate: number) =>
      writeFileSync(join(fixture.folder, name), `{ "video": { "bitrateKbps": ${bitrate} } }`);
    write('first.jsonc', 1000);
    write('second.jsonc', 1000);
    const first = attach('first.jsonc');
    await first.printed('● live');
    const second = attach('second.jsonc');
    await second.printed('● live');
    write('second.jsonc', 2000);
    write('first.jsonc', 3000);
    await first.printed('first.jsonc: outputs.a: the environment has no KEY');
    write('first.jsonc', 4000);
    await eventually('the next edit', () => (bitrates.length === 2 ? true : undefined));
    assert.deepEqual(bitrates, [3000, 4000]);
    for (const run of [first, second]) {
      run.signal();
      assert.equal(await run.exitCode, ExitCodes.ok);
    }
  });

  it("prints a plugin's question with what answers it", async () => {
    const run = attach();
    await run.printed('● live');
    const question = { id: 3, actions: ['Yes', 'N\u0007o'] };
    core.notice({ severity: 'info', source: 'chat', message: 'Lower it?', question });
    await run.printed(/chat: Lower it\?\n +1 Yes {3}2 N o {3}answer with: bulkhead answer 3 N --address \//);
    core.notice({ severity: 'info', source: 'chat', message: 'Who?', question: { id: 4, actions: [] } });
    await run.printed(/chat: Who\?\n +answer with: bulkhead answer 4 --address \//);
    run.signal();
    assert.equal(await run.exitCode, ExitCodes.ok);
  });

  it('prints each state as it comes, and notices without control characters', async () => {
    const run = attach();
    await run.printed('● live');
    core.notice({ severity: 'warning', source: 'encoder', message: 'ffmpeg died\n\x1b[2Jand is back' });
    core.change('reconnecting', { uptimeMs: 3_723_000 });
    core.change('reconnecting', { uptimeMs: 3_724_000 });
    core.change('live');
    await run.printed(/reconnecting[\s\S]*● live/);
    run.signal();
    assert.equal(await run.exitCode, ExitCodes.ok);
    const [starting, live, notice, reconnecting, again] = run.stdout.split('\n');
    assert.match(
      starting ?? '',
      /^● starting {2}0:00:00 {2}30\.0 fps {2}2500 kbit\/s {2}0 dropped {2}0 restarts$/,
    );
    assert.match(live ?? '', /^● live {2}0:00:00/);
    assert.match(notice ?? '', /^\d\d:\d\d:\d\d encoder: ffmpeg died and is back$/);
    assert.match(reconnecting ?? '', /^● reconnecting {2}1:02:03/);
    assert.match(again ?? '', /^● live {2}1:02:04/);
  });

  it('ends when somebody ends the broadcast', async () => {
    const run = attach();
    await run.printed('● live');
    const stop = fixture.run(['stop']);
    assert.equal(await stop.exitCode, ExitCodes.ok);
    assert.equal(await run.exitCode, ExitCodes.ok);
    assert.match(run.stdout, /The broadcast has ended\.\n$/);
  });

  it('says why the broadcast could not go live', async () => {
    const run = attach();
    await run.printed('● live');
    core.change('idle', {
      error: { code: ErrorCodes.outputAuthFailed, message: 'refused', where: 'twitch' },
    });
    assert.equal(await run.exitCode, ExitCodes.unavailable);
    assert.equal(run.stderr, 'bulkhead: the broadcast has ended: twitch: refused\n');
  });

  it('says so when the core goes', async () => {
    const run = attach();
    await run.printed('● live');
    core.dispose();
    assert.equal(await run.exitCode, ExitCodes.unavailable);
    assert.match(
      run.stderr,
      /^bulkhead: the core at .* was lost, .* Start it again with: bulkhead core --address /,
    );
  });

  it('explains how to start a core if none runs', async () => {
    core.dispose();
    const run = attach();
    assert.equal(await run.exitCode, ExitCodes.unavailable);
    assert.equal(
      run.stderr,
      `bulkhead: no core runs at ${fixture.address}. Start one with: bulkhead core --address ${fixture.address}\n`,
    );
  });
});
