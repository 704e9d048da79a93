import type { RpcConnection } from '../../rpc/rpc-connection.js';
import type { MediaSocket, MediaSockets } from '../media-sockets/media-sockets.js';

/** The media socket of each encoder that has been asked to prepare or to start, until its connection closes. */
export class EncoderMedia {
  private readonly byConnection = new Map<RpcConnection, MediaSocket>();

  constructor(private readonly sockets: MediaSockets) {}

  /** Opens one if it has none yet: an encoder starts with the one that it was prepared for. */
  of(connection: RpcConnection): MediaSocket {
    const known = this.byConnection.get(connection);
    if (known !== undefined) return known;
    const socket = this.sockets.open();
    this.byConnection.set(connection, socket);
    connection.onDidClose(() => this.retire(connection));
    return socket;
  }

  /** Its next one will be another. */
  retire(connection: RpcConnection): void {
    this.byConnection.get(connection)?.retire();
    this.byConnection.delete(connection);
  }
}
