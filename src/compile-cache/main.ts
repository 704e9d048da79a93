import module from 'node:module';
import { dirname, join } from 'node:path';
import envPaths from 'env-paths';
import { CompiledFile } from './compiled-file.js';
import { keepCompiled } from './keep-compiled.js';

/** As Node's own cache has it: coverage is exact only for what has been compiled anew. */
const isUnwanted =
  process.env['NODE_DISABLE_COMPILE_CACHE'] !== undefined || process.env['NODE_V8_COVERAGE'] !== undefined;

/** In Node 22.1 and later. */
type CachingModule = typeof module & { enableCompileCache?(folder: string): void };

/**
 * From here on what is compiled is kept for the next start, in a folder that only this user writes.
 *
 * @param program whose start it is
 */
export function keepCompiledCode(program: string): void {
  const folder = join(envPaths('bulkhead', { suffix: '' }).cache, 'compiled');
  const { enableCompileCache } = module as CachingModule;
  if (enableCompileCache !== undefined) enableCompileCache(folder);
  else if (!isUnwanted) keepCompiled(dirname(__filename), new CompiledFile(folder, program));
}
