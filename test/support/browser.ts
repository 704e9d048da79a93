import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { tempDir } from './temp.js';

export interface BrowserOptions {
  readonly width?: number;
  readonly height?: number;
  readonly deviceScaleFactor?: number;
}

/** A real Chromium with one page and a profile of its own, gone after `close`. */
export interface TestBrowser {
  readonly page: Page;
  /** What the page wrote to the console as an error, and what it threw. */
  readonly errors: readonly string[];
  /** Every address that the page asked for. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
];

export async function openBrowser(options: BrowserOptions = {}): Promise<TestBrowser> {
  const { width = 1280, height = 800, deviceScaleFactor = 1 } = options;
  const profile = tempDir('chromium');
  let context: BrowserContext;
  try {
    context = await chromium.launchPersistentContext(profile.path, {
      executablePath: '/usr/bin/chromium',
      headless: true,
      args: ARGS,
      viewport: { width, height },
      deviceScaleFactor,
    });
  } catch (error) {
    profile.dispose();
    throw error;
  }
  const page = context.pages()[0] ?? (await context.newPage());
  const errors: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => errors.push(String(error.stack ?? error)));
  page.on('request', (request) => requests.push(request.url()));
  return {
    page,
    errors,
    requests,
    close: async () => {
      await context.close();
      profile.dispose();
    },
  };
}
