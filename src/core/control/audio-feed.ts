import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc/node';
import { Throttle } from '../../base/throttle.js';
import { AudioLevelsNotification, type MixLevels } from '../../protocol/audio.js';
import type { RpcConnection } from '../../rpc/rpc-connection.js';
import { Broadcast } from '../broadcast/broadcast.js';

/** Levels come every 50 ms, give or take a slot. */
const EARLY_MS = 25;
/** A client with more unread data than this misses some, bytes. */
const MAX_UNREAD_BYTES = 64 * 1024;

/** Sends levels of sound to the clients that follow them. */
@injectable()
export class AudioFeed {
  constructor(@inject(Broadcast) private readonly broadcast: Pick<Broadcast, 'onDidMeasure'>) {}

  /**
   * @param intervalMs how often levels are sent at most
   * @returns disposing ends it
   */
  follow(client: Pick<RpcConnection, 'sendNotification' | 'queuedBytes'>, intervalMs: number): Disposable {
    const throttle = new Throttle(EARLY_MS);
    return this.broadcast.onDidMeasure((levels: MixLevels) => {
      if (client.queuedBytes > MAX_UNREAD_BYTES || !throttle.take(intervalMs)) return;
      client.sendNotification(AudioLevelsNotification.type, levels);
    });
  }
}
