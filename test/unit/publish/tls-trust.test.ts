import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { TlsTrust } from '../../../src/core/publish/rtmp/tls-trust.js';
import { makeCertificate } from '../../support/certificates.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe('whom an output trusts', () => {
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

  it('is made when the file can be read, after it could not', async () => {
    const file = join(folder.path, 'late.pem');
    const trust = new TlsTrust(file);
    await assert.rejects(trust.context(), { code: 'output.tls', where: file });
    copyFileSync(join(folder.path, 'own.pem'), file);
    assert.ok(await trust.context());
  });
});
