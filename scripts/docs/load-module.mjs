import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The exports of a module of src, as the source has them now. */
export async function loadModule(module) {
  const { outputFiles } = await build({
    entryPoints: [join(root, module)],
    bundle: true,
    platform: 'node',
    format: 'esm',
    // CommonJS dependencies call it for Node's own modules.
    banner: {
      js: `import { createRequire } from 'node:module'; const require = createRequire('${import.meta.url}');`,
    },
    write: false,
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}
