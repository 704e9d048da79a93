// Builds the compositor's kernels from their AssemblyScript: src/encoder/compositor/kernels.wasm, which is committed, so that
// an installation needs no compiler.
//
//   node scripts/build-kernels.mjs [--check]
//
// --check writes nothing, and fails when the file is not what its source makes, byte by byte; it is a part of `npm run lint`.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import asc from 'assemblyscript/asc';

/** The most that a memory can have: a kernel can be linked with a memory of at most this size. */
const MOST_PAGES = '65536';
const OUT = 'kernels.wasm';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'src', 'encoder', 'compositor');

const written = new Map();
const { error, stderr } = await asc.main(
  [
    ...[
      join(folder, 'assembly', 'index.ts'),
      '--outFile',
      OUT,
      '-O3',
      '--converge',
      '--runtime',
      'stub',
      '--noAssert',
    ],
    ...['--use', 'abort=', '--enable', 'simd', '--enable', 'threads'],
    ...[
      '--importMemory',
      '--noExportMemory',
      '--sharedMemory',
      '--initialMemory',
      '1',
      '--maximumMemory',
      MOST_PAGES,
    ],
  ],
  { writeFile: (name, contents) => written.set(name, contents) },
);
const built = written.get(OUT);
if (error !== null || built === undefined) {
  console.error(`${stderr}The kernels in ${join(folder, 'assembly')} do not compile.`);
  process.exit(1);
}

const file = join(folder, OUT);
if (!values.check) writeFileSync(file, built);
else if (!Buffer.from(built).equals(readFileSync(file))) {
  console.error(`${file} is not what its source makes. Run: npm run kernels`);
  process.exit(1);
}
