// What a viewer beside the server sees while the streamer's network is bad: Bulkhead, plain ffmpeg and OBS at once, each with a network, a
// server and a viewer of its own that are all alike. `npm run bench:bad-networks -- SCALE "PART OF A PROFILE'S NAME"`
import { setTimeout as delay } from 'node:timers/promises';
import { watchLive } from '../../test/support/live-viewer.js';
import { createNetwork, networkProblem } from '../../test/support/network/namespaces.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { shown } from '../support/targets.js';
import { type Contender, contenders, FPS } from './contenders.js';
import { judge, type Seen } from './judge.js';
import { type Profile, profiles } from './profiles.js';

const [scale = '1', wanted = ''] = process.argv.slice(2);
const SEED = 7;

interface Result extends Seen {
  readonly contender: string;
  readonly isReference: boolean;
  readonly sessions: number;
  /** By itself. */
  readonly said: string;
}

async function run({ name, isReference, start }: Contender, profile: Profile): Promise<Result> {
  const network = await createNetwork(name.slice(0, 6), SEED);
  network.set((profile.steps[0] ?? fail('a profile has steps')).conditions);
  const server = await startNginxRtmp({ within: network.server, dropIdle: profile.dropIdle });
  const url = server.url('live', 'key');
  const publisher = await start(network, server.port, profile.bitrateKbps);
  const viewer = watchLive(url, { within: network.server });
  try {
    await viewer.next(({ stream }) => stream === 'video');
    for (const { seconds, conditions } of profile.steps) {
      network.set(conditions);
      await delay(seconds * 1000);
    }
    const sessions = server.log().match(/publish: name='key'/g)?.length ?? 0;
    const said = (await publisher.report?.()) ?? '';
    return { contender: name, isReference, sessions, said, ...judge(viewer.packets, FPS, performance.now()) };
  } finally {
    await viewer.stop();
    await publisher.end();
    await server.stop();
    await network.end();
  }
}

function fail(message: string): never {
  throw new Error(message);
}

const problem = networkProblem();
if (problem !== undefined) fail(`this benchmark emulates networks, and cannot here: ${problem}`);
const present = await contenders();
for (const profile of profiles(Number(scale))) {
  if (!profile.name.includes(wanted)) continue;
  const ended = await Promise.allSettled(present.map((contender) => run(contender, profile)));
  const results = ended.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
  console.log(`${profile.name}, ${profile.bitrateKbps} kbit/s`);
  for (const { contender, sessions, framesLost, soundLostS, longestGapS, waitsS, behindS, said } of results) {
    const figures = [
      `waits ${waitsS.toFixed(2)} s`,
      `sound lost ${soundLostS.toFixed(2)} s`,
      `frames lost ${framesLost}`,
      `longest gap ${longestGapS.toFixed(2)} s`,
      `behind at the end ${behindS.toFixed(2)} s`,
      `sessions ${sessions}`,
      ...(said === '' ? [] : [`by itself: ${said}`]),
    ];
    console.log(`  ${contender}: ${figures.join(', ')}`);
  }
  for (const end of ended) {
    if (end.status === 'fulfilled') continue;
    console.log(`  failed: ${String(end.reason)}`);
    process.exitCode = 1;
  }
  const references = results.filter(({ isReference }) => isReference);
  for (const own of results.filter(({ isReference }) => !isReference)) {
    for (const reference of references) {
      const isBetter = own.waitsS <= reference.waitsS + 0.1 && own.soundLostS <= reference.soundLostS + 0.05;
      console.log(`  ${own.contender} no worse than ${reference.contender} ${shown(isBetter, 'yes')}`);
    }
  }
}
