import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { makeCertificate } from './certificates.js';

/** What the platform answers: a status and a body; undefined for none at all. */
export type ConfigurationReply = { readonly status?: number; readonly body: string } | undefined;

/** Stands in for the platform that says which tracks it wants, by HTTPS. */
export class ConfigurationServer {
  /** The bodies of the requests. */
  readonly requests: string[] = [];
  /** Their paths and headers. */
  readonly heads: string[] = [];

  private constructor(
    private readonly server: Server,
    readonly caFile: string,
    public reply: (body: string) => ConfigurationReply,
  ) {}

  /** @param folder where its certificate is written */
  static async start(
    folder: string,
    reply: (body: string) => ConfigurationReply,
  ): Promise<ConfigurationServer> {
    makeCertificate(folder, 'platform', 'DNS:localhost,IP:127.0.0.1');
    const file = (name: string) => join(folder, `platform.${name}`);
    const server = createServer({ key: readFileSync(file('key')), cert: readFileSync(file('pem')) });
    const self = new ConfigurationServer(server, file('pem'), reply);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        self.requests.push(body);
        self.heads.push(`${request.url} ${JSON.stringify(request.headers)}`);
        const answer = self.reply(body);
        if (answer === undefined) return;
        const headers = { 'Content-Type': 'application/json', Location: `${self.url}/elsewhere` };
        response.writeHead(answer.status ?? 200, headers).end(answer.body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return self;
  }

  get url(): string {
    return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}/api/v3/GetClientConfiguration`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

export interface AskedTrack {
  readonly type?: string;
  readonly width: number;
  readonly height: number;
  readonly bitrate: number;
  readonly fps?: number;
  readonly keyframeSeconds?: number;
}

/** An answer such as Twitch's. */
export function configurationOf(
  tracks: readonly AskedTrack[],
  endpoint: { readonly url: string; readonly key?: string },
  more: object = {},
): string {
  return JSON.stringify({
    meta: { service: 'IVS', schema_version: '2024-06-04', config_id: 'config-7/1' },
    status: { result: 'success' },
    ingest_endpoints: [
      {
        protocol: endpoint.url.startsWith('rtmps') ? 'RTMPS' : 'RTMP',
        url_template: `${endpoint.url}/{stream_key}`,
        ...(endpoint.key === undefined ? {} : { authentication: endpoint.key }),
      },
    ],
    encoder_configurations: tracks.map(
      ({ type = 'obs_x264', width, height, bitrate, fps, keyframeSeconds }) => ({
        ...{ type, width, height, gpu_scale_type: 'OBS_SCALE_BICUBIC', canvas_index: 0 },
        ...(fps === undefined ? {} : { framerate: { numerator: fps, denominator: 1 } }),
        settings: { bitrate, keyint_sec: keyframeSeconds, profile: 'high', rate_control: 'CBR' },
      }),
    ),
    audio_configurations: { live: [{ codec: 'aac', track_id: 0, channels: 2, settings: { bitrate: 160 } }] },
    ...more,
  });
}
