import Module from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { importModule } from '../base/import-module.js';

/** Loads a test file; TypeScript is compiled in memory, together with the sources that it imports. */
export async function loadSpec(file: string): Promise<void> {
  if (!/\.[cm]?ts$/.test(file)) {
    await importModule(pathToFileURL(file).href);
    return;
  }
  const { build } = await importModule<typeof import('esbuild')>('esbuild');
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    packages: 'external',
    sourcemap: 'inline',
    sourcesContent: false,
    sourceRoot: `${pathToFileURL(dirname(file)).href}/`,
    outfile: `${file}.cjs`,
    logLevel: 'silent',
  });
  const [output] = outputFiles;
  // Resolves the tests' imports relative to the test file.
  const module = new Module(file) as Module & {
    paths: string[];
    _compile(code: string, file: string): void;
  };
  const { _nodeModulePaths } = Module as unknown as { _nodeModulePaths(folder: string): string[] };
  module.filename = file;
  module.paths = _nodeModulePaths(dirname(file));
  module._compile(output?.text ?? '', `${file}.cjs`);
}
