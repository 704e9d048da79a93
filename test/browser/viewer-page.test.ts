import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { LiveServerStub } from '../../src/core/stubs/live-server-stub.js';
import type { LiveServerStartResult } from '../../src/protocol/live-server.js';
import { openBrowser, type TestBrowser, type TestPage } from '../support/browser.js';
import { freePorts, liveServerStub } from '../support/live-server.js';
import { type Publisher, publish } from '../support/publisher.js';
import { eventually } from '../support/wait.js';

describe('viewer page in a browser', function () {
  this.timeout(90_000);
  let liveServer: LiveServerStub;
  let addresses: LiveServerStartResult;
  let browser: TestBrowser;
  let viewer: TestPage;
  let page: Page;
  let publisher: Publisher | undefined;

  before(async () => {
    browser = await openBrowser();
  });

  after(() => browser.close());

  beforeEach(async () => {
    liveServer = liveServerStub();
    addresses = await liveServer.start(await freePorts());
    viewer = await browser.open(addresses.pageUrl);
    ({ page } = viewer);
  });

  afterEach(async () => {
    await viewer.close();
    await publisher?.kill();
    await liveServer.stop();
    liveServer.dispose();
  });

  it('waits for the stream, plays it, and sends no requests to other servers', async () => {
    await untilState(page, 'waiting');
    assert.match((await page.locator('.notice').textContent()) ?? '', /Waiting for the stream/);

    publisher = publish(addresses.publishUrl);

    await untilPlaying(page);
    const { darkest, brightest } = await sampleFrame(page);
    assert.ok(darkest < 90 && brightest > 165, `an image of one shade, ${darkest} to ${brightest}`);
    assert.equal(await page.locator('.notice').isVisible(), false);
    await eventually('its statistics', async () =>
      /\d\.\d s.*360p · \d\d fps.*(none|longest).*640 × 360.*bit\/s/s.test(
        (await page.locator('dl').allTextContents()).join(' '),
      )
        ? true
        : undefined,
    );
    const { origin } = new URL(addresses.pageUrl);
    assert.deepEqual(
      viewer.requests.filter((url) => !url.startsWith(`${origin}/`) && !url.startsWith(`blob:${origin}/`)),
      [],
    );
    assert.deepEqual(viewer.errors, []);
  });

  it('stays near the live edge', async () => {
    publisher = publish(addresses.publishUrl);
    await untilPlaying(page);
    await eventually('some media to fall behind by', async () =>
      (await position(page)) > 3.5 ? true : undefined,
    );

    await page.evaluate(`${VIDEO}.currentTime = 0.1`);

    await eventually('it has caught up', async () => ((await delaySeconds(page)) < 1.2 ? true : undefined));
  });

  it('does not turn a gap of the stream into a longer delay', async () => {
    publisher = publish(addresses.publishUrl, patternWithGap(2.5, 4.3));
    await untilPlaying(page);

    await eventually('it is past the gap', async () => ((await position(page)) > 4.8 ? true : undefined));

    // With the slightly faster playback alone it would take longer than this.
    await eventually(
      'no delay is left',
      async () => ((await delaySeconds(page)) < 1.1 ? true : undefined),
      2000,
    );
  });

  it('keeps playing when the publisher was killed and has reconnected', async () => {
    publisher = publish(addresses.publishUrl);
    await untilPlaying(page);

    await publisher.kill();
    await untilState(page, 'stalled');
    await untilState(page, 'waiting');
    publisher = publish(addresses.publishUrl);

    await untilPlaying(page);
    assert.deepEqual(viewer.errors, []);
  });

  it('keeps playing at the same address when the live server was killed', async () => {
    publisher = publish(addresses.publishUrl);
    await untilPlaying(page);

    let moved: string | undefined;
    liveServer.onDidMove((url) => {
      moved = url;
    });
    process.kill(liveServer.status?.pid ?? 0, 'SIGKILL');
    await publisher.kill();
    await untilState(page, 'waiting', 'unreachable', 'stalled');
    await eventually('the page is served again', () =>
      fetch(addresses.pageUrl).then(Boolean, () => undefined),
    );
    publisher = publish(await eventually('its new key', () => moved));

    await untilPlaying(page);
    // The browser itself reports each connection that a server closed or refused.
    assert.deepEqual(
      viewer.errors.filter((error) => !error.includes('net::ERR_')),
      [],
    );
  });

  it('shows that the broadcast has ended after an orderly end, and plays the next one', async () => {
    publisher = publish(addresses.publishUrl);
    await untilPlaying(page);
    const { httpPort, rtmpPort } = addresses;

    await publisher.kill();
    await liveServer.stop();
    await untilState(page, 'ended');
    assert.equal(await page.locator('#notice-title').textContent(), 'The broadcast has ended');
    assert.ok(await page.locator('#notice-title').isVisible());

    addresses = await liveServer.start({ httpPort, rtmpPort });
    publisher = publish(addresses.publishUrl);
    await untilPlaying(page);
  });

  it('does not show that when the live server was killed', async () => {
    publisher = publish(addresses.publishUrl);
    await untilPlaying(page);

    liveServer.dispose();

    await untilState(page, 'unreachable', 'ended');
    assert.equal(await page.evaluate('document.documentElement.dataset.state'), 'unreachable');
  });

  it('shows portrait video completely, on a desktop and on a phone', async () => {
    publisher = publish(addresses.publishUrl, UPRIGHT);
    await untilPlaying(page);
    for (const [width, height] of [
      [1280, 800],
      [1280, 560],
      [360, 740],
      [360, 560],
    ] as const) {
      await page.setViewportSize({ width, height });
      const box = await page.locator('video').boundingBox();
      assert.ok(box !== null && box.width > 0);
      assert.ok(box.y + box.height <= height, `${width}×${height}: ends at ${box.y + box.height}`);
      assert.ok(Math.abs(box.width / box.height - 9 / 16) < 0.02, `${box.width}×${box.height}`);
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
    }
  });

  it('stops the stream on pause and resumes at the live edge', async () => {
    publisher = publish(addresses.publishUrl);
    await untilPlaying(page);

    await page.getByRole('button', { name: 'Pause' }).click({ force: true });
    await untilState(page, 'paused');
    await page.keyboard.press('k');

    await untilPlaying(page);
    assert.ok((await delaySeconds(page)) < 3);
  });

  it('is muted initially, and works with the keyboard', async () => {
    publisher = publish(addresses.publishUrl);
    await untilPlaying(page);
    assert.equal(await isMuted(page), true);

    await page.locator('#unmute').click();
    assert.equal(await isMuted(page), false);
    assert.equal(await page.locator('#unmute').isVisible(), false);
    await page.locator('body').press('m');
    assert.equal(await isMuted(page), true);
  });

  it('fits a phone', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    publisher = publish(addresses.publishUrl);
    await untilPlaying(page);

    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 360);
    assert.equal((await page.locator('video').boundingBox())?.width, 360);
  });
});

/** ffmpeg's arguments for video as recorded by phones. */
const UPRIGHT = [
  ...['-re', '-f', 'lavfi', '-i', 'testsrc2=size=360x640:rate=30'],
  ...['-re', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'],
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', '30'],
  ...['-c:a', 'aac', '-ac', '2'],
];

/** ffmpeg's arguments for a stream that has neither video nor audio between two times, in seconds. */
function patternWithGap(from: number, to: number): string[] {
  const kept = `'not(between(t,${from},${to}))'`;
  return [
    ...['-re', '-f', 'lavfi', '-i', `testsrc2=size=640x360:rate=30,select=${kept}`],
    ...['-re', '-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000,aselect=${kept}`],
    ...['-vsync', 'passthrough', '-force_key_frames', `${to}`, '-c:v', 'libx264', '-preset', 'ultrafast'],
    ...['-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', '30', '-c:a', 'aac', '-ac', '2'],
  ];
}

async function untilState(page: Page, ...wanted: readonly string[]): Promise<void> {
  const selector = wanted.map((state) => `html[data-state="${state}"]`).join(', ');
  await page.waitForSelector(selector, { state: 'attached', timeout: 30_000 });
}

/** Waits until it is live, and the frame changes. */
async function untilPlaying(page: Page): Promise<void> {
  await untilState(page, 'live');
  const from = await position(page);
  await eventually('playback advances', async () => ((await position(page)) > from + 0.5 ? true : undefined));
}

// As source text: these run in the page, whose types the other tests must not see.

const VIDEO = 'document.querySelector("video")';

function position(page: Page): Promise<number> {
  return page.evaluate<number>(`${VIDEO}.currentTime`);
}

function isMuted(page: Page): Promise<boolean> {
  return page.evaluate<boolean>(`${VIDEO}.muted`);
}

function delaySeconds(page: Page): Promise<number> {
  return page.evaluate<number>(`${VIDEO}.buffered.end(${VIDEO}.buffered.length - 1) - ${VIDEO}.currentTime`);
}

/** Brightness of the darkest and the brightest of a grid of the image's pixels, 0 to 255. */
async function sampleFrame(page: Page): Promise<{ darkest: number; brightest: number }> {
  const rgba = await page.evaluate<number[]>(`{
    const context = new OffscreenCanvas(64, 36).getContext('2d');
    context.drawImage(${VIDEO}, 0, 0, 64, 36);
    [...context.getImageData(0, 0, 64, 36).data];
  }`);
  const shades = Array.from({ length: rgba.length / 4 }, (_, pixel) => {
    const [red = 0, green = 0, blue = 0] = rgba.slice(pixel * 4);
    return 0.3 * red + 0.6 * green + 0.1 * blue;
  });
  return { darkest: Math.min(...shades), brightest: Math.max(...shades) };
}
