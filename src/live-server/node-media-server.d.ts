/** What is used of node-media-server 4.4, which ships no types. */
declare module 'node-media-server' {
  import type { Server as HttpServer, ServerResponse } from 'node:http';
  import type { Socket, Server as TcpServer } from 'node:net';

  interface Config {
    readonly bind: string;
    readonly rtmp: { readonly port: number };
    /** Handed to `server.listen` as it is: a port, or the name of a pipe. */
    readonly http: { readonly port: number | string };
    readonly record: { readonly auto: boolean };
    readonly webadmin: { readonly enable: boolean };
    /** A publisher's query then needs `sign`. */
    readonly auth?: { readonly publish: boolean; readonly secret: string };
  }

  /** A publisher or a viewer. */
  interface BaseSession {
    readonly id: string;
    readonly streamPath: string;
    readonly isPublisher: boolean;
    streamQuery: Readonly<Record<string, unknown>> | undefined;
    close(): void;
  }
  interface RtmpSession extends BaseSession {
    readonly protocol: 'rtmp';
    readonly socket: Socket;
    readonly rtmp: { onPacketCallback: (packet: unknown) => void };
  }
  interface FlvSession extends BaseSession {
    readonly protocol: 'flv';
    readonly res: ServerResponse;
  }
  namespace NodeMediaServer {
    export type Session = RtmpSession | FlvSession;
  }

  /** One in a process: its state is global. A listener that fails ends the process with code 1. */
  class NodeMediaServer {
    readonly rtmpServer: { readonly tcpServer: TcpServer; run(): void };
    readonly httpServer: { readonly httpServer: HttpServer; run(): void };
    constructor(config: Config);
    on(
      event: 'prePlay' | 'postPlay' | 'donePlay' | 'prePublish' | 'postPublish' | 'donePublish',
      listener: (session: NodeMediaServer.Session) => void,
    ): void;
    stop(): Promise<void>;
  }
  export = NodeMediaServer;
}

declare module 'node-media-server/src/core/logger.js' {
  /** Writes to stdout. */
  const logger: { level: 'trace' | 'debug' | 'info' | 'warn' | 'error' };
  export = logger;
}
