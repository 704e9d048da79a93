import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Header } from 'tar';
import * as z from '../../src/base/zod.js';
import { loadConfig } from '../../src/config/load-config.js';
import { BroadcastConfigSchema } from '../../src/config/schema.js';
import { PackagePaths, pathProblem } from '../../src/plugins/library/package-paths.js';
import { unpack } from '../../src/plugins/library/unpack.js';
import { manifestJsonSchema } from '../../src/plugins/manifest.js';
import { MANIFEST_LIMITS, overBounds } from '../../src/plugins/manifest-bounds.js';
import { checkPlugin } from '../../src/plugins/read-plugin.js';
import { BulkheadError } from '../../src/protocol/errors.js';
import { sample } from '../json.js';
import { mutateBytes } from '../mutate-bytes.js';
import type { Random } from '../random.js';
import type { Target } from '../target.js';
import { DEEP, jsonSeeds, jsonTarget, WIDE } from './json-target.js';

const folder = mkdtempSync(join(tmpdir(), 'bulkhead-fuzz-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'main.js'), '');

const MANIFEST = {
  name: 'p',
  publisher: 'me',
  version: '1.0.0',
  main: 'main.js',
  engines: { bulkhead: '^1.0.0' },
};
const RANGES = [
  '^1',
  '||',
  ' ',
  '1.x',
  '>=1.0.0-a',
  '<2',
  '~1.2',
  '*',
  '1 - 2',
  '9007199254740991',
  '-',
  '.',
  '1',
  'v',
  '=',
];

function ignoreExpected(error: unknown): void {
  if (!(error instanceof BulkheadError)) throw error;
}

const manifest: Target = jsonTarget({
  name: 'manifests',
  seeds: [
    ...jsonSeeds([
      MANIFEST,
      {
        ...MANIFEST,
        activationEvents: ['onStartupFinished', 'onConfiguration:a', 'onCommand:p.a'],
        permissions: ['network'],
        hostGroup: 'g',
        extensionDependencies: ['a.b'],
        contributes: {
          commands: [{ command: 'p.a', title: 'A' }],
          configuration: { properties: { a: { type: 'string', enum: ['x'], default: 'x' } } },
          statusItems: [{ id: 'a', name: 'A' }],
        },
      },
      sample(manifestJsonSchema()),
    ]),
    ...DEEP,
    ...WIDE,
  ],
  maxBytes: MANIFEST_LIMITS.bytes,
  run: (input) => {
    let packageJson: unknown;
    try {
      packageJson = JSON.parse(input.toString());
    } catch {
      return;
    }
    if (overBounds(packageJson) === undefined) checkPlugin(folder, packageJson);
  },
});

/** Ranges of versions, made of their parts. */
const ranges: Target = {
  name: 'version-ranges',
  seeds: [Buffer.from([0]), Buffer.from([0, 1, 2, 3, 4, 5])],
  maxBytes: 64,
  run: (input) => {
    const bulkhead = [...input].map((byte) => RANGES[byte % RANGES.length]).join('');
    checkPlugin(folder, { ...MANIFEST, engines: { bulkhead } });
  },
};

const config: Target = jsonTarget({
  name: 'configurations',
  seeds: [
    ...jsonSeeds([
      {
        input: { type: 'file', path: 'a.mp4' },
        video: { width: 640, height: 360, fps: 30, bitrateKbps: 1000 },
        outputs: [{ id: 'a', url: 'rtmp://a/live', key: 'env:KEY' }],
        plugins: ['./p'],
        pluginSettings: { 'a.b': { c: 1 } },
        liveServer: { enabled: true },
      },
      sample(z.toJSONSchema(BroadcastConfigSchema, { io: 'input', unrepresentable: 'any' })),
    ]),
    Buffer.from('{ // comment\n "input": { "type": "screen" }, /* x */ "video": { "fps": 30, }, }'),
    ...DEEP,
    ...WIDE,
  ],
  // The command reads it, before it goes on air.
  maxCpuMs: 1000,
  run: (input) => {
    const file = join(folder, 'show.jsonc');
    writeFileSync(file, input);
    try {
      loadConfig(file, {});
    } catch (error) {
      ignoreExpected(error);
    }
  },
});

const paths: Target = {
  name: 'package-paths',
  seeds: [
    Buffer.from('package/dist/extension.js\npackage/a\npackage/A\npackage/b/c/d'),
    Buffer.from('a/../b\n/c\nd\\e'),
  ],
  maxBytes: 16 * 1024,
  run: (input) => {
    const known = new PackagePaths();
    for (const path of input.toString().split('\n')) {
      if (pathProblem(path) === undefined) known.add(path, false);
    }
  },
};

function tar(
  ...entries: readonly {
    readonly path: string;
    readonly type: 'File' | 'Directory' | 'SymbolicLink';
    readonly text?: string;
  }[]
) {
  const blocks = entries.flatMap(({ path, type, text = '' }) => {
    const body = Buffer.from(text);
    const header = new Header({ path, type, size: body.length, mode: 0o777 });
    header.encode();
    return [header.block ?? Buffer.alloc(512), body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** What is inside is changed, and compressed again. */
const archives: Target = {
  name: 'archives',
  seeds: [
    tar(
      { path: 'package/package.json', type: 'File', text: JSON.stringify(MANIFEST) },
      { path: 'package/d/', type: 'Directory' },
    ),
    tar({ path: 'package/a/b/c', type: 'File', text: 'x' }, { path: 'package/link', type: 'SymbolicLink' }),
    tar(
      ...Array.from({ length: 200 }, (_, index) => ({ path: `package/${index}/x`, type: 'File' as const })),
    ),
  ].map((bytes) => gzipSync(bytes)),
  // The command unpacks, at a low priority.
  maxCpuMs: 1000,
  mutate: (input: Buffer, random: Random) => {
    try {
      return gzipSync(
        mutateBytes(gunzipSync(input, { maxOutputLength: 1024 * 1024 }), input, random, 512 * 1024),
      );
    } catch {
      return undefined;
    }
  },
  run: async (input) => {
    const target = join(folder, 'unpacked');
    mkdirSync(target, { recursive: true });
    writeFileSync(join(folder, 'a.tgz'), input);
    try {
      await unpack(join(folder, 'a.tgz'), target, 'a.tgz');
    } catch (error) {
      ignoreExpected(error);
    } finally {
      rmSync(target, { recursive: true, force: true });
    }
  },
};

export const fileTargets: readonly Target[] = [manifest, ranges, config, paths, archives];
