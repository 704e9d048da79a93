import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { build, transform } from 'esbuild';

/** As esbuild writes it for a part that is loaded when it is needed. */
const LATER = /\bimport\("(\.\/[^"]+)"\)/g;

/** As esbuild writes the part of a CommonJS module that is imported with `import()`: without its names, which Node would find. */
const COMMON_JS = /\bexport default require_\w+\(\);/;
const WITH_NAMES = 'module.exports={...module.exports.default,default:module.exports.default};';

/**
 * Bundles entries as esbuild does, but into CommonJS modules that share their parts, and load what they import with `import()` only
 * then. esbuild splits ES modules alone, and Node starts those later.
 */
export async function buildInParts({ sourcemap, ...options }) {
  const { outputFiles, metafile } = await build({
    ...options,
    format: 'esm',
    splitting: true,
    sourcemap: 'inline',
    write: false,
  });
  for (const { path, text } of outputFiles) {
    const { code, map } = await transform(text.replace(LATER, 'Promise.resolve().then(()=>require("$1"))'), {
      format: 'cjs',
      platform: 'node',
      target: options.target,
      minifySyntax: options.minifySyntax,
      minifyWhitespace: options.minifyWhitespace,
      lineLimit: options.lineLimit,
      sourcemap: 'external',
      sourcefile: basename(path),
    });
    mkdirSync(dirname(path), { recursive: true });
    const names = COMMON_JS.test(text) ? WITH_NAMES : '';
    writeFileSync(path, `${code}${names}//# sourceMappingURL=${basename(path)}.map\n`);
    writeFileSync(`${path}.map`, map);
  }
  return { metafile };
}
