import { rmSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Disposable } from 'vscode-jsonrpc';
import { SetGateDoorsRequest } from '../../../protocol/network-gate.js';
import type { Log } from '../../log/log.js';
import { PartSupervisor } from '../../processes/part-supervisor.js';
import { ProcessLauncher } from '../../processes/process-launcher.js';

/** Threads for looking up names, each of which may wait for a server that does not answer. */
const THREADS = '16';
const HEAP_MB = 64;
/** Deadline for the gate to end, ms. */
const STOP_MS = 1000;
/** Deadline for the gate to make its doors, ms. */
const SET_MS = 5000;

/** The way into the network of one sandbox. */
export interface NetworkDoor extends Disposable {
  /** To be bound into the sandbox: what it needs is in there as soon as the gate runs. */
  readonly folder: string;
  /** Takes effect at once: connections that are not allowed any more are closed. */
  setScopes(scopes: readonly string[]): void;
}

export interface NetworkGateOptions {
  /** Absolute path of a folder for its sockets, which is emptied. */
  readonly folder: string;
  readonly logLevel: string;
  readonly log: Pick<Log, 'trace' | 'debug' | 'info' | 'warn' | 'error'>;
  /** The bundle if undefined. */
  readonly entryPoint?: string;
}

/**
 * The process through which sandboxed plugins reach the hosts of their permissions. It runs while there is a door, serves all of
 * them, and is restarted whenever it fails, which costs the connections that it had.
 */
export class NetworkGate implements Disposable {
  private readonly doors = new Map<string, readonly string[]>();
  private readonly supervisor: PartSupervisor;
  private emptied: Promise<void> | undefined;
  private lastDoor = 0;

  constructor(private readonly options: NetworkGateOptions) {
    const { folder, logLevel, log, entryPoint } = options;
    this.supervisor = new PartSupervisor({
      launcher: new ProcessLauncher('network-gate', {
        ...(entryPoint === undefined ? {} : { entryPoint }),
        execArgv: [`--max-old-space-size=${HEAP_MB}`],
        environment: { UV_THREADPOOL_SIZE: THREADS },
        workingFolder: folder,
      }),
      logLevel,
      spare: false,
    });
    this.supervisor.onDidBecomeReady(() => void this.update());
    this.supervisor.onDidLog(({ level, message, pid }) => log[level](`network gate (${pid}): ${message}`));
    this.supervisor.onDidEnd(({ reason }) => {
      if (reason !== undefined) log.warn(`connections of plugins were lost: ${reason.message}`);
    });
  }

  /** Process id; 0 while it does not run. */
  get pid(): number {
    return this.supervisor.pid;
  }

  /**
   * Opens a door for the plugins of one host, with these scopes of `network`.
   *
   * @throws if its folder cannot be made
   */
  async open(scopes: readonly string[]): Promise<NetworkDoor> {
    this.emptied ??= this.empty();
    await this.emptied;
    this.lastDoor += 1;
    const name = String(this.lastDoor);
    const folder = join(this.options.folder, name);
    await mkdir(folder, { mode: 0o700 });
    this.doors.set(name, scopes);
    this.supervisor.start();
    void this.update();
    return {
      folder,
      setScopes: (changed) => {
        if (!this.doors.has(name)) return;
        this.doors.set(name, changed);
        void this.update();
      },
      dispose: () => {
        if (!this.doors.delete(name)) return;
        if (this.doors.size === 0) void this.supervisor.stop(STOP_MS);
        else void this.update();
        void rm(folder, { recursive: true, force: true }).catch(() => {});
      },
    };
  }

  /** What is left there is from a core that was killed. */
  private async empty(): Promise<void> {
    const { folder } = this.options;
    try {
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      this.emptied = undefined;
      throw error;
    }
  }

  /** Tells the gate its doors; one that is not ready yet is told when it is. */
  private async update(): Promise<void> {
    const { active } = this.supervisor;
    if (active === undefined) return;
    const doors = [...this.doors].map(([folder, scopes]) => ({ folder, scopes }));
    try {
      await active.connection.sendRequest(SetGateDoorsRequest.type, { doors }, { deadlineMs: SET_MS });
    } catch (error) {
      if (active.connection.closed) return;
      this.options.log.error(`the network gate could not make its doors: ${(error as Error).message}`);
    }
  }

  dispose(): void {
    this.supervisor.dispose();
    if (this.emptied !== undefined) {
      try {
        // The core may be about to exit.
        rmSync(this.options.folder, { recursive: true, force: true });
      } catch {
        // The next core removes it.
      }
    }
  }
}
