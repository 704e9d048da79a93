import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Disposable } from 'vscode-jsonrpc';
import { RateLimiter } from '../base/rate-limiter.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { ASK_SOCKET, type GateAnswer, hostNotPermitted } from '../protocol/network-gate.js';
import { hostOf, type NetworkScope } from '../protocol/permissions/network-scope.js';
import { readLine } from '../rpc/read-line.js';
import { Lookups } from './lookups.js';
import { Passage } from './passage.js';

/** Most connections of one host's plugins, also of those being made. */
const MOST_PASSAGES = 64;
/** How often they may ask for one. */
const QUESTIONS = { burst: 100, perSecond: 20 };
/** Most connections that have not asked yet, and how long they may take, ms. */
const MOST_ASKING = 128;
const ASK_MS = 5000;
const QUESTION = /^(\d{1,5}) (\S.*)$/;

/** Where the plugins of one host ask for connections, and those that they have. */
export class Door implements Disposable {
  private scopes: readonly NetworkScope[] = [];
  private readonly passages = new Set<Passage>();
  private readonly questions = new RateLimiter(QUESTIONS);
  private readonly asking = new Set<Socket>();
  private readonly server = createServer((socket) => void this.receive(socket));
  private lastWay = 0;
  /** Rejects if it cannot listen. */
  readonly opened: Promise<void>;

  /** @param lookups for tests */
  constructor(
    private readonly folder: string,
    private readonly lookups = new Lookups(),
  ) {
    const path = join(folder, ASK_SOCKET);
    // Left behind by a gate that was killed.
    rmSync(path, { force: true });
    this.opened = new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(path, () => {
        // What it cannot accept is not connected.
        this.server.off('error', reject).on('error', () => {});
        resolve();
      });
    });
    this.opened.catch(() => {});
  }

  setScopes(scopes: readonly NetworkScope[]): void {
    this.scopes = scopes;
    for (const passage of this.passages) if (!passage.isAllowed(scopes)) passage.dispose();
  }

  private async receive(socket: Socket): Promise<void> {
    socket.on('error', () => socket.destroy());
    if (this.asking.size >= MOST_ASKING) {
      socket.destroy();
      return;
    }
    this.asking.add(socket);
    const line = await readLine(socket, ASK_MS);
    this.asking.delete(socket);
    if (!socket.destroyed) await this.answer(socket, line);
  }

  private async answer(asking: Socket, line: string | undefined): Promise<void> {
    const say = (answer: GateAnswer) => asking.write(`${JSON.stringify(answer)}\n`);
    try {
      const passage = this.begin(asking, line);
      say(await passage.open());
    } catch (error) {
      const { code, message, errno, syscall, address, port, hostname } = error as NodeJS.ErrnoException & {
        address?: string;
        port?: number;
        hostname?: string;
      };
      say({ error: { code: code ?? 'EIO', message, errno, syscall, address, port, hostname } });
      asking.destroySoon();
    }
  }

  private begin(asking: Socket, line: string | undefined): Passage {
    const [, port, name] = QUESTION.exec(line ?? '') ?? [];
    if (port === undefined || name === undefined || Number(port) === 0 || Number(port) > 65535) {
      throw new BulkheadError(ErrorCodes.rpcInvalidParams, 'expected a port and a host');
    }
    const host = hostOf(name);
    if (host === undefined) {
      const { code, message } = hostNotPermitted(name, Number(port));
      throw new BulkheadError(code, message);
    }
    if (this.passages.size + this.lookups.abandoned >= MOST_PASSAGES) {
      throw new BulkheadError(
        ErrorCodes.rpcBusy,
        `the plugin has ${MOST_PASSAGES} connections, the most that it may have`,
      );
    }
    if (!this.questions.take()) {
      const { perSecond } = QUESTIONS;
      throw new BulkheadError(
        ErrorCodes.rpcBusy,
        `the plugin makes more than ${perSecond} connections a second`,
      );
    }
    this.lastWay += 1;
    const passage = new Passage(
      {
        asking,
        folder: this.folder,
        way: String(this.lastWay),
        host,
        port: Number(port),
        lookups: this.lookups,
      },
      () => this.passages.delete(passage),
    );
    this.passages.add(passage);
    passage.setScopes(this.scopes);
    return passage;
  }

  dispose(): void {
    this.server.close();
    for (const socket of this.asking) socket.destroy();
    for (const passage of this.passages) passage.dispose();
  }
}
