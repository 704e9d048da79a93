import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type OnReadOpts, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Disposable } from 'vscode-jsonrpc';
import { withDeadline } from '../../base/with-deadline.js';
import { readLine } from '../../rpc/read-line.js';

/** The two ends of a connection between this process and a child that it starts. */
export interface SocketPair {
  /** This process's end, which reads as `onread` says. */
  readonly near: Socket;
  /** The child's end: for `stdio` of its spawn, and to be destroyed here right after it. */
  readonly far: Socket;
}

/** Connecting takes about a millisecond. */
const DEADLINE_MS = 5000;

/**
 * Makes connected pairs of sockets. Node's own pipes to a child can't read into memory of the caller's choice, only sockets
 * that it connects itself can (`onread`): a frame then reaches its place without a copy.
 */
export class SocketPairs implements Disposable {
  private readonly folder: string | undefined;
  private readonly path: string;
  private readonly server: Server;
  /** Pairs that are being connected, by the token that their near end sends: others can connect here too. */
  private readonly awaited = new Map<string, (far: Socket) => void>();
  private readonly listening: Promise<void>;

  constructor() {
    // Linux needs no file, which would be left behind by a process that is killed.
    this.folder = process.platform === 'linux' ? undefined : mkdtempSync(join(tmpdir(), 'bulkhead-encoder-'));
    this.path =
      this.folder === undefined
        ? `\0bulkhead-pairs-${randomBytes(16).toString('hex')}`
        : join(this.folder, 'pairs');
    this.server = createServer((far) => void this.admit(far));
    this.server.unref();
    this.listening = new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.path, resolve);
    });
    this.listening.catch(() => {});
  }

  /** Connects a pair. Rejects with what the system says. */
  async open(onread: OnReadOpts): Promise<SocketPair> {
    await this.listening;
    const token = randomBytes(32).toString('hex');
    const accepted = new Promise<Socket>((resolve) => this.awaited.set(token, resolve));
    const near = connect({ path: this.path, onread });
    const failed = new Promise<never>((_, reject) => near.on('error', reject));
    near.write(`${token}\n`);
    try {
      const far = await withDeadline(Promise.race([accepted, failed]), DEADLINE_MS, () => {
        throw new Error('the connection to a child was not made in time');
      });
      return { near, far };
    } catch (error) {
      near.destroy();
      throw error;
    } finally {
      this.awaited.delete(token);
    }
  }

  private async admit(far: Socket): Promise<void> {
    far.on('error', () => {});
    const token = await readLine(far, DEADLINE_MS);
    const take = token === undefined ? undefined : this.awaited.get(token);
    if (take === undefined) far.destroy();
    else take(far);
  }

  dispose(): void {
    this.server.close();
    if (this.folder !== undefined) rmSync(this.folder, { recursive: true, force: true });
  }
}
