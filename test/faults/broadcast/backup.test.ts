import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import type { Status } from '../../../src/protocol/status/status.js';
import { Bulkhead, runBulkhead } from '../../support/bulkhead.js';
import { watchLive } from '../../support/live-viewer.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { missingFrames, writeConfig } from '../../support/small-broadcast.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const KEYS = ['s3cret-first', 's3cret-second'];

describe('a broadcast whose output has a backup address', function () {
  this.timeout(90_000);
  let folder: TempDir;
  let primary: NginxRtmp;
  let backup: NginxRtmp;
  let run: Bulkhead;
  const cleanUp: (() => unknown)[] = [];

  beforeEach(async () => {
    folder = tempDir('backup');
    primary = await startNginxRtmp();
    backup = await startNginxRtmp();
    cleanUp.push(
      () => folder.dispose(),
      () => primary.stop(),
      () => backup.stop(),
    );
  });

  afterEach(async () => {
    await run?.end();
    for (const undo of cleanUp.splice(0).reverse()) await undo();
  });

  function goLive(mode: 'at-once' | 'on-failure'): void {
    const address = ({ port }: NginxRtmp) => `rtmp://127.0.0.1:${port}/live`;
    const config = writeConfig(folder.path, {
      outputs: [
        {
          ...{ id: 'main', url: address(primary), key: 'env:FIRST_KEY' },
          ...{ backup: mode, backupUrl: address(backup), backupKey: 'env:SECOND_KEY' },
        },
      ],
    });
    const log = join(folder.path, 'core.log');
    const env = { ...process.env, FIRST_KEY: KEYS[0], SECOND_KEY: KEYS[1] };
    run = new Bulkhead(['live', config, '--log-file', log], { env });
  }

  const states = ({ outputs: [output] }: Status) =>
    [output?.state, ...(output?.backup?.connections.map(({ state }) => state) ?? [])].join(' ');

  const has = (wanted: string) => run.until(wanted, (status) => states(status) === wanted);

  async function watch(server: NginxRtmp, key = '') {
    const viewer = watchLive(server.url('live', key));
    cleanUp.push(() => viewer.stop());
    await eventually('frames', () => (viewer.report().videoPackets > 30 ? true : undefined));
    return viewer;
  }

  it('goes to the backup when the primary dies, without the encoder noticing', async () => {
    goLive('on-failure');
    await has('live live standby');
    const before = await watch(primary, KEYS[0]);
    await primary.kill9();
    const status = await has('live standby live');
    assert.equal(status.encoder.epoch, 1);
    const after = await watch(backup, KEYS[1]);
    assert.equal(after.report().backwards, 0);
    assert.equal(missingFrames(after.packets), 0);
    const last = before.packets.at(-1)?.dtsMs ?? 0;
    assert.ok((after.packets[0]?.dtsMs ?? 0) >= last - 1000, 'on the same timeline');
    await run.said(/the stream goes to the backup address now/);

    const shown = await runBulkhead(['status'], { address: run.address });
    assert.match(shown.stdout, /primary {2}standby[^\n]*\n[\s\S]*backup {3}live/);
    assert.equal(await run.stop(), ExitCodes.ok, run.stderr);
    const log = readFileSync(join(folder.path, 'core.log'), 'utf8');
    for (const key of KEYS) assert.ok(!`${shown.stdout}${run.stdout}${run.stderr}${log}`.includes(key));
  });

  it('sends both at once, and stops and starts both', async () => {
    goLive('at-once');
    await has('live live live');
    const viewers = [await watch(primary, KEYS[0]), await watch(backup, KEYS[1])];
    for (const viewer of viewers) assert.equal(missingFrames(viewer.packets), 0);
    await primary.kill9();
    await has('live reconnecting live');
    await run.said(/primary: /);
    await primary.restart();
    await has('live live live');
    assert.equal((await run.status()).outputs[0]?.reconnects, 0);

    const output = (command: string) => runBulkhead(['output', command, 'main'], { address: run.address });
    assert.equal((await output('stop')).code, ExitCodes.ok);
    await run.until('both have ended', ({ outputs: [stopped] }) => stopped?.state === 'stopped');
    await eventually('the ends', () => (backup.log().includes('deleteStream') ? true : undefined));
    assert.equal((await output('start')).code, ExitCodes.ok);
    await has('live live live');
    assert.equal(missingFrames(viewers[1]?.packets.slice(0, 60) ?? []), 0);
  });
});
