import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { XConnection } from '../../src/x11/x-connection.js';

/** An X server of the test's own, with a white screen. */
export interface XServer {
  /** `:7` */
  readonly display: string;
  stop(): Promise<void>;
}

/** @param size `1280x720` */
export async function startXServer(size: string): Promise<XServer> {
  // -displayfd: the server chooses a free display and reports its number.
  // -noreset: when its last client leaves it would start anew, and break the connection of a next one that comes meanwhile.
  const args = ['-displayfd', '3', '-noreset', '-wr', '-screen', '0', `${size}x24`, '-nolisten', 'tcp'];
  const server: ChildProcess = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const [number] = (await once(server.stdio[3] as Readable, 'data')) as [Buffer];
  return {
    display: `:${number.toString().trim()}`,
    stop: async () => {
      const gone = once(server, 'exit');
      server.kill();
      await gone;
    },
  };
}

export interface WindowPlace {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Plain windows on an X server, without a window manager. */
export class TestWindows {
  private ids = 0;

  private constructor(
    private readonly socket: Socket,
    private readonly firstId: number,
    private readonly root: number,
    private readonly nameAtom: number,
    private readonly textAtom: number,
  ) {}

  static async open(display: string): Promise<TestWindows> {
    const connection = await XConnection.open(display, 5000);
    const atom = async (name: string) => {
      const length = Buffer.from([name.length, 0, 0, 0]);
      const text = Buffer.alloc(Math.ceil(name.length / 4) * 4);
      text.write(name);
      return (await connection.request(16, 0, Buffer.concat([length, text])))?.readUInt32LE(8) ?? 0;
    };
    const [nameAtom, textAtom] = [await atom('_NET_WM_NAME'), await atom('UTF8_STRING')];
    const root = connection.rootWindow;
    const socket = connect(`/tmp/.X11-unix/X${display.slice(1)}`);
    socket.write(Buffer.from('6c000b000000000000000000', 'hex'));
    let setup = Buffer.alloc(0);
    while (setup.length < 16) setup = Buffer.concat([setup, ...((await once(socket, 'data')) as [Buffer])]);
    socket.resume().on('error', () => {});
    // Not before: the server forgets all names when its last client leaves.
    connection.dispose();
    return new TestWindows(socket, setup.readUInt32LE(12), root, nameAtom, textAtom);
  }

  /** @param rgb as in 0xff0000 */
  async show(title: string, { x, y, width, height }: WindowPlace, rgb: number): Promise<number> {
    this.ids += 1;
    const id = this.firstId + this.ids;
    const place = Buffer.alloc(16);
    for (const [index, value] of [x, y, width, height, 0, 1].entries()) place.writeInt16LE(value, index * 2);
    // With a background, and left alone by window managers.
    await this.send(1, 0, uint32(id), uint32(this.root), place, uint32(0x202), uint32(rgb), uint32(1));
    await this.setTitle(id, title);
    await this.map(id, true);
    return id;
  }

  async setTitle(id: number, title: string): Promise<void> {
    const text = Buffer.from(title, 'utf8');
    const filled = Buffer.concat([text, Buffer.alloc(-text.length & 3)]);
    const format = uint32(8);
    const head = [uint32(id), uint32(this.nameAtom), uint32(this.textAtom), format, uint32(text.length)];
    await this.send(18, 0, ...head, filled);
  }

  async map(id: number, isShown: boolean): Promise<void> {
    await this.send(isShown ? 8 : 10, 0, uint32(id));
  }

  async resize(id: number, width: number, height: number): Promise<void> {
    await this.send(12, 0, uint32(id), uint32(0b1100), uint32(width), uint32(height));
  }

  async close(id: number): Promise<void> {
    await this.send(4, 0, uint32(id));
  }

  /** Resolves once it has been done. */
  private async send(opcode: number, detail: number, ...data: readonly Buffer[]): Promise<void> {
    const body = Buffer.concat(data);
    const header = Buffer.from([opcode, detail, 0, 0]);
    header.writeUInt16LE(1 + body.length / 4, 2);
    const answered = once(this.socket, 'data');
    // Followed by a request that has a reply: GetInputFocus.
    this.socket.write(Buffer.concat([header, body, Buffer.from([43, 0, 1, 0])]));
    await answered;
  }

  /** Closes them all. */
  dispose(): void {
    this.socket.destroy();
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value, 0);
  return bytes;
}
