// Carries packets between two TUN devices whose descriptors it has inherited, as the conditions on standard input say: a line of
// JSON for each change, a `NetworkConditions`. Up is from `TUN_NEAR` to `TUN_FAR`.
import { read, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Link, seeded } from './link.js';
import type { NetworkConditions } from './namespaces.js';

const MAX_PACKET = 65_536;

const IPV4_TCP = 6;
/** Connections so far, and those that pass no more: both ports, the smaller one first. */
let connections = new Set<string>();
let forgotten = new Set<string>();

function isForgotten(packet: Buffer): boolean {
  if ((packet[0] ?? 0) >> 4 !== 4 || packet[9] !== IPV4_TCP) return false;
  const tcp = 4 * ((packet[0] ?? 0) & 15);
  const connection = [packet.readUInt16BE(tcp), packet.readUInt16BE(tcp + 2)].sort((a, b) => a - b).join();
  connections.add(connection);
  return forgotten.has(connection);
}

class Direction {
  readonly link: Link;
  private readonly waiting: { readonly packet: Buffer; readonly atMs: number }[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    seed: number,
    private readonly from: number,
    private readonly to: number,
  ) {
    this.link = new Link(seeded(seed));
  }

  run(): void {
    const buffer = Buffer.allocUnsafe(MAX_PACKET);
    read(this.from, buffer, 0, MAX_PACKET, null, (error, bytes) => {
      if (error) throw error;
      this.take(Buffer.from(buffer.subarray(0, bytes)));
      this.run();
    });
  }

  private take(packet: Buffer): void {
    if (isForgotten(packet)) return;
    const nowMs = performance.now();
    const atMs = this.link.arrival(packet.length, nowMs);
    if (atMs === undefined) return;
    this.waiting.push({ packet, atMs });
    this.deliver();
  }

  private deliver(): void {
    const nowMs = performance.now();
    for (let next = this.waiting[0]; next !== undefined && next.atMs <= nowMs; next = this.waiting[0]) {
      this.waiting.shift();
      try {
        writeSync(this.to, next.packet);
      } catch {
        // That side is not up yet.
      }
    }
    const [next] = this.waiting;
    if (next === undefined || this.timer !== undefined) return;
    this.timer = setTimeout(
      () => {
        this.timer = undefined;
        this.deliver();
      },
      Math.max(1, next.atMs - nowMs),
    );
  }
}

const near = Number(process.env.TUN_NEAR);
const far = Number(process.env.TUN_FAR);
const seed = Number(process.env.SEED ?? 1);
const up = new Direction(seed, near, far);
const down = new Direction(seed + 1, far, near);

createInterface({ input: process.stdin }).on('line', (line) => {
  const conditions = JSON.parse(line) as NetworkConditions;
  up.link.set(conditions.up);
  down.link.set(conditions.down);
  if (conditions.forgets !== true) return;
  forgotten = connections;
  connections = new Set();
});
up.run();
down.run();
process.stdout.write('ready\n');
