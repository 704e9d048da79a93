import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { withDeadline } from '../../../base/with-deadline.js';
import { NoAnswerError } from '../published-output.js';
import { openSocket } from '../rtmp/open-socket.js';
import { Refusals } from '../rtmp/refusals.js';
import { RtmpSession } from '../rtmp/rtmp-session.js';
import type { RtmpTarget } from '../rtmp/rtmp-target.js';

/** How long a server may take, ms. */
const OPEN_MS = 10_000;

/** How long each step to a server took, ms. */
export interface ReachedServer {
  /** Looking the name up; absent for an address. */
  readonly nameMs?: number;
  readonly tcpMs: number;
  /** Absent without TLS. */
  readonly tlsMs?: number;
  /** RTMP's handshake. */
  readonly handshakeMs: number;
  /** The answer to the `connect` command, with a login where it asks for one. */
  readonly connectMs: number;
  readonly totalMs: number;
}

/**
 * Connects to a server up to its application, and publishes nothing.
 *
 * @param where the errors' location, such as `outputs.main`
 * @throws {BulkheadError} with the reason of a failure
 */
export async function reachServer(target: RtmpTarget, where: string): Promise<ReachedServer> {
  const refusals = new Refusals(target, where);
  const times = new Map<string, number>();
  const note = (step: string) => times.set(step, performance.now());
  const connect = async (_: RtmpTarget, signal: AbortSignal) => {
    note('name');
    if (isIP(target.host) === 0) await lookup(target.host);
    note('tcp');
    return openSocket(target, signal, undefined, () => note('tls'));
  };
  const opening = withTimeout((signal) => RtmpSession.greet(target, refusals, signal, connect, note));
  (await opening).dispose();
  const took = (from: string, to: string) => Math.round((times.get(to) ?? 0) - (times.get(from) ?? 0));
  return {
    ...(isIP(target.host) === 0 ? { nameMs: took('name', 'tcp') } : {}),
    tcpMs: took('tcp', 'tls'),
    ...(target.secure ? { tlsMs: took('tls', 'handshake') } : {}),
    handshakeMs: took('handshake', 'connect'),
    connectMs: took('connect', 'createStream'),
    totalMs: took('name', 'createStream'),
  };
}

/** Publishes to a server, as an output does. @throws {BulkheadError} with the reason of a failure */
export function publishTest(target: RtmpTarget, where: string): Promise<RtmpSession> {
  return withTimeout((signal) => RtmpSession.open(target, new Refusals(target, where), signal));
}

function withTimeout<T>(open: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const waiting = new AbortController();
  const opening = open(waiting.signal);
  return withDeadline(opening, OPEN_MS, () => {
    waiting.abort(new NoAnswerError());
    return opening;
  });
}
