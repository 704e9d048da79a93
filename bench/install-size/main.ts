// What a streamer downloads: the package that "npm pack" makes of this build, installed with --omit=dev in an empty folder. No
// install scripts run, so the ffmpeg that ffmpeg-static's script fetches is not there. npm needs its registry or a full cache.
import { spawnSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/core/processes/entry-points.js';
import { tempDir } from '../../test/support/temp.js';

const MAX_PACKAGES = 80;
/** Without the packages of ffmpeg binaries. */
const MAX_MB = 60;
const FFMPEG = /^node_modules\/(ffmpeg-static|@ffmpeg-installer\/[^/]+)$/;
/** The largest packages that are listed. */
const LISTED = 10;

/** Runs npm and returns what it prints. Its messages may name a registry, and are shown without addresses. */
function npm(cwd: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd, encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new Error(`npm ${args[0]} failed:\n${stderr.replace(/\b[a-z+]+:\/\/\S+/g, '(address)')}`);
}

/** Bytes of all files in a folder, those of packages in its `node_modules` left out. */
function bytesOf(folder: string): number {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.name !== 'node_modules')
    .map((entry) => join(folder, entry.name))
    .reduce((sum, path) => sum + (lstatSync(path).isDirectory() ? bytesOf(path) : lstatSync(path).size), 0);
}

const megabytes = (bytes: number) => bytes / 1e6;

const folder = tempDir('install-size');
try {
  const [archive = ''] = npm(
    packageRoot(),
    'pack',
    '--ignore-scripts',
    '--silent',
    '--pack-destination',
    folder.path,
  ).match(/\S+\.tgz/) ?? [''];
  const quiet = ['--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'];
  npm(folder.path, 'install', ...quiet, `./${archive}`);
  const { packages } = JSON.parse(
    readFileSync(join(folder.path, 'node_modules', '.package-lock.json'), 'utf8'),
  ) as { readonly packages: Readonly<Record<string, unknown>> };
  const sizes = Object.keys(packages).map((path) => ({ path, bytes: bytesOf(join(folder.path, path)) }));
  const total = (some: typeof sizes) => megabytes(some.reduce((sum, { bytes }) => sum + bytes, 0));
  const withoutFfmpeg = total(sizes.filter(({ path }) => !FFMPEG.test(path)));
  console.log(`packages: ${sizes.length} (target ≤ ${MAX_PACKAGES})`);
  console.log(`MB: ${total(sizes).toFixed(1)}`);
  console.log(`MB without ffmpeg binaries: ${withoutFfmpeg.toFixed(1)} (target ≤ ${MAX_MB})`);
  console.log(`MB of the archive: ${megabytes(lstatSync(join(folder.path, archive)).size).toFixed(1)}`);
  console.log('the largest:');
  for (const { path, bytes } of sizes.sort((a, b) => b.bytes - a.bytes).slice(0, LISTED)) {
    console.log(`  ${megabytes(bytes).toFixed(1).padStart(5)}  ${path.replace(/^node_modules\//, '')}`);
  }
  if (sizes.length > MAX_PACKAGES || withoutFfmpeg > MAX_MB) {
    console.error('A target is missed.');
    process.exitCode = 1;
  }
} finally {
  folder.dispose();
}
