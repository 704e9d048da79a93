import Module from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Loads a file of tests; TypeScript is compiled in memory, with the sources beside it that it imports. */
export async function loadSpec(file: string): Promise<void> {
  if (!/\.[cm]?ts$/.test(file)) {
    await import(pathToFileURL(file).href);
    return;
  }
  const { build } = await import('esbuild');
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
  // Resolves what the tests import as if it lay where they do.
  const module = new Module(file) as Module & {
    paths: string[];
    _compile(code: string, file: string): void;
  };
  const { _nodeModulePaths } = Module as unknown as { _nodeModulePaths(folder: string): string[] };
  module.filename = file;
  module.paths = _nodeModulePaths(dirname(file));
  module._compile(output?.text ?? '', `${file}.cjs`);
}
