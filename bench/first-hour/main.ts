// The first hour of a plugin's author, as docs/first-hour.md shows it, while a broadcast to nginx-rtmp is on air: a plugin is made, run in
// development with a breakpoint, tested, packed, published to a registry of npm, found there, installed with a permission for one host,
// updated with an upgrade script, and rolled back; with what an independent viewer saw after each step.
import { once } from 'node:events';
import { cpSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Status } from '../../src/protocol/status/status.js';
import { statusOf } from '../../test/support/bulkhead.js';
import { DebuggerClient, placeOf } from '../../test/support/debugger-client.js';
import { type LiveViewer, watchLive } from '../../test/support/live-viewer.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { startNpmRegistry } from '../../test/support/npm-registry.js';
import { freePort } from '../../test/support/ports.js';
import { missingFrames } from '../../test/support/small-broadcast.js';
import { tempDir } from '../../test/support/temp.js';
import { eventually } from '../../test/support/wait.js';
import { Shell } from '../support/shell.js';
import { exactly } from '../support/targets.js';

const FPS = 30;

const home = tempDir('first-hour');
const registry = await startNpmRegistry(home.path);
// The author is logged in.
const { host } = new URL(registry.env['npm_config_registry'] ?? '');
writeFileSync(registry.env['npm_config_userconfig'] ?? '', `//${host}/:_authToken=test\n`);
const nginx = await startNginxRtmp();
const url = nginx.url('live', 'key');
const page = createServer((_request, response) => response.end('Good news\nand more')).listen(0, '127.0.0.1');
await once(page, 'listening');
const { port } = page.address() as AddressInfo;
const shell = new Shell(home.path);
/** The registry is the test's own for these commands. */
const there = { env: registry.env };
const heading = (text: string) => console.log(`\n# ${text}`);

async function until(what: string, wanted: (status: Status) => boolean): Promise<Status> {
  return eventually(what, async () => {
    const status = await statusOf(shell.address).catch(() => undefined);
    return status !== undefined && wanted(status) ? status : undefined;
  });
}

/** Writes a version of the plugin as its author does. */
function write(version: string): void {
  const from = join(process.cwd(), 'bench/first-hour/plugin', version);
  cpSync(from, shell.folder, { recursive: true });
  console.log(`(the files are written that bench/first-hour/plugin/${version} has)`);
}

/** Declares a setting of the plugin in its package.json. */
async function declare(key: string, type: string, description: string, ...more: string[]): Promise<void> {
  const path = `contributes.configuration.properties.${key}`;
  const values = [`type=${type}`, `"description=${description}"`, ...more];
  await shell.run(
    `npm pkg set ${values.map((value) => value.replace(/^"?/, (quote) => `${quote}${path}.`)).join(' ')}`,
  );
}

const live = shell.start(`bulkhead live --output ${url}`);
const ended = once(live, 'close');
let viewer: LiveViewer | undefined;
try {
  await until('on air', ({ state }) => state === 'live');
  viewer = watchLive(url);
  const watching = viewer;
  await watching.next(({ keyframe }) => keyframe);
  await watching.next(({ keyframe }) => keyframe);
  const from = watching.packets.length - 1;
  let missing = 0;

  /** What the viewer has seen since the first step, whole GOPs of it. */
  const look = async () => {
    await watching.next(({ keyframe }) => keyframe);
    const seen = watching.packets.slice(from);
    missing = missingFrames(seen, FPS);
    const status = await statusOf(shell.address);
    console.log(
      `  the viewer: ${seen.filter(({ stream }) => stream === 'video').length} frames, ${missing} missing, ` +
        `${watching.report().backwards} timestamps going back; RTMP sessions ${status.outputs[0]?.sessions}`,
    );
  };

  heading('Made');
  await shell.run('bulkhead plugin new headline --publisher someone');
  shell.folder = join(home.path, 'headline');
  await shell.run('npm install --silent');
  write('1.0.0');
  await shell.run(`npm pkg set "permissions[]=network:127.0.0.1:${port}"`);
  await shell.run('npm pkg set "description=Shows the first line of a page"');
  await shell.run('npm pkg delete contributes');
  await shell.run(
    'npm pkg set "contributes.commands[0].command=headline.show" "contributes.commands[0].title=Show the headline"',
  );
  await shell.run(
    'npm pkg set "contributes.commands[1].command=headline.shown" "contributes.commands[1].title=Tell how often it was shown"',
  );
  await shell.run(
    'npm pkg set "contributes.statusItems[0].id=headline" "contributes.statusItems[0].name=News"',
  );
  await declare('address', 'string', 'Address of the page.', `default=http://127.0.0.1:${port}/`);
  await declare('everySeconds', 'number', 'How often it is shown, s.');
  await shell.run('npm run build --silent');
  await look();

  heading('In development, with a breakpoint');
  const inspector = await freePort();
  const dev = shell.start(`bulkhead plugin dev --inspect=${inspector}`);
  console.log(`$ bulkhead plugin dev --inspect=${inspector} &`);
  await until('the plugin runs', ({ extensionHosts }) =>
    extensionHosts.some(({ state }) => state === 'running'),
  );
  const client = await DebuggerClient.attach(inspector);
  const source = join(shell.folder, 'src', 'extension.ts');
  const place = placeOf(source, 'item.text = headline');
  await client.breakAt(place);
  const shown = shell.run('bulkhead run headline.show');
  const stop = await client.stopped();
  const where = `src/extension.ts:${stop.line}`;
  console.log(
    `  the debugger: stopped at ${where}, headline is ${JSON.stringify(await stop.evaluate('headline'))}`,
  );
  await look();
  await client.resume();
  await shown;
  client.detach();
  dev.kill('SIGINT');
  await once(dev, 'close');
  await look();

  heading('Tested, packed, published');
  await shell.run('npm test --silent');
  await shell.run('npm version 1.0.0 --no-git-tag-version');
  await shell.run('bulkhead plugin pack');
  await shell.run('npm publish headline-1.0.0.tgz', there);
  await look();

  heading('Found and installed');
  shell.folder = home.path;
  await shell.run('bulkhead plugin search headline', there);
  await shell.run('bulkhead plugin install headline --yes', there);
  await shell.run('bulkhead plugin info someone.headline');
  await shell.run('bulkhead config set pluginSettings.someone.headline.everySeconds 5');
  await shell.run('bulkhead run headline.show');
  await shell.run('bulkhead run headline.shown');
  await look();

  heading('Updated, with an upgrade script');
  shell.folder = join(home.path, 'headline');
  write('2.0.0');
  await shell.run('npm pkg delete contributes.configuration.properties.everySeconds');
  await declare('everyMs', 'number', 'How often it is shown, ms.');
  await shell.run('npm test --silent');
  await shell.run('npm version 2.0.0 --no-git-tag-version');
  await shell.run('npm publish', there);
  shell.folder = home.path;
  await shell.run('bulkhead plugin outdated', there);
  await shell.run('bulkhead plugin update --all', there);
  await shell.run('bulkhead run headline.show');
  await shell.run('bulkhead run headline.shown');
  await look();

  heading('Rolled back');
  await shell.run('bulkhead plugin rollback someone.headline');
  await shell.run('bulkhead run headline.shown');
  await look();
  console.log(`\nframes missing: ${missing} ${exactly(missing, 0)}`);
} finally {
  live.kill('SIGINT');
  await ended;
  await viewer?.stop();
  await nginx.stop();
  await registry.stop();
  page.close();
  home.dispose();
}
