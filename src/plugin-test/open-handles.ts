import { createHook } from 'node:async_hooks';
import type { PluginCode } from './plugin-code.js';

const realTimeout = globalThis.setTimeout;

/** How long closed handles may take to disappear, ms. */
const GRACE_MS = 200;
const LOOK_EVERY_MS = 10;
/** Node's names of handles that keep a process alive after their owner has dropped them. */
const KINDS = /Server|Socket|TCP|UDP|FSEvent|StatWatcher|Process|Worker|MessagePort/i;

interface MadeHandle {
  readonly kind: string;
  readonly where: string | undefined;
}

/**
 * Records the sockets, servers, watchers and processes that are opened from now on, and where in the plugin's
 * code.
 */
export class OpenHandles {
  private readonly before = count();
  private readonly made = new Map<number, MadeHandle>();
  private readonly hook;

  constructor(code: PluginCode) {
    const { made } = this;
    const init = (id: number, kind: string) => {
      if (KINDS.test(kind)) made.set(id, { kind, where: code.origin(init) });
    };
    this.hook = createHook({
      init,
      destroy: (id) => void made.delete(id),
    }).enable();
  }

  /** Handles that are still open, after a delay for closed ones to disappear; then stops recording. */
  async left(): Promise<readonly string[]> {
    let left = this.present();
    for (let waitedMs = 0; left.length > 0 && waitedMs < GRACE_MS; waitedMs += LOOK_EVERY_MS) {
      await new Promise((resolve) => realTimeout(resolve, LOOK_EVERY_MS));
      left = this.present();
    }
    this.dispose();
    return left.map((kind) => {
      const where = this.takePlace(kind);
      return where === undefined ? kind : `${kind}, made ${where}`;
    });
  }

  dispose(): void {
    this.hook.disable();
  }

  /** Where a handle of this kind was created. */
  private takePlace(kind: string): string | undefined {
    for (const [id, handle] of this.made) {
      if (handle.where === undefined || asMade(kind) !== handle.kind) continue;
      this.made.delete(id);
      return handle.where;
    }
    return undefined;
  }

  private present(): string[] {
    return [...count()].flatMap(([kind, number]) =>
      Array<string>(Math.max(0, number - (this.before.get(kind) ?? 0))).fill(kind),
    );
  }
}

function count(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (KINDS.test(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** Node's name for a handle on creation: `TCPWRAP` for a `TCPSocketWrap`. */
function asMade(kind: string): string {
  return kind.replace('Socket', '').toUpperCase();
}
