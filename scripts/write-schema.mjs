// Writes what editors complete by, schemas/*.schema.json, from the definitions of the configuration and the manifest.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The module's exports, as the source has them now. */
async function load(module) {
  const { outputFiles } = await build({
    entryPoints: [join(root, module)],
    bundle: true,
    platform: 'node',
    format: 'esm',
    // What a CommonJS dependency requires of Node.
    banner: {
      js: `import { createRequire } from 'node:module'; const require = createRequire('${import.meta.url}');`,
    },
    write: false,
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

const { configJsonSchema } = await load('src/config/json-schema.ts');
const { manifestJsonSchema } = await load('src/plugins/manifest.ts');
for (const [name, schema] of Object.entries({
  bulkhead: configJsonSchema(),
  'plugin-manifest': manifestJsonSchema(),
})) {
  writeFileSync(join(root, 'schemas', `${name}.schema.json`), `${JSON.stringify(schema, null, 2)}\n`);
}
