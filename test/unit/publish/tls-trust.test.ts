import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TlsTrust } from '../../../src/core/publish/rtmp/tls-trust.js';
import { makeCertificate, makeExpiredCertificate } from '../../support/certificates.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe('the authorities that an output trusts', () => {
  let folder: TempDir;

  before(() => {
    folder = tempDir('trust');
    makeCertificate(folder.path, 'own', 'DNS:localhost');
  });

  after(() => folder.dispose());

  it('is made once for all outputs without an authority of their own', async () => {
    const one = await new TlsTrust(undefined).context();
    assert.equal(await new TlsTrust(undefined).context(), one);
  });

  it('is made once for an output with one, and not for others', async () => {
    const trust = new TlsTrust(join(folder.path, 'own.pem'));
    const one = await trust.context();
    assert.equal(await trust.context(), one);
    assert.notEqual(await new TlsTrust(undefined).context(), one);
  });

  it('is told why the file of an authority is of no use', async () => {
    makeExpiredCertificate(folder.path, 'expired', 'own');
    writeFileSync(join(folder.path, 'empty.pem'), 'nothing');
    writeFileSync(
      join(folder.path, 'damaged.pem'),
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    );
    for (const [name, message] of [
      ['missing.pem', /cannot read the certificate authority's file .*ENOENT/],
      ['empty.pem', /holds no certificate in PEM form$/],
      ['own.key', /holds a private key, and no certificate$/],
      ['damaged.pem', /^certificate 1 in .* is damaged$/],
      ['expired.pem', /expired on \d{4}-\d\d-\d\d$/],
    ] as const) {
      const trust = new TlsTrust(join(folder.path, name));
      await assert.rejects(trust.context(), { code: 'output.tls', message }, name);
    }
  });

  it('is made when the file can be read, after it could not', async () => {
    const file = join(folder.path, 'late.pem');
    const trust = new TlsTrust(file);
    await assert.rejects(trust.context(), { code: 'output.tls', where: file });
    copyFileSync(join(folder.path, 'own.pem'), file);
    assert.ok(await trust.context());
  });
});
