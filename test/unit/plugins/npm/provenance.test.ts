import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PackageVersion } from '../../../../src/plugins/npm/packument.js';
import { fetchProvenance } from '../../../../src/plugins/npm/provenance.js';
import type { RegistryClient } from '../../../../src/plugins/npm/registry-client.js';
import { type Attestation, attestation, type Built, FakeSigstore } from '../../../support/provenance.js';
import { type TempDir, tempDir } from '../../../support/temp.js';

const VARIABLE = 'BULKHEAD_SIGSTORE_ROOT';

describe('the provenance of a package', () => {
  const sigstore = new FakeSigstore();
  let folder: TempDir;
  let built: Built;
  let integrity: string;

  beforeEach(() => {
    folder = tempDir('provenance');
    const archive = join(folder.path, 'chat.tgz');
    writeFileSync(archive, 'an archive');
    integrity = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
    built = {
      name: '@me/chat',
      version: '1.0.0',
      archive,
      repository: 'https://github.com/me/chat',
      commit: 'c0ffee',
    };
    process.env[VARIABLE] = sigstore.rootFile(folder.path);
  });

  afterEach(() => {
    delete process.env[VARIABLE];
    folder.dispose();
  });

  const fetch = (attestations: unknown) => {
    const paths: string[] = [];
    const client = {
      registryOf: () => 'https://registry.example',
      get: async (_registry: string, path: string) => {
        paths.push(path);
        return attestations;
      },
    } as unknown as RegistryClient;
    const { name, version } = built;
    return fetchProvenance(
      { name, version, dist: { attestations: {} } } as unknown as PackageVersion,
      integrity,
      client,
    );
  };
  const of = (...attestations: Attestation[]) => fetch({ attestations });
  const stated = {
    repository: 'https://github.com/me/chat',
    commit: 'c0ffee',
    builder: 'https://github.com/actions/runner/github-hosted',
    workflow: '.github/workflows/release.yml',
  };
  const refused = (provenance: Promise<unknown>, message: RegExp) =>
    assert.rejects(provenance, (error: Error & { code: string }) => {
      assert.equal(error.code, 'plugin.invalid');
      assert.match(error.message, message);
      return true;
    });

  it('is verified if a workflow of that repository has signed it', async () => {
    const publish = {
      predicateType: 'https://github.com/npm/attestation/tree/main/specs/publish/v0.1',
      bundle: {},
    };
    assert.deepEqual(await of(publish, sigstore.attest(built)), { ...stated, verified: true });
  });

  it('is none where the registry has none', async () => {
    assert.equal(await of(), undefined);
    await assert.rejects(fetch(undefined), {
      code: 'registry.failed',
      message: /names attestations of @me\/chat@1\.0\.0, and does not have them$/,
    });
  });

  it('is only stated if nobody known has signed it', async () => {
    const unsigned = await of(attestation(built));
    assert.deepEqual({ ...unsigned, reason: '' }, { ...stated, verified: false, reason: '' });
    const unknown = await of(new FakeSigstore().attest(built));
    assert.deepEqual([unknown?.verified, unknown?.reason], [false, 'Failed to verify certificate chain']);
    delete process.env[VARIABLE];
    assert.equal((await of(sigstore.attest(built)))?.verified, false, 'by the keys of the public Sigstore');
  });

  it('is refused if it is for another archive, name or version', async () => {
    for (const change of [{ name: '@me/other' }, { version: '1.0.1' }]) {
      await refused(
        of(sigstore.attest({ ...built, ...change })),
        /is for another archive than the one that the registry has$/,
      );
    }
    integrity = `sha512-${createHash('sha512').update('another archive').digest('base64')}`;
    await refused(of(sigstore.attest(built)), /is for another archive/);
  });

  it('is refused if a workflow of another repository, or of another commit, has signed it', async () => {
    const eve = { repository: 'https://github.com/eve/chat', commit: 'c0ffee' };
    await refused(
      of(sigstore.attest(built, eve)),
      /names https:\/\/github\.com\/me\/chat at c0ffee, and is signed by a workflow of https:\/\/github\.com\/eve\/chat$/,
    );
    await refused(of(sigstore.attest(built, { ...built, commit: 'dead' })), /and is signed by a workflow of/);
  });

  it('is refused if the statement was exchanged', async () => {
    const { predicateType, bundle } = sigstore.attest({
      ...built,
      repository: 'https://github.com/eve/chat',
    });
    const { bundle: other } = sigstore.attest(built);
    const { dsseEnvelope } = other as { dsseEnvelope: { payload: string } };
    const { dsseEnvelope: own } = bundle as { dsseEnvelope: object };
    const forged = { ...bundle, dsseEnvelope: { ...own, payload: dsseEnvelope.payload } };
    await refused(
      of({ predicateType, bundle: forged }),
      /its provenance is forged: the signature does not fit$/,
    );
  });

  it('is not verified by a bundle that signs something else besides', async () => {
    const { predicateType, bundle } = sigstore.attest(built);
    const messageSignature = { messageDigest: { algorithm: 'SHA2_256', digest: 'YQ==' }, signature: 'YQ==' };
    const provenance = await of({ predicateType, bundle: { ...bundle, messageSignature } });
    assert.deepEqual(
      [provenance?.verified, provenance?.reason],
      [false, 'the bundle signs something else than the statement'],
    );
  });

  for (const [what, bundle] of [
    ['no bundle', 'x'],
    ['no statement', { dsseEnvelope: { payload: 'e30=', payloadType: 'application/vnd.in-toto+json' } }],
    ['no JSON', { dsseEnvelope: { payload: 'eA==', payloadType: 'application/vnd.in-toto+json' } }],
  ] as const) {
    it(`is refused if it is ${what}`, () =>
      refused(
        of({ predicateType: 'https://slsa.dev/provenance/v1', bundle: bundle as object }),
        /cannot be understood$/,
      ));
  }
});
