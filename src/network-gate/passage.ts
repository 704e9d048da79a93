import { createServer, type Server, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { Disposable } from 'vscode-jsonrpc';
import { BulkheadError } from '../protocol/errors.js';
import { addressNotPermitted, type GateAnswer, hostNotPermitted } from '../protocol/network-gate.js';
import {
  allowedAddresses,
  allowsHost,
  knownAddresses,
  type NetworkHost,
  type NetworkScope,
} from '../protocol/permissions/network-scope.js';
import { connectToAny } from './connect-to-any.js';
import type { Lookups } from './lookups.js';
import { type Interfaces, withoutOwnAddresses } from './own-addresses.js';

/** How long a way waits for the connection that was asked for, ms. */
const WAY_MS = 10_000;
/** How long a connection whose plugin has ended its side may be idle, ms. */
const HALF_OPEN_MS = 60_000;

export interface PassageOptions {
  /** Its end withdraws the question, until the way is taken. */
  readonly asking: Socket;
  /** Of the door. */
  readonly folder: string;
  /** The way's name in it. */
  readonly way: string;
  readonly host: NetworkHost;
  readonly port: number;
  readonly lookups: Lookups;
  /** For tests; those of this computer otherwise. */
  readonly interfaces?: () => Interfaces;
}

/** One connection of a plugin to a host, from the question to its end. */
export class Passage implements Disposable {
  private readonly abortion = new AbortController();
  private scopes: readonly NetworkScope[] = [];
  private outside: Socket | undefined;
  private inside: Socket | undefined;
  private way: Server | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly options: PassageOptions,
    private readonly onEnd: () => void,
  ) {
    // Nothing more comes but its end.
    options.asking.resume().once('close', () => {
      if (this.inside === undefined) this.dispose();
    });
  }

  setScopes(scopes: readonly NetworkScope[]): void {
    this.scopes = scopes;
  }

  /** Whether it may go on. Scopes that allow less apply to what is being connected, too. */
  isAllowed(scopes: readonly NetworkScope[]): boolean {
    this.scopes = scopes;
    const { host, port } = this.options;
    const address = this.outside?.remoteAddress;
    return address === undefined ? allowsHost(scopes, host, port) : this.allowed([address]).length > 0;
  }

  /** @throws why there is no connection; then it has ended */
  async open(): Promise<GateAnswer> {
    try {
      const { host, port, way } = this.options;
      const outside = await this.connect();
      this.outside = outside;
      outside.on('error', () => {});
      outside.once('close', () => this.didCloseOutside());
      const address = outside.remoteAddress;
      if (address === undefined || !this.isAllowed(this.scopes)) throw notPermitted(host, port);
      await this.listen();
      return { way, address, port };
    } catch (error) {
      this.release();
      throw error;
    }
  }

  private async connect(): Promise<Socket> {
    const { host, port, lookups } = this.options;
    if (!allowsHost(this.scopes, host, port)) throw notPermitted(host, port);
    const { signal } = this.abortion;
    const addresses = knownAddresses(host) ?? (await lookups.find(host.host, signal));
    // Withdrawn meanwhile; Node connects a socket whose signal has been aborted before.
    signal.throwIfAborted();
    const allowed = this.allowed(addresses);
    if (allowed.length === 0) {
      const { code, message } = addressNotPermitted(host.host, port, addresses[0] ?? '');
      throw new BulkheadError(code, message);
    }
    return connectToAny(allowed, host.host, port, signal);
  }

  private allowed(addresses: readonly string[]): readonly string[] {
    const { host, port, interfaces = networkInterfaces } = this.options;
    const allowed = allowedAddresses(this.scopes, host, port, addresses);
    return withoutOwnAddresses(allowed, host, port, this.scopes, interfaces);
  }

  private listen(): Promise<void> {
    const { folder, way } = this.options;
    const server = createServer({ allowHalfOpen: true }, (inside) => this.join(inside));
    server.maxConnections = 1;
    this.way = server;
    this.timer = setTimeout(() => this.dispose(), WAY_MS);
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(join(folder, way), resolve);
    });
  }

  /** Passes on what arrives, each way as fast as the other side reads, and each side's end by itself. */
  private join(inside: Socket): void {
    const { outside } = this;
    if (this.inside !== undefined || outside === undefined || outside.destroyed) {
      inside.destroy();
      return;
    }
    clearTimeout(this.timer);
    this.inside = inside;
    this.way?.close();
    this.options.asking.destroySoon();
    inside.on('error', () => {});
    inside.once('close', () => {
      endAfter(outside, inside);
      this.onEnd();
    });
    // A plugin that has closed its socket looks like one that still reads.
    inside.once('end', () => outside.setTimeout(HALF_OPEN_MS, () => outside.destroy()));
    inside.pipe(outside);
    outside.pipe(inside);
  }

  private didCloseOutside(): void {
    const { inside, outside } = this;
    if (inside === undefined || outside === undefined) this.dispose();
    else endAfter(inside, outside);
  }

  dispose(): void {
    this.release();
    this.options.asking.destroy();
  }

  private release(): void {
    clearTimeout(this.timer);
    this.abortion.abort();
    this.way?.close();
    this.outside?.destroy();
    this.inside?.destroy();
    this.onEnd();
  }
}

/** Ends a socket whose other side has closed: when what that has sent is written, unless it was cut off. */
function endAfter(socket: Socket, closed: Socket): void {
  if (closed.readableEnded) socket.destroySoon();
  else socket.destroy();
}

function notPermitted({ host }: NetworkHost, port: number): BulkheadError {
  const { code, message } = hostNotPermitted(host, port);
  return new BulkheadError(code, message);
}
