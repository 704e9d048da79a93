import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TlsOptions } from 'node:tls';
import type { OwnStatus } from '../../../src/core/publish/output.js';
import { RtmpOutput } from '../../../src/core/publish/rtmp/rtmp-output.js';
import { makeCertificate, makeExpiredCertificate } from '../../support/certificates.js';
import { avcFrame } from '../../support/flv.js';
import { RtmpPeer } from '../../support/rtmp-peer.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

describe('RtmpOutput over TLS', () => {
  let dir: TempDir;
  let peer: RtmpPeer;
  let names: (string | false)[];
  const outputs: RtmpOutput[] = [];

  before(() => {
    dir = tempDir('rtmps');
    makeCertificate(dir.path, 'good', 'DNS:localhost,IP:127.0.0.1');
    makeCertificate(dir.path, 'other', 'DNS:other.example.com');
    makeExpiredCertificate(dir.path, 'expired', 'good');
    writeFileSync(join(dir.path, 'junk.pem'), 'no certificate at all');
  });

  after(() => dir.dispose());

  afterEach(async () => {
    for (const output of outputs.splice(0)) output.dispose();
    await peer.stop();
  });

  const file = (name: string) => join(dir.path, name);

  async function startPeer(certificate = 'good', options: TlsOptions = {}): Promise<void> {
    names = [];
    peer = await RtmpPeer.start({
      tls: {
        ...options,
        key: readFileSync(file(`${certificate}.key`)),
        cert: readFileSync(file(`${certificate}.pem`)),
        SNICallback: (name, done) => {
          names.push(name);
          done(null);
        },
      },
    });
  }

  async function publish(
    host: string,
    state: OwnStatus['state'],
    tlsCaFile?: string,
    scheme = 'rtmps',
  ): Promise<OwnStatus> {
    const keyframe = {
      kind: 'keyframe',
      timestampMs: 0,
      payload: avcFrame('keyframe', 0),
      readAtMs: 0,
    } as const;
    const output = new RtmpOutput(
      { id: 'main', url: `${scheme}://${host}:${peer.port}/live/key`, tlsCaFile },
      () => [keyframe],
    );
    outputs.push(output);
    output.start();
    return eventually(state, () => {
      const status = output.status();
      const settled = state !== 'connecting' || status.error !== undefined;
      return status.state === state && settled ? status : undefined;
    });
  }

  it('publishes to a server with an authority from the settings, using server name indication', async () => {
    await startPeer();
    await publish('localhost', 'live', file('good.pem'));
    assert.deepEqual(names, ['localhost']);
    await eventually('media', () => peer.last.media[0]);
  });

  it('publishes to an address that the certificate names', async () => {
    await startPeer();
    await publish('127.0.0.1', 'live', file('good.pem'));
  });

  it('rejects a certificate without a trusted authority', async () => {
    await startPeer();
    const { error } = await publish('localhost', 'failed');
    assert.equal(error?.code, 'output.tls');
    assert.match(error.message, /certificate .* cannot be trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)/);
    assert.match(error.remedy ?? '', /tlsCaFile/);
  });

  it('refuses a certificate for another name', async () => {
    await startPeer('other');
    const { error } = await publish('localhost', 'failed', file('other.pem'));
    assert.equal(error?.code, 'output.tls');
    assert.match(error.message, /^the certificate of localhost:\d+ is for another host$/);
    assert.match(error.remedy ?? '', /^Check the host in the address/);
  });

  it('refuses a certificate that has expired', async () => {
    await startPeer('expired');
    const { error } = await publish('localhost', 'failed', file('good.pem'));
    assert.equal(error?.code, 'output.tls');
    assert.match(error.message, /^the certificate of localhost:\d+ has expired$/);
    assert.match(error.remedy ?? '', /has to renew it/);
  });

  it("reports what is wrong with the authority's file", async () => {
    await startPeer();
    for (const [name, problem] of [
      ['none.pem', /cannot read .*none\.pem \(ENOENT/],
      ['', /cannot read .* \(EISDIR: it is not a file\)/],
      ['junk.pem', /junk\.pem holds no certificate in PEM form$/],
      ['good.key', /good\.key holds a private key, and no certificate$/],
      ['expired.pem', /expired\.pem expired on \d{4}-\d\d-\d\d$/],
    ] as const) {
      const { error } = await publish('localhost', 'failed', file(name));
      assert.equal(error?.code, 'output.tls', name);
      assert.match(error.message, problem);
      assert.match(error.remedy ?? '', /^Check "tlsCaFile"/);
    }
  });

  it('reports that a server supports only outdated TLS', async () => {
    await startPeer('good', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
    const { error } = await publish('localhost', 'failed', file('good.pem'));
    assert.equal(error?.code, 'output.tls');
    assert.match(error.message, /supports no secure version of TLS/);
    assert.match(error.remedy ?? '', /TLS 1\.2/);
  });

  it('reports that a server requires a client certificate, in TLS 1.3 and 1.2', async () => {
    const asking = { requestCert: true, ca: [readFileSync(file('other.pem'))] };
    await startPeer('good', asking);
    const { error } = await publish('localhost', 'failed', file('good.pem'));
    assert.equal(error?.code, 'output.tls');
    assert.match(error.message, /asks for a client certificate/);
    await peer.stop();

    await startPeer('good', { ...asking, maxVersion: 'TLSv1.2' });
    const older = await publish('localhost', 'failed', file('good.pem'));
    assert.match(older.error?.message ?? '', /refused the TLS handshake/);
    assert.match(older.error?.remedy ?? '', /client certificate/);
  });

  it('reports within seconds that a port does not support TLS, and keeps trying', async () => {
    peer = await RtmpPeer.start();
    const silent = await publish('127.0.0.1', 'connecting');
    assert.equal(silent.error?.code, 'output.unreachable');
    assert.match(
      silent.error?.message ?? '',
      /took the connection and does not respond to the TLS handshake$/,
    );
    assert.match(silent.error?.remedy ?? '', /write rtmp:\/\/ instead of rtmps:\/\//);
    await peer.stop();

    peer = await RtmpPeer.start({
      onConnection: ({ socket }) => {
        socket.once('data', () => socket.destroy());
        return true;
      },
    });
    const closing = await publish('127.0.0.1', 'connecting');
    assert.match(closing.error?.message ?? '', /closed the connection during the TLS handshake$/);
  });

  it('reports that a server has no TLS, and vice versa', async () => {
    peer = await RtmpPeer.start({
      onConnection: ({ socket }) => {
        socket.write('not TLS at all');
        return true;
      },
    });
    const { error } = await publish('127.0.0.1', 'failed');
    assert.equal(error?.code, 'output.tls');
    assert.match(error.remedy ?? '', /rtmp:\/\//);
    await peer.stop();

    await startPeer();
    const plain = await publish('127.0.0.1', 'connecting', undefined, 'rtmp');
    assert.match(plain.error?.remedy ?? '', /rtmps:\/\/|port/);
  });
});
