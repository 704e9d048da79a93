// Holds src to its architecture: which room may import which (docs/architecture.md says what is in each). A part of `npm run lint`.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The rooms that each room may import; `types:ROOM` is for types alone. Every room may import base besides. The folders of a
 * room without rules of their own belong to it.
 */
const CORE = ['protocol', 'rpc', 'config', 'core/core-options.ts'];
const ROOMS = {
  base: [],
  protocol: ['types:config'],
  rpc: ['protocol'],
  rtmp: ['protocol', 'media'],
  media: ['protocol', 'version.ts'],
  keys: [],
  keyring: ['protocol'],
  config: ['protocol', 'rtmp', 'scenes', 'keys'],
  plugins: ['protocol', 'config', 'keys', 'version.ts'],
  'process-host': ['protocol', 'rpc'],
  'control-client': ['protocol', 'rpc', 'config'],
  scenes: ['types:config'],
  'compile-cache': [],
  x11: [],
  encoder: ['protocol', 'rpc', 'process-host', 'config', 'media', 'scenes', 'x11'],
  hotkeys: ['protocol', 'rpc', 'process-host', 'keys', 'x11'],
  'extension-host': ['protocol', 'rpc', 'process-host', 'version.ts'],
  'live-server': ['protocol', 'rpc', 'process-host', 'rtmp', 'media'],
  'network-gate': ['protocol', 'rpc', 'process-host'],
  recorder: ['protocol', 'rpc', 'process-host', 'config', 'media'],
  relay: ['protocol', 'rpc', 'process-host', 'media', 'encoder'],

  // From the lowest to the highest.
  'core/disk': ['protocol', 'config/secret-references.ts', 'core/processes/ask-keyring.ts'],
  'core/log': ['protocol', 'core/core-options.ts'],
  'core/streamer': ['protocol', 'types:plugins'],
  'core/processes': ['protocol', 'rpc', 'process-host'],
  'core/media-sockets': [...CORE, 'core/log'],
  'core/timeline': ['protocol', 'media'],
  'core/publish': [...CORE, 'rtmp', 'media', 'core/disk', 'core/log', 'core/processes', 'version.ts'],
  'core/publish/upload-test': [...CORE, 'media', 'core/publish'],
  'core/stubs': [...CORE, 'core/log', 'media', 'core/media-sockets', 'core/processes', 'core/timeline'],
  'core/ingest': [
    ...CORE,
    ...[
      'media',
      'core/disk',
      'core/log',
      'core/media-sockets',
      'core/streamer',
      'core/stubs',
      'core/timeline',
    ],
  ],
  'core/recording': [...CORE, ...['media', 'core/log', 'core/media-sockets', 'core/streamer', 'core/stubs']],
  'core/flight': [...CORE, ...['media', 'core/disk', 'core/log', 'core/timeline']],
  'core/replay': [
    ...CORE,
    ...['media', 'core/log', 'core/media-sockets', 'core/recording', 'core/streamer', 'core/stubs'],
  ],
  'core/broadcast': [
    ...CORE,
    ...[
      'scenes',
      'core/recording',
      'core/replay',
      'core/flight',
      'core/ingest',
      'core/disk',
      'core/log',
      'media',
      'core/publish',
      'core/streamer',
      'core/stubs',
      'core/timeline',
    ],
  ],
  'core/main-thread': [
    ...[...CORE, 'keys', 'plugins'],
    ...['core/broadcast', 'core/disk', 'core/log', 'core/streamer'],
  ],
  'core/extension-hosts/store': [...CORE, 'plugins', 'core/disk', 'core/log', 'core/main-thread'],
  'core/extension-hosts/isolation': [
    ...CORE,
    ...['process-host', 'core/disk', 'core/log', 'core/processes', 'core/extension-hosts/store'],
  ],
  'core/extension-hosts': [
    ...CORE,
    ...[
      'plugins',
      'core/disk',
      'core/log',
      'core/streamer',
      'core/processes',
      'core/broadcast',
      'core/main-thread',
    ],
    ...['core/extension-hosts/store', 'core/extension-hosts/isolation'],
  ],
  'core/hotkeys': [...CORE, 'keys', 'core/log', 'core/main-thread', 'core/processes', 'core/streamer'],
  'core/show': [
    ...CORE,
    ...['plugins', 'core/disk', 'core/log', 'core/streamer', 'core/broadcast', 'core/main-thread'],
    ...['core/extension-hosts', 'core/hotkeys', 'core/recording', 'core/replay'],
  ],
  'core/control': [
    ...CORE,
    ...['keys', 'plugins', 'core/disk', 'core/log', 'core/streamer', 'core/broadcast', 'core/main-thread'],
    ...['core/extension-hosts', 'core/recording', 'core/replay', 'core/show'],
  ],
  // Its own files know all of its rooms; encoder and extension-host are loaded for hybrid mode.
  core: [
    ...['protocol', 'rpc', 'config', 'plugins', 'process-host', 'version.ts', 'core/*'],
    ...['encoder/encoder-part.ts', 'extension-host/extension-host-part.ts'],
  ],

  cli: [
    ...[
      'protocol',
      'rpc',
      'rtmp',
      'config',
      'plugins',
      'process-host',
      'control-client',
      'keys',
      'encoder',
      'version.ts',
    ],
    // What the command does without a core.
    ...[
      'core/core-options.ts',
      'core/processes',
      'core/extension-hosts/isolation',
      'core/extension-hosts/store',
    ],
    'core/flight/flight-file.ts',
    'media/precision-timestamp.ts',
    'core/broadcast/outputs/secrets.ts',
    'core/publish/rtmp/rtmp-target.ts',
    'core/publish/upload-test',
    'recorder/repair.ts',
    'types:plugin-tools/plugin-tools.ts',
  ],
  'plugin-test': [
    ...['protocol', 'rpc', 'config', 'plugins', 'process-host', 'extension-host'],
    ...['core/broadcast', 'core/extension-hosts', 'core/extension-hosts/*', 'core/log', 'core/main-thread'],
    ...['core/processes', 'core/streamer'],
  ],
  'plugin-tools': [
    'protocol',
    'config/nearest.ts',
    'keys',
    'plugins',
    'plugin-test',
    'core/extension-hosts/isolation',
    'version.ts',
  ],
};

const IMPORT = /^\s*(?:import|export)\s+(?<what>[^'";]*?)\s*from\s*'(?<path>\.[^']+)'/gm;
const OTHER_IMPORT = /\bimport\s*\(?\s*'(?<path>\.[^']+)'/g;

const root = resolve(process.argv[2] ?? dirname(dirname(fileURLToPath(import.meta.url))));
const source = join(root, 'src');
const files = readdirSync(source, { recursive: true })
  .map((file) => file.split(sep).join('/'))
  .filter((file) => file.endsWith('.ts'))
  .sort();
const problems = [];
/** What each file imports, by their paths in src. */
const imports = new Map();

/** The innermost room that has rules; undefined for files that belong to none, such as version.ts. */
function roomOf(file) {
  for (let folder = dirname(file); folder !== '.'; folder = dirname(folder)) {
    if (Object.hasOwn(ROOMS, folder)) return folder;
  }
  return undefined;
}

function importsOf(text) {
  const found = [...text.matchAll(IMPORT)].map(({ groups: { what, path } }) => {
    const names = what.replace(/^[^{]*\{|\}[^}]*$/g, '').split(',');
    const onlyTypes = names.every((name) => /^\s*(type\s.*)?$/s.test(name));
    return { path, types: what.startsWith('type') || (what.includes('{') && onlyTypes) };
  });
  const others = [...text.matchAll(OTHER_IMPORT)].map(({ groups: { path } }) => ({ path, types: false }));
  return [...found, ...others];
}

/** Whether one of the rules allows this file of this room. */
function allowed(rules, target, room, types) {
  return rules.some((rule) => {
    const name = rule.replace(/^types:/, '');
    if (name !== rule && !types) return false;
    return name === target || name === room || (name.endsWith('/*') && room?.startsWith(name.slice(0, -1)));
  });
}

for (const file of files) {
  const room = roomOf(file);
  const text = readFileSync(join(source, file), 'utf8');
  const folder = file
    .split('/')
    .slice(0, file.startsWith('core/') ? 2 : 1)
    .join('/');
  if (file.includes('/') && folder !== file && !Object.hasOwn(ROOMS, folder))
    problems.push(`src/${file}: src/${folder} is a room without rules`);
  if (room !== 'base' && /\.safeParse\w*\(/.test(text))
    problems.push(`src/${file}: use checkValue of src/base, since zod throws on some values`);
  for (const { path, types } of importsOf(text)) {
    const target = relative(source, join(source, dirname(file), path))
      .split(sep)
      .join('/')
      .replace(/\.js$/, '.ts');
    const targetRoom = roomOf(target);
    imports.set(file, [...(imports.get(file) ?? []), target]);
    if (room === undefined || targetRoom === room || targetRoom === 'base') continue;
    if (!allowed(ROOMS[room], target, targetRoom, types)) {
      const kind = types ? 'types' : 'values';
      problems.push(`src/${file}: src/${room} may not import ${kind} of src/${targetRoom ?? target}`);
    }
  }
}

/** Reports each circle of imports that is reached from a file, once. */
function findCircles(file, path, done) {
  if (done.has(file)) return;
  if (path.includes(file)) {
    const circle = [...path.slice(path.indexOf(file)), file].map((name) => `src/${name}`);
    problems.push(`a circle of imports: ${circle.join(' → ')}`);
    return;
  }
  for (const target of imports.get(file) ?? []) findCircles(target, [...path, file], done);
  done.add(file);
}
const done = new Set();
for (const file of files) findCircles(file, [], done);

for (const room of Object.keys(ROOMS)) {
  if (!existsSync(join(source, room)))
    problems.push(`src/${room}: there are rules for this room, but it is not there`);
}

if (problems.length > 0) {
  const all = [...new Set(problems)].sort();
  console.error(`${all.join('\n')}\nscripts/check-rooms.mjs says which room may import which.`);
  process.exit(1);
}
