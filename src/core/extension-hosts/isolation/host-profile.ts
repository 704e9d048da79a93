import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Disposable } from 'vscode-jsonrpc';
import { removeFolder } from '../../disk/folders.js';
import { keepNewest } from '../../disk/keep-newest.js';
import { entryPoint } from '../../processes/entry-points.js';
import { type FolderLimits, measureFolder } from '../store/measure-folder.js';
import { nodeArguments } from './node-arguments.js';

/** Deadline for converting a log to a profile, ms; it usually takes 0.2 s. */
const DEADLINE_MS = 20_000;
const MAX_PROFILE_BYTES = 16 * 1024 * 1024;
const HEAP_MB = 1024;
/** Maximum size of V8's log of one run: enough for some hours. */
const NOTES = { bytes: 256 * 1024 * 1024, entries: 100 };
const LOOK_MS = 10_000;
const PREFIX = 'cpu-profile-';
/** Number and size of a plugin's profiles that are kept; older ones are removed. */
const KEPT = { count: 5, bytes: 32 * 1024 * 1024 };

/**
 * V8's profile log of one host's run, and the CPU profile made from it. V8 writes the log continuously, so it also exists for a
 * host that had to be killed.
 */
export class HostProfile implements Disposable {
  readonly notes: string;
  private readonly abortion = new AbortController();
  private reportDone: () => void = () => {};
  /** Resolves when it has been disposed of and its log removed. */
  readonly done = new Promise<void>((resolve) => {
    this.reportDone = resolve;
  });

  private constructor(
    private readonly folder: string,
    /** Contains only V8's log: in a sandbox it has to be writable. */
    readonly notesFolder: string,
    private readonly limits: FolderLimits,
  ) {
    this.notes = join(notesFolder, 'v8.log');
  }

  /**
   * Creates the folder of the log. Rejects if the disk is full.
   *
   * @param folder Folder of the plugin's profiles.
   */
  static async make(folder: string, limits: FolderLimits = NOTES): Promise<HostProfile> {
    return new HostProfile(folder, await mkdtemp(join(tmpdir(), 'bulkhead-profile-')), limits);
  }

  /**
   * Resolves with the reason to end the run when the log exceeds its limit; with undefined when this has been disposed of
   * first.
   */
  async full(lookMs = LOOK_MS): Promise<string | undefined> {
    const { signal } = this.abortion;
    while (!signal.aborted) {
      await sleep(lookMs, undefined, { ref: false, signal }).catch(() => {});
      // Errors are ignored: the disk may answer the next time.
      const usage = await measureFolder(this.notesFolder, this.limits, signal).catch(() => undefined);
      if (usage === undefined || signal.aborted) continue;
      const { bytes, entries } = this.limits;
      if (usage.bytes > bytes || usage.entries > entries) {
        return `left more than ${Math.round(bytes / 1024 / 1024)} MB of notes for its CPU profile`;
      }
    }
    return undefined;
  }

  /**
   * Writes the profile as a `.cpuprofile`, which Chrome's developer tools and VS Code open.
   *
   * @returns its path.
   * @throws if there is no log, or the disk is full.
   */
  async write(): Promise<string> {
    const text = await this.read();
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const name = `${PREFIX}${new Date().toISOString().replaceAll(':', '-')}.cpuprofile`;
    const path = join(this.folder, name);
    await writeFile(path, text, { mode: 0o600 });
    await keepNewest(this.folder, PREFIX, KEPT);
    return path;
  }

  /** In a separate process with access only to the log: a plugin's host wrote it. */
  private read(): Promise<string> {
    const script = entryPoint('cpu-profile');
    const rights = { folders: [this.notesFolder], writable: [], network: false, heapMb: HEAP_MB };
    return new Promise((resolve, reject) => {
      execFile(
        process.execPath,
        [...nodeArguments({ ...rights, files: [script] }), script, this.notes],
        {
          env: {},
          timeout: DEADLINE_MS,
          killSignal: 'SIGKILL',
          maxBuffer: MAX_PROFILE_BYTES,
          windowsHide: true,
          signal: this.abortion.signal,
        },
        (error, stdout) => (error === null ? resolve(stdout) : reject(error)),
      );
    });
  }

  /** Also cancels `write`, which then throws. */
  dispose(): void {
    this.abortion.abort();
    void removeFolder(this.notesFolder).then(() => this.reportDone());
  }
}
