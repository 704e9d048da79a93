import { checkValue } from '../../base/check-value.js';
import * as z from '../../base/zod.js';
import type { Provenance } from '../../protocol/plugin-management.js';
import { pluginInvalid } from '../plugin-error.js';
import type { PackageVersion } from './packument.js';
import type { RegistryClient } from './registry-client.js';
import { registryFailed } from './registry-error.js';
import { isProvenance, readStatement, type Statement } from './statement.js';
import { verifyBundle } from './verify-bundle.js';

/** Maximum size of the attestations of one version, MB. */
const MAX_MB = 4;

const AttestationsSchema = z.looseObject({
  attestations: z.array(z.looseObject({ predicateType: z.string().max(500), bundle: z.unknown() })).max(20),
});

/**
 * How an archive was built, according to the attestation that the registry has for it; undefined if it has none.
 *
 * The attested digest has to be that of the archive. The signature is verified with Sigstore's keys as far as they are known
 * here; otherwise `verified` is false, and the rest is only what the registry states.
 *
 * @throws `plugin.invalid` if it is for another archive, or forged; `registry.failed`.
 */
export async function fetchProvenance(
  { name, version, dist }: PackageVersion,
  integrity: string,
  client: RegistryClient,
): Promise<Provenance | undefined> {
  if (dist.attestations === undefined) return undefined;
  const registry = client.registryOf(name);
  const path = `/-/npm/v1/attestations/${name.replace('/', '%2f')}@${version}`;
  const answer = await client.get(registry, path, MAX_MB);
  const { data } = checkValue(AttestationsSchema, answer);
  const about = `${name}@${version}`;
  if (data === undefined) {
    throw registryFailed(
      about,
      `the registry ${registry} names attestations of ${about}, and does not have them`,
    );
  }
  for (const { predicateType, bundle } of data.attestations) {
    if (!isProvenance(predicateType)) continue;
    const statement = readStatement(bundle, predicateType);
    if (statement === undefined) throw pluginInvalid(about, 'its provenance cannot be understood');
    checkSubject(statement, about, name, version, integrity);
    const { repository, commit, builder, workflow } = statement;
    return { repository, commit, builder, workflow, ...(await verifyBundle(bundle, statement, about)) };
  }
  return undefined;
}

/** @throws `plugin.invalid` if the statement is about another archive. */
function checkSubject(
  { subjects }: Statement,
  about: string,
  name: string,
  version: string,
  integrity: string,
): void {
  const purl = `pkg:npm/${name.replace(/^@/, '%40')}@${version}`;
  const sha512 = Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
  if (subjects.some((subject) => subject.name === purl && subject.sha512 === sha512)) return;
  throw pluginInvalid(
    about,
    'its provenance is for another archive than the one that the registry has',
    'Do not install it; tell its author.',
  );
}
