import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../../process-host/find-program.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';

const ON_PATH = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
  'microsoft-edge-stable',
];
const ON_MAC = [
  'Google Chrome.app/Contents/MacOS/Google Chrome',
  'Chromium.app/Contents/MacOS/Chromium',
  'Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
];
const ON_WINDOWS = [
  'Google\\Chrome\\Application\\chrome.exe',
  'Chromium\\Application\\chrome.exe',
  'Microsoft\\Edge\\Application\\msedge.exe',
];

/**
 * The Chromium, Chrome or Edge of this computer.
 *
 * @throws BulkheadError `input.notFound` if there is none
 */
export function findBrowser(
  platform: NodeJS.Platform = process.platform,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  const found =
    ON_PATH.map((name) => findProgram(name, environment['PATH'])).find((path) => path !== undefined) ??
    usualPlaces(platform, environment).find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new BulkheadError(ErrorCodes.inputNotFound, 'There is no browser to show web pages with.', {
    where: 'input "browser"',
    remedy: 'Install Chromium, Google Chrome or Microsoft Edge, or give the path of one as "browser".',
  });
}

function usualPlaces(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): string[] {
  if (platform === 'darwin') return ON_MAC.map((name) => join('/Applications', name));
  if (platform !== 'win32') return [];
  const folders = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].map((name) => environment[name]);
  return folders.flatMap((folder) =>
    folder === undefined ? [] : ON_WINDOWS.map((name) => `${folder}\\${name}`),
  );
}
