import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Bulkhead, runBulkhead } from '../../support/bulkhead.js';
import { watchLive } from '../../support/live-viewer.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { assertNoFrameMissing, writeConfig } from '../../support/small-broadcast.js';
import { tempDir } from '../../support/temp.js';

const KEY = 'key-91f3';

describe('outputs that are changed on air', function () {
  this.timeout(120_000);
  const folder = tempDir('outputs');
  let nginx: NginxRtmp;
  let run: Bulkhead;

  before(async () => {
    nginx = await startNginxRtmp();
  });

  after(async () => {
    await run?.end();
    await nginx?.stop();
    folder.dispose();
  });

  /** Runs `bulkhead output …` in another process, as a streamer does. */
  async function output(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await runBulkhead(['output', ...args], {
      address: run.address,
      env: { KICK_KEY: KEY },
    });
    assert.equal(code, 0, stderr);
    return stdout;
  }

  const stateOf = (id: string) => async () =>
    (await run.status()).outputs.find((candidate) => candidate.id === id)?.state;

  it('come and go without a frame lost at another, and are restored when the core was killed', async () => {
    const file = writeConfig(folder.path, { outputs: [{ id: 'main', url: nginx.url('live', 'main') }] });
    run = new Bulkhead(['live', file], { env: { KICK_KEY: KEY } });
    await run.until('it is live', ({ state }) => state === 'live');
    const viewer = watchLive(nginx.url('live', 'main'));
    try {
      await viewer.next(({ stream }) => stream === 'video');
      const server = `rtmp://127.0.0.1:${nginx.port}/other`;
      assert.match(
        await output('add', 'kick', server, '--key', 'env:KICK_KEY', '--save'),
        /"kick" was added/,
      );
      await run.until('it is live there as well', ({ outputs }) => outputs[1]?.state === 'live');
      const second = watchLive(nginx.url('other', KEY));
      await second.next(({ stream }) => stream === 'video');
      await second.stop();
      await output('stop', 'kick');
      assert.equal(await stateOf('kick')(), 'stopped');
      await output('start', 'kick');
      await run.until('it is live again', ({ outputs }) => outputs[1]?.state === 'live');
      await viewer.next(({ stream }) => stream === 'video');
      await assertNoFrameMissing(viewer.packets, () => run.status());
    } finally {
      await viewer.stop();
    }
    await output('stop', 'main');
    const before = await run.status();
    assert.deepEqual(
      before.outputs.map(({ id, state, sessions }) => [id, state, sessions]),
      [
        ['main', 'stopped', 1],
        ['kick', 'live', 2],
      ],
    );
    assert.doesNotMatch(JSON.stringify(before) + (await output('list', '--json')), new RegExp(KEY));
    const saved = readFileSync(file, 'utf8');
    assert.deepEqual(JSON.parse(saved).outputs[1], {
      id: 'kick',
      url: `rtmp://127.0.0.1:${nginx.port}/other`,
      key: 'env:KICK_KEY',
    });

    process.kill(before.core.pid, 'SIGKILL');
    const after = await run.until(
      'the outputs are restored',
      ({ core, outputs }) => core.pid !== before.core.pid && outputs.some(({ state }) => state === 'live'),
    );
    assert.deepEqual(
      after.outputs.map(({ id, state }) => [id, state]),
      [
        ['main', 'stopped'],
        ['kick', 'live'],
      ],
    );
    assert.match(
      run.stdout,
      // It was saved, and read again with the file; its key is the one that was given.
      /2 changes made on air were restored: output "main" stopped, output "kick" changed/,
    );
    await output('reset');
    assert.deepEqual(
      await run
        .until('as configured', ({ state }) => state === 'live')
        .then(({ outputs }) => outputs.map(({ id }) => id)),
      ['main', 'kick'],
    );
    await output('remove', 'kick');
    await output('remove', 'main');
    assert.equal((await run.status()).state, 'paused');
    assert.equal(await run.stop(), 0);
  });
});
