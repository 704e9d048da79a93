// Writes schemas/bulkhead.schema.json from the definition of the configuration.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { outputFiles } = await build({
  entryPoints: [join(root, 'src/config/json-schema.ts')],
  bundle: true,
  platform: 'node',
  format: 'esm',
  write: false,
});
const { configJsonSchema } = await import(
  `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`
);
writeFileSync(join(root, 'schemas/bulkhead.schema.json'), `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
