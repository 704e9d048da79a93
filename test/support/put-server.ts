import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PutRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly authorization: string | undefined;
  readonly size: number;
}

/** A server that keeps what is put to it, as a content network's origin does. */
export class PutServer {
  /** By path. */
  readonly files = new Map<string, Buffer>();
  readonly requests: PutRequest[] = [];
  /** The status of the answer; undefined for none at all. */
  answer: (request: PutRequest) => number | undefined = () => 201;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<PutServer> {
    const server = createServer();
    const self = new PutServer(server);
    server.on('request', (request, response) => {
      void read(request).then((body) => {
        const { method = '', url = '', headers } = request;
        const { authorization } = headers;
        const seen = { method, path: url, authorization, size: body.length };
        self.requests.push(seen);
        const path = url.split('?')[0] ?? '';
        if (method === 'GET') {
          const file = self.files.get(path);
          response.writeHead(file === undefined ? 404 : 200).end(file);
          return;
        }
        const status = self.answer(seen);
        if (status === undefined) return;
        if (status < 300 && method === 'PUT') self.files.set(path, body);
        if (status < 300 && method === 'DELETE') self.files.delete(path);
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return self;
  }

  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  url(path: string): string {
    return `http://${this.host}${path}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
