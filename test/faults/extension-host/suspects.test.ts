import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Status } from '../../../src/protocol/status/status.js';
import { Bulkhead } from '../../support/bulkhead.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { writePlugin } from '../../support/plugins.js';
import { writeConfig } from '../../support/small-broadcast.js';
import { type TempDir, tempDir } from '../../support/temp.js';

const PLUGINS = {
  busy: `
    const { window } = require('@bulkhead/extension-api');
    exports.activate = () => {
      const item = window.createStatusItem('count');
      let count = 0;
      setInterval(() => { item.text = String(count++); }, 20);
    };`,
  idle: 'exports.activate = () => {};',
};
/** It has been active for a whole second by then, and that has been written. */
const AT_WORK_MS = 2500;

describe('plugins that were active when the core crashed', function () {
  this.timeout(120_000);
  let folder: TempDir;
  let nginx: NginxRtmp;
  let run: Bulkhead;
  let address: string;
  let config: string;

  before(async () => {
    folder = tempDir('suspects');
    for (const [name, source] of Object.entries(PLUGINS)) {
      const contributes = { statusItems: [{ id: 'count', name: 'Count' }] };
      writePlugin(folder.path, name, { type: 'cjs', source, manifest: { contributes } });
    }
    nginx = await startNginxRtmp();
    config = writeConfig(folder.path, {
      outputs: [{ id: 'nginx', url: nginx.url('live', 'key') }],
      plugins: Object.keys(PLUGINS),
    });
    address = `${folder.path}/core.sock`;
    run = new Bulkhead(['live', config], { address });
  });

  after(async () => {
    await run?.end();
    await nginx?.stop();
    folder.dispose();
  });

  const stateOf = ({ extensionHosts }: Status, name: string) =>
    extensionHosts.find(({ plugins }) => plugins.includes(name))?.state;
  const bothRun = (status: Status) =>
    status.state === 'live' && stateOf(status, 'busy') === 'running' && stateOf(status, 'idle') === 'running';

  async function killCore(): Promise<(status: Status) => boolean> {
    const { core } = await run.status();
    process.kill(core.pid, 'SIGKILL');
    return (status) => status.core.pid !== core.pid;
  }

  it('are started after the stream is live, and the others before', async () => {
    await run.until('both run', bothRun, 30_000);
    await delay(AT_WORK_MS);
    const isNext = await killCore();
    const seen: Status[] = [];
    await run.until(
      'both run again',
      (status) => {
        if (isNext(status)) seen.push(status);
        return isNext(status) && bothRun(status);
      },
      30_000,
    );
    const started = seen.filter((status) => stateOf(status, 'busy') === 'running');
    const waiting = seen.filter((status) => !started.includes(status));
    assert.ok(
      waiting.some((status) => stateOf(status, 'idle') === 'running'),
      'the idle one runs while the busy one waits',
    );
    assert.ok(
      seen.every((status) => status.state === 'live' || stateOf(status, 'busy') !== 'running'),
      'the busy one waits for the stream',
    );
  });

  it('stay off after the third crash, with a notice, and the others run', async () => {
    // The first crash was the one before. A plugin on trial is the only suspect.
    for (const death of ['second', 'third']) {
      await delay(AT_WORK_MS);
      const isNext = await killCore();
      await run.until(
        `on air after the ${death} death`,
        (status) =>
          isNext(status) &&
          status.state === 'live' &&
          stateOf(status, 'idle') === 'running' &&
          (death === 'third' || stateOf(status, 'busy') === 'running'),
        30_000,
      );
    }
    const status = await run.until('it stays off', (now) => stateOf(now, 'busy') === 'quarantined', 30_000);
    const { error } = status.extensionHosts.find(({ plugins }) => plugins.includes('busy')) ?? {};
    assert.match(error?.message ?? '', /^the plugin "busy" /);
    assert.equal(stateOf(status, 'idle'), 'running');
    assert.equal(status.state, 'live');
  });

  it('run again after an orderly end', async () => {
    assert.equal(await run.stop(), 0, run.stderr);
    await run.end();
    run = new Bulkhead(['live', config], { address });
    await run.until('both run', bothRun, 30_000);
    await run.end();
  });
});
