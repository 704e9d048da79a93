import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openBrowser, type TestBrowser, type TestPage } from './browser.js';
import { readMarks } from './marks.js';

/** A page of a browser that takes streams by WebRTC, judged by what it shows and by its own counters. */
export interface WebRtcFigures {
  readonly framesDecoded: number;
  readonly keyFramesDecoded: number;
  readonly packetsLost: number;
  readonly frameWidth: number;
  readonly codec: string;
  readonly samples: number;
  /** Samples that it had to make up. */
  readonly concealed: number;
}

export interface WhipRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** What a server does with a request in place of taking the stream; false to take it. */
export type Misbehaviour = (request: WhipRequest, response: ServerResponse) => boolean;

const PAGE = `<!doctype html><video muted autoplay playsinline></video><script>
const video = document.querySelector('video');
const canvas = document.createElement('canvas');
window.shown = [];
function look() {
  const { videoWidth: width, videoHeight: height } = video;
  if (width > 0) {
    canvas.width = width; canvas.height = height;
    const context = canvas.getContext('2d', { willReadFrequently: true });
    context.drawImage(video, 0, 0);
    const rowWidth = Math.round(width * 0.9), rowHeight = Math.max(2, Math.round(height * 4 / 45));
    const squares = [];
    for (let at = 0; at < 24; at++) {
      squares.push(context.getImageData(Math.round((at + 0.5) * rowWidth / 24), Math.round(rowHeight / 2), 1, 1).data[1]);
    }
    window.shown.push({ squares, middle: [...context.getImageData(width / 2, height / 2, 1, 1).data].slice(0, 3), atMs: performance.now() });
  }
  video.requestVideoFrameCallback(look);
}
video.requestVideoFrameCallback(look);
window.beeps = [];
async function listen(stream) {
  const context = new AudioContext({ latencyHint: 'interactive' });
  const source = context.createMediaStreamSource(stream);
  const processor = context.createScriptProcessor(256, 2, 1);
  let loud = false;
  processor.onaudioprocess = ({ inputBuffer }) => {
    const samples = inputBuffer.getChannelData(0);
    let most = 0;
    for (const sample of samples) most = Math.max(most, Math.abs(sample));
    if (most > 0.2 && !loud) window.beeps.push(performance.now());
    loud = most > 0.2 || (loud && most > 0.1);
  };
  source.connect(processor); processor.connect(context.destination);
  await context.resume();
}
window.accept = async (offer) => {
  window.peer?.close();
  const peer = new RTCPeerConnection();
  window.peer = peer;
  const stream = new MediaStream();
  peer.ontrack = ({ track }) => {
    stream.addTrack(track);
    video.srcObject = stream;
    void video.play();
    if (track.kind === 'audio') void listen(stream);
  };
  await peer.setRemoteDescription({ type: 'offer', sdp: offer });
  const answer = await peer.createAnswer();
  await peer.setLocalDescription({ type: 'answer', sdp: answer.sdp.replace(/(a=fmtp:111 )/, '$1stereo=1;') });
  if (peer.iceGatheringState !== 'complete') {
    await new Promise((resolve) => peer.addEventListener('icegatheringstatechange', () => peer.iceGatheringState === 'complete' && resolve()));
  }
  return peer.localDescription.sdp;
};
window.figures = async () => {
  const found = { framesDecoded: 0, keyFramesDecoded: 0, packetsLost: 0, frameWidth: 0, codec: '', samples: 0, concealed: 0 };
  const stats = await window.peer?.getStats();
  const all = [...(stats?.values() ?? [])];
  for (const report of all) {
    if (report.type !== 'inbound-rtp') continue;
    found.packetsLost += report.packetsLost;
    if (report.kind === 'video') {
      Object.assign(found, { framesDecoded: report.framesDecoded ?? 0, keyFramesDecoded: report.keyFramesDecoded ?? 0, frameWidth: report.frameWidth ?? 0 });
      const codec = all.find(({ id }) => id === report.codecId);
      found.codec = codec === undefined ? '' : codec.mimeType + ' ' + codec.sdpFmtpLine;
    } else {
      Object.assign(found, { samples: report.totalSamplesReceived ?? 0, concealed: report.concealedSamples ?? 0 });
    }
  }
  return found;
};
</script>`;

/** A WHIP server whose media goes to a page of a real browser. */
export class WhipReceiver {
  readonly requests: WhipRequest[] = [];
  misbehave: Misbehaviour = () => false;
  /** Path of the endpoint; others do not exist. */
  readonly path = '/whip/live';
  private page: TestPage | undefined;
  private sessions = 0;

  private constructor(
    private readonly server: Server,
    private readonly browser: TestBrowser | undefined,
  ) {}

  /** @param key what it asks for as a bearer token */
  static async start(key: string, { withBrowser = true } = {}): Promise<WhipReceiver> {
    const browser = withBrowser
      ? await openBrowser(undefined, [
          '--disable-features=WebRtcHideLocalIpsWithMdns',
          '--allow-loopback-in-peer-connection',
        ])
      : undefined;
    const server = createServer();
    const self = new WhipReceiver(server, browser);
    server.on('request', (request, response) => {
      self.serve(key, request, response).catch(() => response.writeHead(500).end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    self.page = await browser?.open(`http://${self.host}/`);
    return self;
  }

  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `http://${this.host}${this.path}`;
  }

  figures(): Promise<WebRtcFigures> {
    return this.evaluate('window.figures()');
  }

  evaluate<T>(script: string): Promise<T> {
    if (this.page === undefined) throw new Error('there is no browser');
    return this.page.page.evaluate<T>(script);
  }

  /** Numbers of the marked frames that the page has shown. */
  async shownNumbers(): Promise<number[]> {
    const shown = await this.evaluate<{ squares: number[] }[]>('window.shown');
    return shown.flatMap(({ squares }) => readMarks(Uint8Array.from(squares))?.number ?? []);
  }

  async stop(): Promise<void> {
    await this.browser?.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(key: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = request;
    if (method === 'GET') {
      response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE);
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { authorization } = headers;
    const seen = { method, path, authorization, body: Buffer.concat(chunks).toString() };
    this.requests.push(seen);
    if (this.misbehave(seen, response)) return;
    if (authorization !== `Bearer ${key}`) {
      response.writeHead(401).end();
    } else if (method === 'DELETE') {
      await this.evaluate('window.peer.close()');
      response.writeHead(200).end();
    } else if (path !== this.path) {
      response.writeHead(404).end();
    } else {
      const answer = await this.evaluate<string>(`window.accept(${JSON.stringify(seen.body)})`);
      this.sessions += 1;
      response
        .writeHead(201, { 'content-type': 'application/sdp', location: `/session/${this.sessions}` })
        .end(answer);
    }
  }
}
