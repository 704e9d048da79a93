import { pageArguments, type SourceContext } from '../arguments/source-arguments.js';
import { type BrowserInput, isRoot } from '../browser/browser-page.js';
import { findBrowser } from '../browser/find-browser.js';
import { plainFrame } from '../canvas/frame-pool.js';
import { BrowserProcess } from './browser-process.js';
import { FrameQueue } from './frame-queue.js';
import { LiveReceiver } from './live-receiver.js';
import { LiveSource } from './live-source.js';
import { LIVE_FRAMES_S } from './open-live.js';
import type { Source } from './source.js';
import type { SourceEvents, SourceSite } from './source-site.js';

/** How long a browser has until its first frame, ms: it starts up, and the page has to load. */
const STARTUP_MS = 30_000;

/**
 * Opens a web page.
 *
 * @throws BulkheadError `input.notFound` if there is no browser
 */
export function openBrowser(
  input: BrowserInput,
  context: SourceContext,
  { ffmpeg, pairs, pool, video: { fps }, format }: SourceSite,
  events: SourceEvents,
): Source {
  const path = input.browser ?? findBrowser();
  if (isRoot()) {
    const text =
      'The browser runs without its sandbox, since Bulkhead runs as root: show pages that you trust.';
    ffmpeg.onLog({ level: 'warning', source: '', text });
  }
  const { ownProcessGroup } = ffmpeg;
  const receiver = new LiveReceiver({
    ...{ fps, format, startupMs: STARTUP_MS },
    onLoss: (exit) => events.onLoss(exit, input),
    open: () => {
      const frames = new FrameQueue({ pool, limit: Math.ceil(LIVE_FRAMES_S * fps), waits: false });
      const process = new BrowserProcess({
        page: { path, input, ownProcessGroup },
        decoder: { ffmpeg, pairs, args: pageArguments(context), readers: [frames], readsStdin: true },
      });
      return { process, frames, sound: undefined };
    },
  });
  return new LiveSource({ frames: receiver, sound: undefined, still: () => plainFrame(pool) });
}
