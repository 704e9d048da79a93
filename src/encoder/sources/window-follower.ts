import type { Disposable } from 'vscode-jsonrpc';
import type { XWindow } from '../x11/find-window.js';

export interface WindowFollowerOptions {
  readonly window: XWindow;
  /** Finds the window by its id, or another one by its title if it is gone. Rejects if there is none. */
  readonly find: (before: number) => Promise<XWindow>;
  /** It has another size, or another window has taken its place. */
  readonly onChange: (window: XWindow) => void;
}

/** How often the window is looked for, ms. */
const INTERVAL_MS = 1000;

/**
 * Sees that a window gets another size, or is closed and opened again: ffmpeg captures the window, and the size, that there was when it
 * was started.
 */
export class WindowFollower implements Disposable {
  private window: XWindow;
  private seen: XWindow;
  private readonly timer: NodeJS.Timeout;
  private isLooking = false;
  private disposed = false;

  constructor(private readonly options: WindowFollowerOptions) {
    this.window = options.window;
    this.seen = options.window;
    this.timer = setInterval(() => void this.look(), INTERVAL_MS);
  }

  private async look(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    try {
      const found = await this.options.find(this.window.id);
      if (!this.disposed) this.note(found);
    } catch {
      // ffmpeg reports what is wrong.
    } finally {
      this.isLooking = false;
    }
  }

  private note(found: XWindow): void {
    // While somebody drags its border it has a new size each time.
    const isSettled = isSame(found, this.seen);
    this.seen = found;
    if (!isSettled || isSame(found, this.window)) return;
    this.window = found;
    this.options.onChange(found);
  }

  dispose(): void {
    this.disposed = true;
    clearInterval(this.timer);
  }
}

function isSame(one: XWindow, other: XWindow): boolean {
  return one.id === other.id && one.width === other.width && one.height === other.height;
}
