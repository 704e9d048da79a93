import type { Socket } from 'node:net';
import type { Disposable } from 'vscode-jsonrpc';
import { isSameText } from '../../base/is-same-text.js';
import { CONTROL_ADMITTED, CONTROL_BUSY, CONTROL_REFUSED } from '../../protocol/control.js';
import { FirstLines } from '../../rpc/first-lines.js';

/** Maximum number of clients: the core keeps descriptors for its outputs. */
const MAX_ADMITTED = 128;

/** Admits clients of the control socket that send the token. */
export class Admission implements Disposable {
  private readonly greetings = new FirstLines((socket, shown) => this.decide(socket, shown));
  private readonly admitted = new Set<Socket>();
  private token: string | undefined;

  constructor(private readonly onAdmitted: (socket: Socket) => void) {}

  /** Before this, no client is admitted. */
  begin(token: string): void {
    this.token = token;
  }

  async add(socket: Socket): Promise<void> {
    socket.on('close', () => this.admitted.delete(socket));
    await this.greetings.add(socket);
  }

  dispose(): void {
    this.greetings.dispose();
    for (const socket of this.admitted) socket.destroy();
  }

  private decide(socket: Socket, shown: string | undefined): void {
    if (this.token === undefined || shown === undefined || !isSameText(shown, this.token)) {
      refuse(socket, CONTROL_REFUSED);
    } else if (this.admitted.size >= MAX_ADMITTED) {
      refuse(socket, CONTROL_BUSY);
    } else {
      this.admitted.add(socket);
      socket.write(`${CONTROL_ADMITTED}\n`);
      this.onAdmitted(socket);
    }
  }
}

function refuse(socket: Socket, answer: string): void {
  socket.end(`${answer}\n`);
  socket.destroySoon();
}
