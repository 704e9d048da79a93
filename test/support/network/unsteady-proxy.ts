import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a server on this machine that can be interrupted. */
export interface UnsteadyProxy {
  readonly port: number;
  /** Connections so far. */
  readonly connections: number;
  /** Nothing passes any more, without a notice to either side; new connections wait. */
  pause(): void;
  /** What was sent meanwhile passes, as by TCP after a short interruption. */
  resume(): void;
  /** Existing connections are dead, without a notice to either side; what is sent on them is lost. New ones work. */
  forget(): void;
  /** Connections of now are reset on both sides; what was under way is lost. New ones work. */
  reset(): void;
  close(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

export async function unsteadyProxy(serverPort: number): Promise<UnsteadyProxy> {
  const pairs = new Set<Pair>();
  let connections = 0;
  let paused = false;
  let waiting: Socket[] = [];

  const flows = ({ client, server }: Pair, flowing: boolean) => {
    for (const socket of [client, server]) socket[flowing ? 'resume' : 'pause']();
  };
  const join = (client: Socket) => {
    const server = connect(serverPort, '127.0.0.1');
    const pair = { client, server };
    pairs.add(pair);
    server.setNoDelay(true);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on('data', (bytes: Buffer) => {
        if (to.write(bytes)) return;
        from.pause();
        to.once('drain', () => {
          if (!paused) from.resume();
        });
      });
      from.on('error', () => {});
      from.on('close', () => {
        pairs.delete(pair);
        to.destroy();
      });
    }
  };
  const listener = createServer((client) => {
    connections += 1;
    client.setNoDelay(true);
    client.on('error', () => {});
    if (paused) waiting.push(client.pause());
    else join(client);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');

  return {
    port: (listener.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    pause: () => {
      paused = true;
      for (const pair of pairs) flows(pair, false);
    },
    resume: () => {
      paused = false;
      for (const pair of pairs) flows(pair, true);
      for (const client of waiting) join(client.resume());
      waiting = [];
    },
    forget: () => {
      for (const { client, server } of pairs) {
        for (const socket of [client, server])
          socket.removeAllListeners('data').removeAllListeners('close').pause();
      }
    },
    reset: () => {
      for (const { client, server } of pairs) {
        client.resetAndDestroy();
        server.resetAndDestroy();
      }
    },
    close: async () => {
      for (const { client, server } of pairs) {
        client.destroy();
        server.destroy();
      }
      for (const client of waiting) client.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}
