// One broadcast to nginx-rtmp, watched by ffprobe, while five hostile plugins do at once all that `test/support/hostile-plugin` can do,
// disks fill and empty, and hosts, encoders and the embedded live server are killed.
// `node dist/bench/hostile/main.js [minutes] [kills] [strict|standard]`
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connectToCore } from '../../src/control-client/connect-to-core.js';
import { ControlClient } from '../../src/control-client/control-client.js';
import { packageRoot } from '../../src/core/processes/entry-points.js';
import { StatusRequest } from '../../src/protocol/control.js';
import { SubscribeRequest } from '../../src/protocol/status-changes.js';
import { RpcConnection } from '../../src/rpc/rpc-connection.js';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { watchLive } from '../../test/support/live-viewer.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { SmallDisk } from '../../test/support/small-disk.js';
import { tempDir } from '../../test/support/temp.js';
import { withoutBubblewrap } from '../../test/support/without-bubblewrap.js';
import { quantile } from '../support/statistics.js';

import { type Excused, missingFrames } from './frames.js';

const MINUTES = Number(process.argv[2] ?? 20);
const KILLS = Number(process.argv[3] ?? 200);
const TIER = process.argv[4] ?? 'strict';
const FPS = 30;
const PLUGINS = 5;
const DISK_MB = 64;
/** How long a disk stays full, and how long there is room then, ms. */
const FULL_MS = 8000;
const ROOM_MS = 25_000;
/** Frames may be missing so long after the encoder process was killed, or stopped, ms: what its end costs is measured by `bench:studio-faults`. */
const EXCUSED_MS = 6000;
/** Each attack of a plugin, with the arguments that it is given; a flood lasts so long, ms. */
const FLOOD_MS = 8000;
const ATTACKS: readonly (readonly [name: string, ...args: unknown[]])[] = [
  ['deep', 6000],
  ['deep', 6000, '{"id":null,"error":'],
  ['deep', 6000, '{"jsonrpc":"2.0","id":'],
  ['deep', 6000, '{"method":'],
  ['deep', 100_000],
  ['zeros'],
  ['zeros', 50_000],
  ['manyZeros', FLOOD_MS],
  ['batch'],
  ['batch', 2000],
  ['smallBatches', FLOOD_MS],
  ['deepArguments'],
  ['largeCalls', FLOOD_MS],
  ['calls', FLOOD_MS],
  ['statusItems', FLOOD_MS],
  ['stderr', FLOOD_MS],
  ['logs', FLOOD_MS],
  ['lists', 2 * FLOOD_MS],
  ['half'],
  ['escapes'],
  ['hoard', FLOOD_MS],
  ['random'],
];

class Tally {
  private readonly counts = new Map<string, number>();

  add(what: string, count = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + count);
  }

  of(what: string): number {
    return this.counts.get(what) ?? 0;
  }

  print(title: string): void {
    console.log(`\n${title}`);
    for (const [what, count] of [...this.counts].sort(([a], [b]) => a.localeCompare(b))) {
      console.log(`  ${what}: ${count}`);
    }
  }
}

const attacks = new Tally();
const endings = new Tally();
const kills = new Tally();
const excused: Excused[] = [];
const folder = tempDir('hostile');
const probe = join(folder.path, 'probe.jsonl');
const disks = ['tmp', 'log', 'data'].map((name) => new SmallDisk(join(folder.path, name), DISK_MB));
const [temporary, logs, data] = disks as [SmallDisk, SmallDisk, SmallDisk];
const nginx = await startNginxRtmp();
const url = nginx.url('live', 'key');
const names = Array.from({ length: PLUGINS }, (_, index) => `hostile-${index + 1}`);
const config = join(folder.path, 'show.json');
writeFileSync(
  config,
  JSON.stringify({
    video: { width: 640, height: 360, fps: FPS, bitrateKbps: 800, preset: 'ultrafast' },
    outputs: [{ id: 'nginx', url }],
    liveServer: { enabled: true },
    plugins: names.map((name) => writePlugin(name)),
  }),
);
const logFile = join(logs.path, 'core.log');
const path = TIER === 'standard' ? withoutBubblewrap() : undefined;
const bulkhead = new Bulkhead(['live', config, '--log-file', logFile], {
  env: {
    ...(path === undefined ? {} : { PATH: path.path }),
    TMPDIR: temporary.path,
    XDG_DATA_HOME: data.path,
    NODE_OPTIONS: `--require ${join(packageRoot(), 'bench/hostile/core-probe.cjs')}`,
    HOSTILE_PROBE: probe,
  },
});
let failed = false;
try {
  await run();
} finally {
  await bulkhead.end();
  await nginx.stop();
  for (const disk of disks) disk.dispose();
  path?.dispose();
  folder.dispose();
}
process.exit(failed ? 1 : 0);

function writePlugin(name: string): string {
  const path = join(folder.path, 'plugins', name);
  cpSync(join(packageRoot(), 'test/support/hostile-plugin'), path, { recursive: true });
  const manifest = join(path, 'package.json');
  writeFileSync(manifest, JSON.stringify({ ...JSON.parse(readFileSync(manifest, 'utf8')), name }));
  return path;
}

async function run(): Promise<void> {
  await bulkhead.until('on air', ({ state }) => state === 'live', 60_000);
  await bulkhead.until(
    'all plugins are active',
    ({ extensionHosts }) =>
      extensionHosts.length === PLUGINS &&
      extensionHosts.every(({ state, tier }) => state === 'running' && tier === TIER),
    60_000,
  );
  const client = await ControlClient.connect(bulkhead.address);
  const corePid = (await client.status()).core.pid;
  const viewer = watchLive(url);
  await viewer.next(({ keyframe }) => keyframe);
  const before = readProbe().length;
  const endsAtMs = performance.now() + MINUTES * 60_000;
  const isOver = () => performance.now() >= endsAtMs;
  await Promise.all([
    ...names.map((name, index) => attack(client, name, index, isOver)),
    kill(client, isOver),
    fillDisks(isOver),
    floodControl(isOver),
  ]);
  for (const disk of disks) disk.empty();
  await delay(3000);
  const status = await bulkhead.status();
  await viewer.next(({ keyframe }) => keyframe, 10_000);
  const { backwards } = viewer.report();
  const seen = missingFrames(viewer.packets, FPS, excused);
  client.dispose();
  await viewer.stop();

  attacks.print(`Attacks of ${PLUGINS} plugins in ${MINUTES} minutes, in the ${TIER} tier`);
  endings.print('How their hosts were found after an attack');
  kills.print('Kills');
  const samples = readProbe().slice(before);
  const own = samples.filter(({ pid }) => pid === corePid);
  const cpu = own.map(({ cpuMs }) => cpuMs);
  const log = existsSync(logFile) ? readFileSync(logFile, 'utf8') : '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
  const raw = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
  console.log('\nWhat was seen');
  expect(
    'deaths of the core',
    samples.every(({ pid }) => pid === corePid) && status.core.pid === corePid ? 0 : 1,
    0,
  );
  expect('sessions at nginx-rtmp', status.outputs.find(({ id }) => id === 'nginx')?.sessions ?? 0, 1);
  expect('timestamps that went back', backwards, 0);
  expect(`frames missing of ${seen.frames}, encoder kills aside`, seen.missing, 0);
  console.log(`  frames missing after kills of an encoder: ${seen.excused}`);
  expect('longest time in which the core did not turn, CPU ms', Math.max(...cpu), 20);
  console.log(
    `  the same of each second: median ${quantile(cpu, 0.5).toFixed(1)}, p99 ${quantile(cpu, 0.99).toFixed(1)}; ` +
      `wall clock: p99 ${quantile(
        own.map(({ wallMs }) => wallMs),
        0.99,
      ).toFixed(1)}, longest ${Math.max(...own.map(({ wallMs }) => wallMs)).toFixed(1)}`,
  );
  const longest = own.toSorted((a, b) => b.cpuMs - a.cpuMs).slice(0, 5);
  console.log(
    `  the five longest, and the garbage collector's part: ${longest.map(({ cpuMs, gcMs }) => `${cpuMs.toFixed(1)} (${gcMs.toFixed(1)})`).join(', ')}`,
  );
  console.log(`  memory of the core at most: ${Math.max(...own.map(({ rssMb }) => rssMb)).toFixed(0)} MB`);
  expect(
    'control sequences in the log or on the terminal',
    [log, bulkhead.stdout, bulkhead.stderr].filter((text) => raw.test(text)).length,
    0,
  );
  expect(`kills that were not made of ${KILLS}`, Math.max(0, KILLS - kills.of('all')), 0);
}

/** What `core-probe.cjs` has written: one sample a second. */
function readProbe(): readonly { pid: number; wallMs: number; cpuMs: number; gcMs: number; rssMb: number }[] {
  return readFileSync(probe, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** Prints a figure beside its target. */
function expect(what: string, figure: number, most: number): void {
  const missed = !(figure <= most);
  failed ||= missed;
  console.log(
    `  ${what}: ${Number.isInteger(figure) ? figure : figure.toFixed(1)} (target ${most})${missed ? ' MISSED' : ''}`,
  );
}

/** One plugin's attacks in turn, beginning with another one for each; it is started again when it has been given up. */
async function attack(
  client: ControlClient,
  name: string,
  index: number,
  isOver: () => boolean,
): Promise<void> {
  for (let turn = index * 4; !isOver(); turn++) {
    const [what = '', ...args] = ATTACKS[turn % ATTACKS.length] ?? [];
    const seeded = what === 'random' ? [turn, 10_000] : args;
    await Promise.race([client.runCommand(`${name}.${what}`, seeded).catch(() => {}), delay(30_000)]);
    attacks.add(what);
    await delay(300);
    const { extensionHosts } = await client.status();
    const host = extensionHosts.find(({ plugins }) => plugins.includes(name));
    endings.add(`${what}: ${host?.state}`);
    if (host?.state === 'running') continue;
    await client.plugins.restart({ id: name }).catch(() => {});
    await delay(500);
  }
}

async function kill(client: ControlClient, isOver: () => boolean): Promise<void> {
  const intervalMs = (MINUTES * 60_000) / (KILLS + 5);
  for (let count = 0; count < KILLS && !isOver(); count++) {
    await delay(intervalMs);
    const { encoder, extensionHosts, liveServer } = await client.status();
    const hosts = extensionHosts.map(({ pid }) => pid).filter((pid) => pid !== 0);
    const host = hosts[count % Math.max(1, hosts.length)];
    const victims: readonly (readonly [string, number | undefined, NodeJS.Signals])[] = [
      ['a host, SIGKILL', host, 'SIGKILL'],
      ['the video encoder, SIGKILL', encoder.videoPid, 'SIGKILL'],
      ['a host, SIGSTOP', host, 'SIGSTOP'],
      ['the encoder process, SIGKILL', encoder.pid, 'SIGKILL'],
      ['the embedded live server, SIGKILL', liveServer?.pid, 'SIGKILL'],
    ];
    const [what, pid, signal] = victims[count % victims.length] ?? ['', undefined, 'SIGKILL'];
    if (pid === undefined || pid === 0) continue;
    const atMs = performance.now();
    if (pid === encoder.pid) excused.push({ fromMs: atMs - 500, toMs: atMs + EXCUSED_MS });
    try {
      process.kill(pid, signal);
      kills.add(what);
      kills.add('all');
    } catch {
      // It has ended meanwhile.
    }
  }
}

async function fillDisks(isOver: () => boolean): Promise<void> {
  for (let turn = 0; !isOver(); turn++) {
    const disk = disks[turn % disks.length];
    disk?.fill();
    await delay(FULL_MS);
    disk?.empty();
    await delay(ROOM_MS);
  }
}

/** A client of the control API that asks too much. */
async function floodControl(isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const flood = new RpcConnection(await connectToCore(bulkhead.address), { peer: 'core' });
    flood.listen();
    const untilMs = performance.now() + 3000;
    while (performance.now() < untilMs && !flood.closed) {
      await Promise.allSettled(
        Array.from({ length: 50 }, (_, index) =>
          index % 2 === 0
            ? flood.sendRequest(SubscribeRequest.type, { metersIntervalMs: 1 })
            : flood.sendRequest(StatusRequest.type, {}),
        ),
      );
    }
    attacks.add('control API: status and subscriptions without end');
    flood.dispose();
    await delay(15_000);
  }
}
