// Many plugins, each in a process of its own, beside the same in one process: the time until all are active, their memory and
// what they cost the core. Argument: how many.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { atMost } from '../support/targets.js';
import type { Figures } from './figures.js';

const PLUGINS = Number(process.argv[2] ?? 50);

async function measure(how: 'apart' | 'together'): Promise<Figures> {
  const core = fork(fileURLToPath(new URL('./core.js', import.meta.url)), [how, String(PLUGINS)]);
  const [figures] = (await once(core, 'message')) as [Figures];
  await once(core, 'exit');
  return figures;
}

for (const how of ['apart', 'together'] as const) {
  const { activeMs, pssMb, growthMb, lateMs } = await measure(how);
  const apart = how === 'apart';
  console.log(
    `${PLUGINS} plugins ${apart ? 'with a process each' : 'in one process'}: all active after ${Math.round(activeMs)} ms; ` +
      `PSS per plugin ${(pssMb / PLUGINS).toFixed(1)} MB${apart ? ` ${atMost(pssMb / PLUGINS, 12)}` : ''}; ` +
      `the core grew by ${growthMb.toFixed(1)} MB${apart ? ` ${atMost(growthMb, 10)}` : ''}; ` +
      `its event loop was late by at most ${lateMs.toFixed(0)} ms`,
  );
}
