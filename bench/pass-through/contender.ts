import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { descendantsOf } from '../../test/support/children.js';
import { tempDir } from '../../test/support/temp.js';

/** Something that takes a publisher's stream and publishes it elsewhere without re-encoding, at work. */
export interface Running {
  /** Where the publisher publishes. */
  readonly publishUrl: string;
  /** The root of the process tree whose CPU time counts. */
  readonly pid: number;
  end(): Promise<void>;
}

/** What is compared. A new one, such as the whole product, is one more entry in the list of `main.ts`. */
export interface Contender {
  readonly name: string;
  /** How many outputs it publishes to. */
  readonly outputs: number;
  /** @param outputUrls where the stream must arrive */
  start(outputUrls: readonly string[]): Promise<Running>;
}

/** Ends a process tree, and reports one that had ended by itself: what was measured was not what was meant. */
export async function endTree(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended by itself with ${child.exitCode}`);
  const closed = once(child, 'close');
  for (const { pid } of [{ pid: child.pid ?? 0 }, ...descendantsOf(child.pid ?? 0)]) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended with its parent.
    }
  }
  await closed;
}

/**
 * Starts one of our scripts, which prints the port it listens at.
 *
 * @param path of the stream there, as in `/live/stream`
 */
export async function startScript(script: string, args: readonly string[], path: string): Promise<Running> {
  const folder = tempDir('relay');
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // Its own folder in there is left when it is killed.
    env: { ...process.env, TMPDIR: folder.path },
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return {
    publishUrl: `rtmp://127.0.0.1:${Number(line)}${path}`,
    pid: child.pid ?? 0,
    end: () => endTree(child).finally(() => folder.dispose()),
  };
}
