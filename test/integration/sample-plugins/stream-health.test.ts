import assert from 'node:assert/strict';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../../../src/core/processes/entry-points.js';
import { openBrowser } from '../../support/browser.js';
import { PluginBench, until } from '../../support/plugins.js';
import { eventually } from '../../support/wait.js';

const FOLDER = join(packageRoot(), 'sample-plugins/stream-health');

describe('the stream-health sample', () => {
  let bench: PluginBench;

  beforeEach(() => {
    bench = new PluginBench('in a process of its own');
  });

  afterEach(() => bench.end());

  it('writes a report of the broadcast in its own process, which a browser shows', async () => {
    const stub = bench.host([FOLDER]);
    stub.start();
    await until(stub, 'running', ({ state }) => state === 'running');
    await assert.rejects(
      bench.commands.execute('stream-health.writeReport'),
      /There is no broadcast to report on/,
    );

    bench.broadcast.become('live', { uptimeMs: 5000 });
    bench.broadcast.addMarker('<b>Boss</b> fight');
    const now = await bench.commands.execute('stream-health.writeReport');
    bench.broadcast.become('idle');
    const reported = await eventually('reported where the report is', () =>
      bench.notices
        .map(({ message }) => /report on the broadcast is in (.*)$/.exec(message)?.[1])
        .find(Boolean),
    );
    assert.equal(reported, now);
    const summary = (await bench.commands.execute('stream-health.report')) as { reportPath: string };
    assert.equal(summary.reportPath, reported);

    const browser = await openBrowser();
    try {
      const address = pathToFileURL(reported).href;
      const { page, errors, requests } = await browser.open(address);
      assert.equal(await page.locator('figure svg').count(), 4);
      assert.equal(await page.getByText('<b>Boss</b> fight', { exact: true }).count(), 1);
      assert.deepEqual(errors, []);
      assert.deepEqual(requests, [address]);
    } finally {
      await browser.close();
    }
  });
});
