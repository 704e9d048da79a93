import module from 'node:module';
import { join } from 'node:path';
import envPaths from 'env-paths';

/** In Node 22.1 and later. */
type CachingModule = typeof module & { enableCompileCache?(folder: string): void };

// From here on Node keeps what it compiles for the next start, in a folder that only this user writes.
(module as CachingModule).enableCompileCache?.(join(envPaths('bulkhead', { suffix: '' }).cache, 'compiled'));
