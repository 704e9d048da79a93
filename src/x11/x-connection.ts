import { readFileSync } from 'node:fs';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';

/** As much of the X11 protocol (version 11, X.Org's "x11protocol") as is needed to find windows and to hear of keys. */

const AUTH_NAME = 'MIT-MAGIC-COOKIE-1';
const FIRST_TCP_PORT = 6000;
/** Of one reply or of the setup, bytes: the server is no more trusted than any other program. */
const MAX_REPLY = 4 * 1024 * 1024;
const HEADER = 32;
const SETUP_HEADER = 8;

interface DisplayName {
  readonly host: string;
  readonly number: number;
  readonly screen: number;
}

/** Answered like any other, and without an effect. */
const GET_INPUT_FOCUS = 43;

interface Waiting {
  /** Of its request; replies and errors name it. */
  readonly sequence: number;
  readonly resolve: (reply: Buffer | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** `:0`, `:0.1`, `unix:0`, `localhost:10.0` */
export function parseDisplay(name: string): DisplayName | undefined {
  const [, host, number, screen = '0'] = /^(?:\w+\/)?([^:]*):(\d{1,5})(?:\.(\d{1,2}))?$/.exec(name) ?? [];
  if (host === undefined || number === undefined) return undefined;
  return { host: host === 'unix' ? '' : host, number: Number(number), screen: Number(screen) };
}

/** One connection to an X server. Requests are answered in their order. */
export class XConnection {
  private received: Buffer = Buffer.alloc(0);
  private readonly waiting: Waiting[] = [];
  private failure: Error | undefined;
  private isSetUp = false;
  private root = 0;
  private keycodes: readonly [number, number] = [8, 255];
  private sequence = 0;
  /** Requests without a reply that the server has refused. */
  private readonly refused = new Set<number>();
  private readonly deadline: NodeJS.Timeout;

  private constructor(
    private readonly socket: Socket,
    private readonly screen: number,
    deadlineMs: number,
    private readonly onEvent: ((event: Buffer) => void) | undefined,
    private readonly onClose: ((error: Error) => void) | undefined,
  ) {
    this.deadline = setTimeout(() => this.fail(new Error('the X server does not answer')), deadlineMs);
    socket.on('data', (chunk) => this.take(chunk));
    socket.on('error', (error) => this.fail(error));
    socket.on('close', () => this.fail(new Error('the X server has closed the connection')));
  }

  /**
   * @param deadlineMs within which all must be answered: then it is closed
   * @param onEvent Takes events, of 32 bytes; with it the connection stays open, and the deadline is that of its beginning
   * @param onClose It has been lost, or closed.
   * @throws Error if the display cannot be opened
   */
  static async open(
    name: string,
    deadlineMs: number,
    onEvent?: (event: Buffer) => void,
    onClose?: (error: Error) => void,
  ): Promise<XConnection> {
    const display = parseDisplay(name);
    if (display === undefined) throw new Error(`${name} is no X display`);
    const socket = connect(addressOf(display));
    const connection = new XConnection(socket, display.screen, deadlineMs, onEvent, onClose);
    const setUp = connection.reply();
    socket.write(setupRequest(cookieOf(display)));
    await setUp;
    return connection;
  }

  /** The root window of the screen. */
  get rootWindow(): number {
    return this.root;
  }

  /** The lowest and the highest code of a key. */
  get keyRange(): readonly [number, number] {
    return this.keycodes;
  }

  /**
   * Makes a request that has no reply.
   *
   * @returns whether the server has done it
   * @throws Error if the connection is lost
   */
  async send(opcode: number, detail: number, data: Buffer): Promise<boolean> {
    this.sequence = (this.sequence + 1) & 0xffff;
    const { sequence } = this;
    this.write(opcode, detail, data);
    await this.request(GET_INPUT_FOCUS, 0, Buffer.alloc(0));
    return !this.refused.delete(sequence);
  }

  /**
   * @param data what follows the request's first four bytes, a multiple of 4 bytes
   * @returns the reply; undefined if the server answers with an error, as for a window that is gone
   * @throws Error if the connection is lost
   */
  request(opcode: number, detail: number, data: Buffer): Promise<Buffer | undefined> {
    this.sequence = (this.sequence + 1) & 0xffff;
    const reply = this.reply();
    this.write(opcode, detail, data);
    return reply;
  }

  private write(opcode: number, detail: number, data: Buffer): void {
    const header = Buffer.alloc(4);
    header.writeUInt8(opcode, 0);
    header.writeUInt8(detail, 1);
    header.writeUInt16LE(1 + data.length / 4, 2);
    this.socket.write(Buffer.concat([header, data]));
  }

  private reply(): Promise<Buffer | undefined> {
    return new Promise((resolve, reject) => {
      if (this.failure === undefined) this.waiting.push({ sequence: this.sequence, resolve, reject });
      else reject(this.failure);
    });
  }

  private take(chunk: Buffer): void {
    this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
    try {
      while (this.isSetUp ? this.takeReply() : this.takeSetup());
    } catch (error) {
      this.fail(error as Error);
    }
  }

  private takeSetup(): boolean {
    if (this.received.length < SETUP_HEADER) return false;
    const setup = this.cut(SETUP_HEADER + this.received.readUInt16LE(6) * 4);
    if (setup === undefined) return false;
    if (setup.readUInt8(0) !== 1) throw new Error('the X server refuses the connection');
    this.root = rootOf(setup, this.screen);
    this.keycodes = [setup.readUInt8(34), setup.readUInt8(35)];
    if (this.onEvent !== undefined) clearTimeout(this.deadline);
    this.isSetUp = true;
    this.waiting.shift()?.resolve(setup);
    return true;
  }

  private takeReply(): boolean {
    if (this.received.length < HEADER) return false;
    const kind = this.received.readUInt8(0);
    const more = kind === 1 ? this.received.readUInt32LE(4) * 4 : 0;
    const reply = this.cut(HEADER + more);
    if (reply === undefined) return false;
    if (kind > 1) this.onEvent?.(reply);
    else this.answer(reply.readUInt16LE(2), kind === 1 ? reply : undefined);
    return true;
  }

  /** @param reply undefined for an error */
  private answer(sequence: number, reply: Buffer | undefined): void {
    if (this.waiting[0]?.sequence === sequence) this.waiting.shift()?.resolve(reply);
    else if (reply === undefined) this.refused.add(sequence);
  }

  /** The next so many bytes, once they are there. */
  private cut(bytes: number): Buffer | undefined {
    if (bytes > MAX_REPLY) throw new Error('the X server sends too much');
    if (this.received.length < bytes) return undefined;
    const part = this.received.subarray(0, bytes);
    this.received = this.received.subarray(bytes);
    return part;
  }

  private fail(error: Error): void {
    const isFirst = this.failure === undefined;
    this.failure ??= error;
    clearTimeout(this.deadline);
    this.socket.destroy();
    for (const { reject } of this.waiting.splice(0)) reject(this.failure);
    if (isFirst) this.onClose?.(this.failure);
  }

  dispose(): void {
    this.fail(new Error('the connection was closed'));
  }
}

function addressOf({ host, number }: DisplayName): NetConnectOpts {
  return host === '' ? { path: `/tmp/.X11-unix/X${number}` } : { host, port: FIRST_TCP_PORT + number };
}

function setupRequest(cookie: Buffer | undefined): Buffer {
  const header = Buffer.alloc(12);
  // Little-endian, version 11.0.
  header.write('l', 0, 'latin1');
  header.writeUInt16LE(11, 2);
  if (cookie === undefined) return header;
  header.writeUInt16LE(AUTH_NAME.length, 6);
  header.writeUInt16LE(cookie.length, 8);
  return Buffer.concat([header, padded(Buffer.from(AUTH_NAME, 'latin1')), padded(cookie)]);
}

/** To a multiple of 4 bytes. */
export function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}

/** The root window of a screen; of the last one if there are not as many. */
function rootOf(setup: Buffer, number: number): number {
  const vendor = setup.readUInt16LE(24);
  const formats = setup.readUInt8(29);
  let at = 40 + vendor + (-vendor & 3) + formats * 8;
  for (let screen = 0; screen < Math.min(number, setup.readUInt8(28) - 1); screen += 1) {
    const depths = setup.readUInt8(at + 39);
    at += 40;
    for (let depth = 0; depth < depths; depth += 1) at += 8 + setup.readUInt16LE(at + 2) * 24;
  }
  return setup.readUInt32LE(at);
}

/** What this user proves its right to the display with, as in Xau's file format; undefined if there is nothing. */
function cookieOf({ number }: DisplayName): Buffer | undefined {
  const file = process.env['XAUTHORITY'] ?? join(homedir(), '.Xauthority');
  try {
    return findCookie(readFileSync(file), number, hostname());
  } catch {
    return undefined;
  }
}

/** The entry of this display; that of this host if there are several. */
export function findCookie(file: Buffer, display: number, host: string): Buffer | undefined {
  let at = 0;
  const field = (): Buffer => {
    const bytes = file.readUInt16BE(at);
    at += 2 + bytes;
    return file.subarray(at - bytes, at);
  };
  let found: Buffer | undefined;
  while (at + 2 <= file.length) {
    at += 2;
    const [address, number, name, data] = [field(), field(), field(), field()];
    const isDisplay = number.length === 0 || number.toString('latin1') === String(display);
    if (!isDisplay || name.toString('latin1') !== AUTH_NAME) continue;
    if (address.toString('latin1') === host) return data;
    found ??= data;
  }
  return found;
}
