const realTimeout = globalThis.setTimeout;

/** How long what has been closed may take to be gone, ms. */
const GRACE_MS = 200;
const LOOK_EVERY_MS = 10;
/** What keeps a process alive after its owner has forgotten it, by Node's names. */
const KINDS = /Server|Socket|TCP|UDP|FSEvent|StatWatcher|Process|Worker|MessagePort/;

/** The sockets, servers, watchers and processes that are open, to be compared with what is open later. */
export function openHandles(): { left(): Promise<readonly string[]> } {
  const before = current();
  return {
    async left() {
      for (let waitedMs = 0; ; waitedMs += LOOK_EVERY_MS) {
        const left = [...current()].flatMap(([kind, count]) =>
          Array<string>(Math.max(0, count - (before.get(kind) ?? 0))).fill(kind),
        );
        if (left.length === 0 || waitedMs >= GRACE_MS) return left;
        await new Promise((resolve) => realTimeout(resolve, LOOK_EVERY_MS));
      }
    },
  };
}

function current(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (KINDS.test(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}
