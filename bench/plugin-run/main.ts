// A plugin's life on air, as docs/plugin-run.md shows it: made, changed, tested, packed, installed into a core that streams a
// recording to nginx-rtmp, updated, crashed on purpose, put into quarantine, removed; with what an independent viewer saw after
// each step. Usage: node dist/bench/plugin-run/main.js FILE
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Status } from '../../src/protocol/status/status.js';
import { statusOf } from '../../test/support/bulkhead.js';
import { type LiveViewer, watchLive } from '../../test/support/live-viewer.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { missingFrames } from '../../test/support/small-broadcast.js';
import { tempDir } from '../../test/support/temp.js';
import { eventually } from '../../test/support/wait.js';
import { Shell } from '../support/shell.js';

const FPS = 30;
const CRASHES = 3;

const [, , file] = process.argv;
if (file === undefined) {
  console.error('Which recording? node dist/bench/plugin-run/main.js FILE');
  process.exit(64);
}

const home = tempDir('plugin-run');
const nginx = await startNginxRtmp();
const shell = new Shell(home.path);
const url = nginx.url('live', 'key');
const heading = (text: string) => console.log(`\n# ${text}`);

/** What the plugin is changed to. */
const source = (name: string) => readFileSync(join(process.cwd(), 'bench/plugin-run/plugin', name), 'utf8');

async function until(what: string, wanted: (status: Status) => boolean): Promise<Status> {
  return eventually(what, async () => {
    const status = await statusOf(shell.address).catch(() => undefined);
    return status !== undefined && wanted(status) ? status : undefined;
  });
}

heading('Made, changed, tested, packed');
await shell.run('bulkhead plugin new clip-marker --publisher someone');
shell.folder = join(home.path, 'clip-marker');
for (const name of ['src/extension.ts', 'test/extension.test.ts', 'README.md']) {
  writeFileSync(join(shell.folder, name), source(name));
  console.log(`(${name} is changed, as bench/plugin-run/plugin has it)`);
}
await shell.run('npm install --silent');
await shell.run('npm pkg set "permissions[]=broadcast.marker"');
await shell.run(
  'npm pkg set "contributes.commands[0].command=clip-marker.mark" "contributes.commands[0].title=Mark a clip"',
);
await shell.run(
  'npm pkg set "contributes.commands[1].command=clip-marker.crash" "contributes.commands[1].title=Crash on purpose"',
);
await shell.run('npm test --silent');
await shell.run('bulkhead plugin pack');

const live = shell.start(`bulkhead live --input "${resolve(file)}" --output ${url}`);
const ended = once(live, 'close');
let viewer: LiveViewer | undefined;
try {
  await until('on air', ({ state }) => state === 'live');
  viewer = watchLive(url);
  const watching = viewer;
  await watching.next(({ keyframe }) => keyframe);
  await watching.next(({ keyframe }) => keyframe);
  const from = watching.packets.length - 1;
  const pids = (status: Status) => `${status.core.pid} ${status.encoder.videoPid}`;
  const before = pids(await until('on air', ({ state }) => state === 'live'));

  /** What the viewer has seen since the first step, whole GOPs of it. */
  const look = async () => {
    await watching.next(({ keyframe }) => keyframe);
    const seen = watching.packets.slice(from);
    const status = await statusOf(shell.address);
    console.log(
      `  the viewer: ${seen.filter(({ stream }) => stream === 'video').length} frames, ` +
        `${missingFrames(seen, FPS)} missing, ${watching.report().backwards} timestamps going back; ` +
        `RTMP sessions ${status.outputs[0]?.sessions}, ` +
        `core and ffmpeg ${pids(status) === before ? 'still the same' : 'replaced'}`,
    );
  };

  heading('Installed, on air');
  await look();
  await shell.run('bulkhead plugin install ./clip-marker-0.1.0.tgz --yes');
  await shell.run('bulkhead run clip-marker.mark "A goal"');
  await look();

  heading('Updated, on air');
  await shell.run('npm version patch --no-git-tag-version');
  await shell.run('bulkhead plugin pack');
  await shell.run('bulkhead plugin update ./clip-marker-0.1.1.tgz --data keep');
  await shell.run('bulkhead run clip-marker.mark "Another goal"');
  await look();

  heading('Crashed on purpose, until it is in quarantine');
  for (let crash = 1; crash <= CRASHES; crash++) {
    await shell.run('bulkhead run clip-marker.crash');
    await until(`crash ${crash}`, ({ extensionHosts: [host] }) =>
      crash === CRASHES
        ? host?.state === 'quarantined'
        : host?.restarts === crash && host.state === 'running',
    );
    await look();
  }
  await shell.run('bulkhead plugin list');
  await shell.run('bulkhead run clip-marker.mark "Nobody there"', { fails: true });

  heading('Removed, on air');
  await shell.run('bulkhead plugin remove someone.clip-marker --purge');
  await shell.run('bulkhead plugin list');
  await look();
} finally {
  live.kill('SIGINT');
  await ended;
  await viewer?.stop();
  await nginx.stop();
  home.dispose();
}
