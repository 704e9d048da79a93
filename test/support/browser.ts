import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { tempDir } from './temp.js';

/** One page and its activity. */
export interface TestPage {
  readonly page: Page;
  /** Errors written to the console or thrown. */
  readonly errors: readonly string[];
  /** Every address requested. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** A real Chromium with its own profile, removed by `close`. */
export interface TestBrowser {
  open(url: string): Promise<TestPage>;
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

/** @param args further arguments of its command line */
export async function openBrowser(
  viewport = { width: 1280, height: 800 },
  args: readonly string[] = [],
): Promise<TestBrowser> {
  const profile = tempDir('chromium');
  let context: BrowserContext;
  try {
    context = await chromium.launchPersistentContext(profile.path, {
      executablePath: '/usr/bin/chromium',
      headless: true,
      args: [...ARGS, ...args],
      viewport,
    });
  } catch (error) {
    profile.dispose();
    throw error;
  }
  return {
    open: async (url) => {
      const page = await context.newPage();
      const errors: string[] = [];
      const requests: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(`${message.text()} (${message.location().url})`);
      });
      page.on('pageerror', (error) => errors.push(error.stack ?? error.message));
      page.on('request', (request) => requests.push(request.url()));
      await page.goto(url);
      return { page, errors, requests, close: () => page.close() };
    },
    close: async () => {
      await context.close();
      profile.dispose();
    },
  };
}
