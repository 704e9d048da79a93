// Writes what editors complete by, schemas/*.schema.json, from the definitions of the configuration and the manifest.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadModule, root } from './docs/load-module.mjs';

const { configJsonSchema } = await loadModule('src/config/json-schema.ts');
const { manifestJsonSchema } = await loadModule('src/plugins/manifest.ts');
for (const [name, schema] of Object.entries({
  bulkhead: configJsonSchema(),
  'plugin-manifest': manifestJsonSchema(),
})) {
  writeFileSync(join(root, 'schemas', `${name}.schema.json`), `${JSON.stringify(schema, null, 2)}\n`);
}
