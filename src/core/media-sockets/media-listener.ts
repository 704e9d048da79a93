import { createHash, randomBytes } from 'node:crypto';
import { chmod, lstat, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { RateLimiter } from '../../base/rate-limiter.js';
import { withDeadline } from '../../base/with-deadline.js';
import { isPipeName, mediaPath, prepareAddress } from '../../config/address.js';
import { listen } from '../../config/process-lock.js';
import type { MediaAddress } from '../../protocol/encoder.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { FirstLines } from '../../rpc/first-lines.js';
import { CoreOptions } from '../core-options.js';
import { Log } from '../log/log.js';
import type { MediaSocket, MediaSockets } from './media-sockets.js';
import { RunSocket } from './run-socket.js';

const TOKEN_BYTES = 32;
/**
 * How long the result of a check is valid, ms. When the core starts, the threads for a check are busy: the first run would wait
 * 7 to 55 ms (measured). If the socket has been removed in the meantime, one run fails and the next one recreates it.
 */
const LOOK_AGAIN_MS = 2000;
/** How long the disk may take to report whether the socket still exists, ms. */
const LOOK_MS = 1000;
/** How often refused connections are reported. */
const REPORTS = { burst: 5, perSecond: 0.1 };

/**
 * Listens next to the control socket, and passes each connection to the run whose token it sends. One socket serves all runs
 * and is created before the first: while on air a run needs neither an inode nor a descriptor beyond its connection, and the
 * folder is not used. If the socket has been removed, it is recreated for the next run.
 */
@injectable()
export class MediaListener implements MediaSockets, Disposable {
  private readonly control: string;
  private readonly path: string;
  /** Runs that have not connected yet, by the digest of their token. */
  private readonly awaited = new Map<string, RunSocket>();
  private readonly greetings = new FirstLines((socket, token) => this.admit(socket, token));
  private readonly reports = new RateLimiter(REPORTS);
  private server: Server | undefined;
  /** Inode of the socket; undefined for a pipe. */
  private inode: bigint | undefined;
  /** When it was last seen or created, by `performance.now()`. */
  private seenAtMs = 0;
  private making: Promise<void> | undefined;
  private disposed = false;

  constructor(
    @inject(CoreOptions) { address }: Pick<CoreOptions, 'address'>,
    @inject(Log) private readonly log: Log,
  ) {
    this.control = address;
    this.path = mediaPath(address);
  }

  /**
   * Starts listening; a socket left by a core that crashed is removed. Requires the lock of the control address.
   *
   * @throws `config.invalid` if it cannot listen.
   */
  async start(): Promise<void> {
    try {
      await this.listening();
    } catch (error) {
      throw new BulkheadError(ErrorCodes.configInvalid, `cannot listen at ${this.path}: ${reasonOf(error)}`, {
        where: this.control,
        remedy: 'Choose another --address.',
        cause: error,
      });
    }
  }

  open(): MediaSocket {
    const token = randomBytes(TOKEN_BYTES).toString('hex');
    const key = digest(token);
    const run = new RunSocket(this.addressOf(token), () => this.awaited.delete(key));
    this.awaited.set(key, run);
    return run;
  }

  /** Runs that have connected keep their connections. */
  dispose(): void {
    this.disposed = true;
    // This removes the socket file as well.
    this.server?.close();
    this.greetings.dispose();
    for (const run of [...this.awaited.values()]) run.retire();
  }

  private async addressOf(token: string): Promise<MediaAddress> {
    try {
      await this.listening();
    } catch (error) {
      throw new BulkheadError(
        ErrorCodes.processFailed,
        `The media socket ${this.path} was removed and cannot be created again: ${reasonOf(error)}.`,
        { where: 'encoder', remedy: 'Bulkhead retries at each start of the encoder.', cause: error },
      );
    }
    return { path: this.path, token };
  }

  /** Listens, if it does not yet or the socket has been removed. One call at a time. */
  private listening(): Promise<void> {
    this.making ??= this.listenAgain().finally(() => {
      this.making = undefined;
    });
    return this.making;
  }

  private async listenAgain(): Promise<void> {
    const before = this.server;
    if (before !== undefined && (await this.isThere())) return;
    if (before !== undefined) {
      this.log.warn(`the media socket ${this.path} was removed; creating it again`);
      // Otherwise it would remove the new file with its name when it is closed.
      before.close();
      prepareAddress(this.control);
    }
    this.server = await this.serve();
    this.seenAtMs = performance.now();
    if (this.disposed) this.server.close();
  }

  private async serve(): Promise<Server> {
    const server = createServer((socket) => void this.greetings.add(socket));
    const { path } = this;
    if (isPipeName(path)) {
      await listen(server, path);
      return server;
    }
    const found = await lstat(path).catch(() => undefined);
    if (found?.isSocket() === false) throw new Error('something that is not a socket exists there');
    await rm(path, { force: true });
    await listen(server, path);
    try {
      await chmod(path, 0o600);
      this.inode = (await lstat(path, { bigint: true })).ino;
    } catch (error) {
      server.close();
      throw error;
    }
    return server;
  }

  private async isThere(): Promise<boolean> {
    if (this.inode === undefined || performance.now() - this.seenAtMs < LOOK_AGAIN_MS) return true;
    try {
      const found = await withDeadline(lstat(this.path, { bigint: true }), LOOK_MS, () => undefined);
      const isThere = found === undefined || found.ino === this.inode;
      if (isThere) this.seenAtMs = performance.now();
      return isThere;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return code !== 'ENOENT' && code !== 'ENOTDIR';
    }
  }

  private admit(socket: Socket, token: string | undefined): void {
    const key = token === undefined ? undefined : digest(token);
    const run = key === undefined ? undefined : this.awaited.get(key);
    if (key === undefined || run === undefined) {
      socket.destroy();
      this.reportRefused();
      return;
    }
    this.awaited.delete(key);
    run.accept(socket);
  }

  private reportRefused(): void {
    if (!this.reports.take()) return;
    const more = this.reports.takeRefused();
    this.log.warn(
      `the media socket refused an unexpected connection${more === 0 ? '' : `, and ${more} before it`}`,
    );
  }
}

/** Tokens are looked up by digest, so that the lookup time reveals nothing about them. */
function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
