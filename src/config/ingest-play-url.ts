import { isIPv6 } from 'node:net';
import { INGEST_PLAY_APP } from '../protocol/live-server.js';
import type { BroadcastConfig } from './schema.js';

/**
 * Where the embedded live server plays what is published to an ingest. It is known before that server listens: with an ingest, its port is
 * the configured one.
 */
export function ingestPlayUrl(ingest: string, { rtmpPort, rtmpHost }: BroadcastConfig['liveServer']): string {
  const isEverywhere = rtmpHost === '0.0.0.0' || rtmpHost === '::';
  const host = isEverywhere ? '127.0.0.1' : rtmpHost;
  return `rtmp://${isIPv6(host) ? `[${host}]` : host}:${rtmpPort}/${INGEST_PLAY_APP}/${ingest}`;
}
