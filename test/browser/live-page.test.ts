import assert from 'node:assert/strict';
import { openBrowser, type TestBrowser } from '../support/browser.js';
import { Bulkhead } from '../support/bulkhead.js';
import { freePorts } from '../support/live-server.js';
import { writeConfig } from '../support/small-broadcast.js';
import { tempDir } from '../support/temp.js';
import { eventually } from '../support/wait.js';

describe('the viewer page of a broadcast in a browser', function () {
  this.timeout(90_000);
  const folder = tempDir('live-page');
  let browser: TestBrowser;
  let bulkhead: Bulkhead;

  before(async () => {
    browser = await openBrowser();
    bulkhead = new Bulkhead(['live', writeConfig(folder.path, { liveServer: await freePorts() })]);
  });

  after(async () => {
    await browser.close();
    await bulkhead.end();
    folder.dispose();
  });

  it('keeps playing in the same player when the video encoder and the encoder process are killed, and shows the end', async () => {
    const { liveServer } = await bulkhead.until(
      'a page',
      ({ state, liveServer: server }) => state === 'live' && server !== undefined,
    );
    const { page, errors } = await browser.open(liveServer?.pageUrl ?? '');
    const position = () => page.evaluate<number>('document.querySelector("video").currentTime');
    const playsOn = async (what: string) => {
      const from = await position();
      await eventually(what, async () => ((await position()) > from + 3 ? true : undefined));
    };
    await page.waitForSelector('html[data-state="live"]', { state: 'attached', timeout: 30_000 });
    await playsOn('it plays');
    await page.evaluate(`{
      window.seen = [];
      new MutationObserver(() => window.seen.push(document.documentElement.dataset.state))
        .observe(document.documentElement, { attributeFilter: ['data-state'] });
    }`);

    const before = await bulkhead.until('both encoders', ({ encoder }) => encoder.heldVideoPid > 0);
    process.kill(before.encoder.videoPid, 'SIGKILL');
    await bulkhead.until('the held one', ({ encoder }) => encoder.videoPid === before.encoder.heldVideoPid);
    await playsOn('it plays after the loss of the video encoder');
    process.kill(before.encoder.pid, 'SIGKILL');
    await bulkhead.until('spliced', ({ timeline: { splices } }) => splices > before.timeline.splices);
    await playsOn('it plays after the loss of the encoder process');

    // It may have run out of data for a moment, but has not lost the stream.
    assert.deepEqual(
      (await page.evaluate<string[]>('window.seen')).filter(
        (state) => state !== 'live' && state !== 'stalled',
      ),
      [],
    );
    assert.deepEqual(errors, []);
    assert.equal((await bulkhead.status()).outputs[0]?.sessions, 1);

    assert.equal(await bulkhead.stop(), 0);
    await page.waitForSelector('html[data-state="ended"]', { state: 'attached', timeout: 30_000 });
    await page.close();
  });
});
