import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Disposable } from 'vscode-jsonrpc';
import { removeFolder } from '../../disk/folders.js';
import { keepNewest } from '../store/keep-newest.js';
import { type FolderLimits, measureFolder } from '../store/measure-folder.js';
import { nodeArguments } from './node-arguments.js';

/** Making a profile readable takes 0.2 s; a log that takes this much longer has to be done without, ms. */
const DEADLINE_MS = 20_000;
const MAX_TEXT_BYTES = 16 * 1024 * 1024;
const HEAP_MB = 1024;
/** What V8's notes of one run may take: as much as some hours of it. */
const NOTES = { bytes: 256 * 1024 * 1024, entries: 100 };
const LOOK_MS = 10_000;
const PREFIX = 'cpu-profile-';
/** Older profiles of a plugin are removed. */
const KEPT = { count: 5, bytes: 32 * 1024 * 1024 };

/**
 * What V8 notes of one host's run, and the CPU profile that is made of it. V8 writes its notes as it goes, so that they are there
 * also of a host that had to be killed.
 */
export class HostProfile implements Disposable {
  readonly notes: string;
  private readonly abortion = new AbortController();
  private reportDone: () => void = () => {};
  /** Resolves when it has been disposed of, and its notes removed. */
  readonly done = new Promise<void>((resolve) => {
    this.reportDone = resolve;
  });

  private constructor(
    private readonly folder: string,
    /** Holds V8's notes and nothing else: in a sandbox it has to be writable. */
    readonly notesFolder: string,
    private readonly limits: FolderLimits,
  ) {
    this.notes = join(notesFolder, 'v8.log');
  }

  /**
   * Makes the folder of the notes. Rejects when there is no room for it.
   *
   * @param folder Where profiles of the plugin are kept.
   */
  static async make(folder: string, limits: FolderLimits = NOTES): Promise<HostProfile> {
    return new HostProfile(folder, await mkdtemp(join(tmpdir(), 'bulkhead-profile-')), limits);
  }

  /** Why the run has to end, once the notes take more than they may; undefined when it has been disposed of before. */
  async full(lookMs = LOOK_MS): Promise<string | undefined> {
    const { signal } = this.abortion;
    while (!signal.aborted) {
      await sleep(lookMs, undefined, { ref: false, signal }).catch(() => {});
      // A disk that says nothing now may say more the next time.
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
   * Makes the profile: a text that has the functions by the time that they took, and who called them.
   *
   * @returns its path.
   * @throws when there is nothing to make it of, or no room for it.
   */
  async write(): Promise<string> {
    const text = await this.read();
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const name = `${PREFIX}${new Date().toISOString().replaceAll(':', '-')}.txt`;
    const path = join(this.folder, name);
    await writeFile(path, text, { mode: 0o600 });
    await keepNewest(this.folder, PREFIX, KEPT);
    return path;
  }

  /** In a process of its own, which may do nothing but read the notes: a plugin's host wrote them. */
  private read(): Promise<string> {
    const rights = { files: [], folders: [this.notesFolder], writable: [], network: false, heapMb: HEAP_MB };
    return new Promise((resolve, reject) => {
      execFile(
        process.execPath,
        [...nodeArguments(rights), '--prof-process', this.notes],
        {
          env: {},
          timeout: DEADLINE_MS,
          killSignal: 'SIGKILL',
          maxBuffer: MAX_TEXT_BYTES,
          windowsHide: true,
          signal: this.abortion.signal,
        },
        (error, stdout) => (error === null ? resolve(stdout) : reject(error)),
      );
    });
  }

  /** Also ends `write`, which throws then. */
  dispose(): void {
    this.abortion.abort();
    void removeFolder(this.notesFolder).then(() => this.reportDone());
  }
}
