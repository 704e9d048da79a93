// Builds what runs: every process entry bundled into one file (an unbundled host starts 20 to 40 ms later),
// and, for the tests and benchmarks, the whole tree compiled by tsc.
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildInParts } from './build-in-parts.mjs';
import { importElsewhere, importOnce, withoutUnused } from './bundle-plugins.mjs';
import { writeLicenses } from './write-licenses.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

/** Bundle name → entry; each becomes dist/bin/<name>.cjs. */
const programEntries = {
  bulkhead: 'src/cli/main.ts',
  core: 'src/core/main.ts',
  encoder: 'src/encoder/main.ts',
  overlay: 'src/encoder/overlay/main.ts',
  'extension-host': 'src/extension-host/main.ts',
  hotkeys: 'src/hotkeys/main.ts',
  keyring: 'src/keyring/main.ts',
  'live-server': 'src/live-server/main.ts',
  'network-gate': 'src/network-gate/main.ts',
  recorder: 'src/recorder/main.ts',
  relay: 'src/relay/main.ts',
  'orphan-sweep': 'src/process-host/orphan-sweep.ts',
  'cpu-profile': 'src/process-host/cpu-profile/main.ts',
};

/** What loads the others: the cache of compiled code, and what that cannot hold. */
const loaders = {
  'compile-cache': 'src/compile-cache/main.ts',
  'import-module': 'src/base/import-module.ts',
};

/** Those that are waited for: a file of a few lines, which starts the cache of compiled code, loads each bundle. */
const cachedPrograms = ['bulkhead', 'core', 'encoder', 'overlay'];
/**
 * V8 enlarges its young generation under load, with fifty plugins for example, and does not shrink it. The core's garbage is small and
 * short-lived: collecting it more often costs no more. Set first, since compiled code is for the flags that it was compiled under.
 */
const flagsOf = { core: '--semi-space-growth-factor=1' };
const starter = (name) => `#!/usr/bin/env node
${name in flagsOf ? `require('node:v8').setFlagsFromString('${flagsOf[name]}');\n` : ''}require('./compile-cache.cjs').keepCompiledCode('${name}');
module.exports = require('./${name}.bundle.cjs');
`;

/** The same for plugin-tools/dist, a package of its own: streamers don't download what only authors need. */
const toolEntries = {
  tools: 'src/plugin-tools/main.ts',
  'plugin-test': 'src/plugin-test/main.ts',
};
const authorPackages = Object.keys(
  JSON.parse(readFileSync('plugin-tools/package.json', 'utf8')).dependencies,
);

const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
function compile(project) {
  const { status } = spawnSync(process.execPath, [tsc, '-p', project], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

const samplePlugins = readdirSync('sample-plugins')
  .map((name) => join('sample-plugins', name))
  .filter((folder) => existsSync(join(folder, 'package.json')));
for (const folder of ['.', 'extension-api', 'plugin-tools', ...samplePlugins]) {
  rmSync(join(folder, 'dist'), { recursive: true, force: true });
}
compile('extension-api');
compile('extension-api/tsconfig.cjs.json');
writeFileSync('extension-api/dist/cjs/package.json', '{ "type": "commonjs" }\n');
copyFileSync('schemas/plugin-manifest.schema.json', 'extension-api/dist/manifest.schema.json');
compile('sample-plugins');
// A plugin's process reads its own folder alone: what it depends on goes into its one file.
await build({
  entryPoints: Object.fromEntries(
    samplePlugins.map((folder) => [`${folder}/dist/extension`, `${folder}/src/extension.ts`]),
  ),
  outdir: '.',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  sourcemap: 'linked',
  external: ['@bulkhead/extension-api'],
  logLevel: 'warning',
});
compile('.');
compile('src/live-server/page');

// Beside the file that loads it: each bundle that may hold the encoder, and its build for the tests.
const kernels = 'src/encoder/compositor/kernels.wasm';
copyFileSync(kernels, `dist/${kernels}`);
const fonts = 'src/encoder/overlay/fonts';
cpSync(fonts, `dist/${fonts}`, { recursive: true });

/** What bundles of this repository's own code for Node have in common. */
const bundle = {
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minifySyntax: true,
  minifyWhitespace: true,
  // An uncaught error prints the line that it was thrown in.
  lineLimit: 160,
  plugins: [importOnce, withoutUnused],
  sourcemap: 'linked',
  logLevel: 'warning',
  // Its main entry is a UMD module, whose inner requires no bundler can follow.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  define: { 'import.meta.url': '__bundleUrl' },
  metafile: true,
};
const BUNDLE_URL = "const __bundleUrl=require('node:url').pathToFileURL(__filename).href;";
const ofPrograms = {
  ...bundle,
  outdir: 'dist/bin',
  external: [
    'ffmpeg-static',
    '@ffmpeg-installer/ffmpeg',
    '@napi-rs/canvas',
    '@napi-rs/keyring',
    'node-datachannel',
  ],
  banner: { js: `#!/usr/bin/env node\n${BUNDLE_URL}` },
};
const { bulkhead: command, core, ...processEntries } = { ...programEntries, ...loaders };
const entriesOf = (names) => Object.fromEntries(names.map((name) => [name, processEntries[name]]));
const bundledAs = (entries) =>
  Object.fromEntries(Object.entries(entries).map(([name, entry]) => [`${name}.bundle`, entry]));
const ofCached = { plugins: [...bundle.plugins, importElsewhere] };
const processNames = Object.keys(processEntries);
const processes = await build({
  ...ofPrograms,
  entryPoints: entriesOf(processNames.filter((name) => !cachedPrograms.includes(name))),
});
const cachedProcesses = await build({
  ...ofPrograms,
  ...ofCached,
  entryPoints: bundledAs(entriesOf(processNames.filter((name) => cachedPrograms.includes(name)))),
});
// Most commands need a small part of it, and the core starts the encoder's process before it loads the rest of itself.
const inParts = (name, entry) =>
  buildInParts({
    ...ofPrograms,
    ...ofCached,
    entryPoints: bundledAs({ [name]: entry }),
    chunkNames: `${name}.[name]-[hash]`,
  });
const commandParts = await inParts('bulkhead', command);
const coreParts = await inParts('core', core);
const built = [processes, cachedProcesses, commandParts, coreParts];
const programs = {
  metafile: {
    inputs: Object.assign({}, ...built.map(({ metafile }) => metafile.inputs)),
    outputs: Object.assign({}, ...built.map(({ metafile }) => metafile.outputs)),
  },
};
for (const name of cachedPrograms) writeFileSync(`dist/bin/${name}.cjs`, starter(name));
copyFileSync(kernels, 'dist/bin/kernels.wasm');
cpSync(fonts, 'dist/bin/fonts', { recursive: true });
const tools = await buildInParts({
  ...bundle,
  ...ofCached,
  entryPoints: { ...bundledAs(toolEntries), ...loaders },
  outdir: 'plugin-tools/dist',
  external: authorPackages,
  banner: { js: BUNDLE_URL },
});
for (const name of Object.keys(toolEntries)) writeFileSync(`plugin-tools/dist/${name}.cjs`, starter(name));
const misplaced = Object.keys(programs.metafile.inputs).filter((input) =>
  authorPackages.some((name) => input.includes(`node_modules/${name}/`)),
);
if (misplaced.length > 0) {
  console.error(
    `Only plugin-tools may import what its package.json names; bundled for streamers: ${misplaced}`,
  );
  process.exit(1);
}

const late = [...Object.keys(programs.metafile.outputs), ...Object.keys(tools.metafile.outputs)].find(
  (output) => /(\.bundle|-\w{8})\.cjs$/.test(output) && /\bimport\(/.test(readFileSync(output, 'utf8')),
);
if (late !== undefined) {
  console.error(`${late} calls import(), which code that is kept cannot; call importModule in its place`);
  process.exit(1);
}

// What is in it each plugin's process pays for, and nothing is checked there: the core does.
const host = 'dist/bin/extension-host.cjs';
const costly = Object.keys(programs.metafile.outputs[host].inputs).filter((input) =>
  input.includes('node_modules/zod/'),
);
if (costly.length > 0) {
  console.error(`zod takes 2 MB of each plugin's process; the extension host imports ${costly[0]}`);
  process.exit(1);
}
const [wide] = /[^\0-\x7f]/.exec(readFileSync(host, 'utf8')) ?? [];
if (wide !== undefined) {
  console.error(
    `With a "${wide}" that is not escaped, V8 keeps all of ${host} with two bytes for each character`,
  );
  process.exit(1);
}

// The viewer page: what a browser loads from the live server, and nothing from anywhere else.
const page = await build({
  entryPoints: ['viewer.ts', 'viewer.css', 'index.html', 'favicon.svg'].map(
    (file) => `src/live-server/page/${file}`,
  ),
  outdir: 'dist/page',
  loader: { '.html': 'copy', '.svg': 'copy' },
  bundle: true,
  platform: 'browser',
  target: ['chrome110', 'firefox115', 'safari16.4'],
  format: 'esm',
  minify: true,
  logLevel: 'warning',
  metafile: true,
});

writeLicenses('dist/LICENSES.txt', programs.metafile, page.metafile);
writeLicenses('plugin-tools/dist/LICENSES.txt', tools.metafile);
