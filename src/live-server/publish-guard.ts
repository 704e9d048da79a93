import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type NodeMediaServer from 'node-media-server';

/** What node-media-server's own authentication asks of a publisher; only what the guard admits gets it. */
export interface PublishAuth {
  readonly publish: true;
  readonly secret: string;
}

/**
 * Admits to the one stream, as its publisher, only who presents the key: any program on this machine reaches the port. The key
 * stays in the core; here its hash is known.
 */
export class PublishGuard {
  readonly auth: PublishAuth = { publish: true, secret: randomBytes(32).toString('hex') };
  private readonly hash: Buffer;

  /**
   * @param keyHash SHA-256 of the key, hex.
   * @param streamPath The one that may be published.
   */
  constructor(
    keyHash: string,
    private readonly streamPath: string,
  ) {
    this.hash = Buffer.from(keyHash, 'hex');
  }

  /** To be called before the server judges a publisher. Then the query holds the server's signature or nothing. */
  judge(session: NodeMediaServer.Session): void {
    const key = session.streamQuery?.['key'];
    const admitted = session.streamPath === this.streamPath && typeof key === 'string' && this.isKey(key);
    session.streamQuery = admitted ? { sign: this.signature() } : {};
    if (admitted) return;
    this.ignoreMedia(session);
    if (session.protocol === 'rtmp') session.socket.destroy();
  }

  /** The server shows viewers the media of every RTMP client, of one that plays or has been refused as well. */
  ignoreMedia(session: NodeMediaServer.Session): void {
    if (session.protocol === 'rtmp') session.rtmp.onPacketCallback = () => {};
  }

  private isKey(key: string): boolean {
    const hash = createHash('sha256').update(key).digest();
    return hash.length === this.hash.length && timingSafeEqual(hash, this.hash);
  }

  /** As the server checks it: when it ends, s since 1970, and MD5 of path, end and secret. */
  private signature(): string {
    const end = Math.floor(Date.now() / 1000) + 60;
    const text = `${this.streamPath}-${end}-${this.auth.secret}`;
    return `${end}-${createHash('md5').update(text).digest('hex')}`;
  }
}
