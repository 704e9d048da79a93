import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPackument } from '../../src/plugins/npm/packument.js';
import { pickVersion } from '../../src/plugins/npm/pick-version.js';
import { fetchProvenance } from '../../src/plugins/npm/provenance.js';
import type { RegistryClient } from '../../src/plugins/npm/registry-client.js';
import { searchPlugins } from '../../src/plugins/npm/search-registry.js';
import { BulkheadError } from '../../src/protocol/errors.js';
import { FakeSigstore } from '../../test/support/provenance.js';
import type { Target } from '../target.js';
import { DEEP, jsonSeeds, jsonTarget, WIDE } from './json-target.js';

const sigstore = new FakeSigstore();
const folder = mkdtempSync(join(tmpdir(), 'bulkhead-fuzz-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
process.env['BULKHEAD_SIGSTORE_ROOT'] = sigstore.rootFile(folder);
const archive = join(folder, 'a.tgz');
writeFileSync(archive, '');
const integrity = `sha512-${createHash('sha512').update('').digest('base64')}`;
const built = {
  name: 'chat',
  version: '1.0.0',
  archive,
  repository: 'https://github.com/me/chat',
  commit: 'a',
};

/** A registry that answers everything with one value. */
const answering = (value: unknown) =>
  ({ registryOf: () => 'https://registry.example', get: async () => value }) as unknown as RegistryClient;

const version = {
  name: 'chat',
  version: '1.0.0',
  engines: { bulkhead: '^1.0.0' },
  dist: { integrity, attestations: {} },
};

/** What a registry may answer, to a command. */
export const registryTarget: Target = jsonTarget({
  name: 'registry-answers',
  seeds: [
    ...jsonSeeds([
      {
        name: 'chat',
        'dist-tags': { latest: '1.0.0' },
        versions: { '1.0.0': version },
        maintainers: [{ name: 'me' }],
      },
      {
        objects: [
          { package: { name: 'chat', version: '1.0.0', keywords: ['bulkhead-plugin'], date: '2026' } },
        ],
      },
      { attestations: [sigstore.attest(built)] },
    ]),
    ...DEEP,
    ...WIDE,
  ],
  maxCpuMs: 1000,
  run: async (input) => {
    let value: unknown;
    try {
      value = JSON.parse(input.toString());
    } catch {
      return;
    }
    const client = answering(value);
    for (const ask of [
      async () => {
        const packument = await findPackument('chat', client);
        if (packument !== undefined) pickVersion(packument, '');
      },
      () => searchPlugins('chat', 20, client),
      () => fetchProvenance({ ...version, maintainers: undefined } as never, integrity, client),
    ]) {
      await ask().catch((error: unknown) => {
        if (!(error instanceof BulkheadError)) throw error;
      });
    }
  },
});
