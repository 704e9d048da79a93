import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { LiveServerStub } from '../../../src/core/stubs/live-server-stub.js';
import { CountingViewer, DeafViewers, NumberedPublisher } from '../../support/live-load.js';
import { freePorts, liveServerStub } from '../../support/live-server.js';
import { eventually } from '../../support/wait.js';

const MIB = 1024 * 1024;

describe('viewers that never read', function () {
  this.timeout(90_000);
  let server: LiveServerStub;
  const cleanUps: { stop(): void }[] = [];

  beforeEach(() => {
    server = liveServerStub();
  });

  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp.stop();
    await server.stop();
    server.dispose();
  });

  it('are disconnected, use little memory, and do not affect other viewers', async () => {
    const addresses = await server.start(await freePorts());
    const pid = server.status?.pid ?? 0;
    const publisher = await NumberedPublisher.start(addresses, 60_000);
    cleanUps.push(publisher);
    const healthy = await CountingViewer.start(addresses);
    cleanUps.push(healthy);
    await eventually('media flows', () => healthy.frames > 60 || undefined);
    const before = rssBytes(pid);
    const deaf = new DeafViewers(addresses, 60);
    cleanUps.push(deaf);

    let most = 0;
    await eventually(
      'each has been cut off',
      async () => {
        await delay(200);
        most = Math.max(most, rssBytes(pid));
        return deaf.ended >= 60 || undefined;
      },
      60_000,
    );

    assert.ok(most - before < 250 * MIB, `grew by ${Math.round((most - before) / MIB)} MiB`);
    assert.equal(healthy.missing, 0);
    assert.equal(server.status?.pid, pid);
  });
});

function rssBytes(pid: number): number {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
