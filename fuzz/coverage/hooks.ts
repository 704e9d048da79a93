import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { instrument } from './instrument.js';

// Runs in Node's thread for module hooks (node:module, register).

interface Loaded {
  readonly format: string;
  readonly source?: string | ArrayBuffer | Uint8Array;
  readonly shortCircuit?: boolean;
}

let blocks = 0;

/** Loads the modules of this project with a counter in each of their branches. */
export async function load(
  url: string,
  context: unknown,
  nextLoad: (url: string, context: unknown) => Promise<Loaded>,
): Promise<Loaded> {
  if (!/\/dist\/src\/.*\.js$/.test(url)) return nextLoad(url, context);
  const { code, count } = instrument(await readFile(fileURLToPath(url), 'utf8'), blocks);
  blocks += count;
  return { format: 'module', source: code, shortCircuit: true };
}
