import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Duplex, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Disposable } from 'vscode-jsonrpc';
import { dyingWithParent } from '../../process-host/parent-death.js';
import { yieldToParent } from '../../process-host/yield-processor.js';
import { RpcConnection } from '../../rpc/rpc-connection.js';
import { mediaEnvironment } from '../media-environment.js';
import {
  AliveRequest,
  type DrawingProblem,
  DrawingProblemNotification,
  RemoveSurfaceNotification,
  SetSurfaceRequest,
  type SurfaceParams,
  TickNotification,
} from './messages.js';
import { type Region, RegionReader } from './region-stream.js';

export interface OverlayProcessOptions {
  /** Whether it leads its own process group, as it must inside the core. */
  readonly ownProcessGroup: boolean;
  readonly onRegion: (region: Region, pixels: Buffer) => void;
  readonly onProblem: (problem: DrawingProblem) => void;
  /** It has ended, or does not answer any more and has been ended. */
  readonly onExit: (why: string) => void;
  /** It holds so much memory. */
  readonly onMemory: (bytes: number) => void;
}

/** How often it has to answer, and how long it may take, ms: a starved computer must not end a process that works. */
const ALIVE_MS = 1000;
const ANSWER_MS = 5000;
/** The same for what it draws, which it may have to start for, ms. */
const DRAWN_MS = 15_000;
/** From the end of its connection to its own, ms. */
const EXIT_MS = 1000;
const KEPT_LOG = 2000;

/** One process that draws. */
export class OverlayProcess implements Disposable {
  private readonly child: ChildProcess;
  private readonly connection: RpcConnection;
  private timer: NodeJS.Timeout | undefined;
  private log = '';
  private over = false;

  constructor(private readonly options: OverlayProcessOptions) {
    const line = dyingWithParent({ command: process.execPath, args: [programPath()] });
    this.child = spawn(line.command, line.args, {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
      env: mediaEnvironment(),
      detached: options.ownProcessGroup && process.platform !== 'win32',
      windowsHide: true,
    });
    yieldToParent(this.child.pid);
    const [, , stderr, control, regions] = this.child.stdio as [null, null, Readable, Duplex, Readable];
    for (const stream of [stderr, control, regions]) stream.on('error', () => {});
    stderr.on('data', (chunk: Buffer) => {
      this.log = (this.log + chunk.toString()).slice(-KEPT_LOG);
    });
    this.child.once('error', ({ message }) => this.end(message));
    this.child.once('exit', (code, signal) =>
      this.end(
        `ended with ${signal ?? `exit code ${code}`}${this.log === '' ? '' : `: ${lastLine(this.log)}`}`,
      ),
    );
    const reader = new RegionReader((region, pixels) => {
      if (!this.over) options.onRegion(region, pixels);
    });
    regions.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch (error) {
        this.end((error as Error).message);
      }
    });
    this.connection = new RpcConnection(control, { peer: 'overlay', deadlineMs: ANSWER_MS });
    this.connection.onNotification(DrawingProblemNotification.type, (problem) => options.onProblem(problem));
    this.connection.onDidClose(() => setTimeout(() => this.end('has closed its connection'), EXIT_MS));
    this.connection.listen();
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Resolves when it is drawn. Rejects if it is not: then the process has ended. */
  async set(params: SurfaceParams): Promise<void> {
    try {
      await this.connection.sendRequest(SetSurfaceRequest.type, params, { deadlineMs: DRAWN_MS });
      // From then on it has started up.
      if (!this.over) this.timer ??= setInterval(() => void this.ask(), ALIVE_MS);
    } catch (error) {
      this.fail(error);
      throw error;
    }
  }

  remove(surface: number): void {
    this.connection.sendNotification(RemoveSurfaceNotification.type, { surface });
  }

  tick(surface: number, atMs: number): void {
    this.connection.sendNotification(TickNotification.type, { surface, atMs });
  }

  private async ask(): Promise<void> {
    try {
      const { bytes } = await this.connection.sendRequest(AliveRequest.type, {});
      if (!this.over) this.options.onMemory(bytes);
    } catch (error) {
      this.fail(error);
    }
  }

  /** One whose connection is closed is about to end, which says why. */
  private fail(error: unknown): void {
    if (!this.connection.closed) this.end(`does not answer: ${(error as Error).message}`);
  }

  private end(why: string): void {
    if (this.over) return;
    this.dispose();
    this.options.onExit(why);
  }

  dispose(): void {
    this.over = true;
    clearInterval(this.timer);
    this.connection.dispose();
    this.child.kill('SIGKILL');
  }
}

/** The bundle beside this one, or in a tree of compiled files the module. */
function programPath(): string {
  const bundle = fileURLToPath(new URL('./overlay.cjs', import.meta.url));
  return existsSync(bundle) ? bundle : fileURLToPath(new URL('./main.js', import.meta.url));
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}
