// What hostile clients cost the embedded live server.
// `node dist/bench/live-server/main.js sessions [in process] [live]`: sessions with changed bytes.
// `node dist/bench/live-server/main.js viewers [count] [seconds] [kbit/s]`: viewers that never read.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { mutateBytes } from '../../fuzz/mutate-bytes.js';
import { Random } from '../../fuzz/random.js';
import { mediaTargets } from '../../fuzz/targets/media.js';
import type { LiveServerStartResult } from '../../src/protocol/live-server.js';
import { CountingViewer, DeafViewers, NumberedPublisher } from '../../test/support/live-load.js';
import { freePorts, liveServerStub } from '../../test/support/live-server.js';

const SEED = 1;
const KBPS = 6000;
const AT_ONCE = 24;
/** How long the server gets to close a session that it does not understand, ms. */
const SESSION_MS = 250;
const HANDSHAKE = Buffer.concat([Buffer.from([3]), Buffer.alloc(2 * 1536)]);

const [mode, ...numbers] = process.argv.slice(2);
if (mode === 'sessions') await sessions(Number(numbers[0] ?? 1_000_000), Number(numbers[1] ?? 2000));
else if (mode === 'viewers')
  await viewers(Number(numbers[0] ?? 200), Number(numbers[1] ?? 600), Number(numbers[2] ?? KBPS));
else {
  console.error('Usage: main.js sessions [in process] [live] | viewers [count] [seconds] [kbit/s]');
  process.exit(64);
}
process.exit(0);

async function sessions(inProcess: number, live: number): Promise<void> {
  const target = mediaTargets.find(({ name }) => name === 'rtmp-server');
  if (target === undefined) throw new Error('there is no such target');
  const random = new Random(SEED);
  const mutated = () => mutateBytes(random.pick(target.seeds), random.pick(target.seeds), random, 256 * 1024);
  const problems: unknown[] = [];
  process.on('uncaughtException', (error) => problems.push(error));
  process.on('unhandledRejection', (error) => problems.push(error));
  const startedAtMs = performance.now();
  let rssWhenWarm = 0;
  for (let count = 0; count < inProcess; count += 1) {
    if (count === Math.floor(inProcess / 10)) rssWhenWarm = process.memoryUsage.rss();
    try {
      await target.run(mutated());
    } catch (error) {
      problems.push(error);
    }
  }
  const seconds = (performance.now() - startedAtMs) / 1000;
  console.log(
    `${inProcess} sessions in process: ${problems.length} errors, ${mib(rssWhenWarm)} MiB after a tenth, ` +
      `${mib(process.memoryUsage.rss())} at the end; ${seconds.toFixed(0)} s`,
  );
  for (const problem of problems.slice(0, 5)) console.log(problem);
  if (live > 0) await liveSessions(live, mutated);
}

async function liveSessions(count: number, mutated: () => Buffer): Promise<void> {
  await withServer(KBPS, async ({ rtmpPort }, { rss, healthy }) => {
    const before = rss();
    let left = count;
    const worker = async () => {
      while (left > 0) {
        left -= 1;
        await session(rtmpPort, mutated());
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    console.log(`${count} sessions live: ${mib(before)} MiB before, ${mib(rss())} after; ${healthy()}`);
  });
}

function session(port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const timer = setTimeout(() => socket.destroy(), SESSION_MS);
    socket.on('error', () => {});
    socket.resume();
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.write(Buffer.concat([HANDSHAKE, bytes]));
  });
}

async function viewers(count: number, seconds: number, kbps: number): Promise<void> {
  await withServer(kbps, async (addresses, { rss, healthy }) => {
    const before = rss();
    const deaf = new DeafViewers(addresses, count);
    let most = 0;
    for (let second = 1; second <= seconds; second += 1) {
      await delay(1000);
      most = Math.max(most, rss());
      if (second % 30 === 0)
        console.log(`${second} s: ${mib(rss())} MiB; ${deaf.ended} cut off; ${healthy()}`);
    }
    deaf.stop();
    console.log(
      `${count} viewers that never read, ${seconds} s at ${kbps} kbit/s: ${mib(before)} MiB before, at most ${mib(most)}; ` +
        `${deaf.ended} cut off; ${healthy()}`,
    );
  });
}

interface Seen {
  /** Of the live server's process, bytes. */
  rss(): number;
  /** What the viewers have got that read. */
  healthy(): string;
}

async function withServer(
  kbps: number,
  run: (addresses: LiveServerStartResult, seen: Seen) => Promise<void>,
): Promise<void> {
  const server = liveServerStub();
  const addresses = await server.start(await freePorts());
  const pid = server.status?.pid ?? 0;
  const publisher = await NumberedPublisher.start(addresses, kbps);
  const healthy = await Promise.all([1, 2, 3].map(() => CountingViewer.start(addresses)));
  await delay(2000);
  await run(addresses, {
    rss: () => rssBytes(pid),
    healthy: () =>
      `three viewers that read got ${healthy.map(({ frames }) => frames)} frames and miss ${healthy.map(({ missing }) => missing)}`,
  });
  console.log(server.status?.pid === pid ? 'The process is the same.' : 'The process has been replaced.');
  for (const viewer of healthy) viewer.stop();
  publisher.stop();
  await server.stop();
  server.dispose();
}

function rssBytes(pid: number): number {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

function mib(bytes: number): number {
  return Math.round(bytes / 1024 / 1024);
}
