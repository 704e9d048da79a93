import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RtmpOutput } from '../../../src/core/publish/rtmp-output.js';
import type { OutputStatus } from '../../../src/protocol/control.js';
import { avcPicture } from '../../support/flv.js';
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
    for (const [file, name] of [
      ['good', 'DNS:localhost,IP:127.0.0.1'],
      ['other', 'DNS:other.example.com'],
    ]) {
      execFileSync(
        'openssl',
        [
          ...[
            'req',
            '-x509',
            '-newkey',
            'ec',
            '-pkeyopt',
            'ec_paramgen_curve:prime256v1',
            '-nodes',
            '-days',
            '2',
          ],
          ...['-subj', '/CN=test', '-addext', `subjectAltName=${name}`],
          ...['-keyout', `${file}.key`, '-out', `${file}.pem`],
        ],
        { cwd: dir.path, stdio: 'ignore' },
      );
    }
  });

  after(() => dir.dispose());

  afterEach(async () => {
    for (const output of outputs.splice(0)) output.dispose();
    await peer.stop();
  });

  const file = (name: string) => join(dir.path, name);

  async function startPeer(certificate = 'good'): Promise<void> {
    names = [];
    peer = await RtmpPeer.start({
      tls: {
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
    state: OutputStatus['state'],
    tlsCaFile?: string,
    scheme = 'rtmps',
  ): Promise<OutputStatus> {
    const keyframe = {
      kind: 'keyframe',
      timestampMs: 0,
      payload: avcPicture('keyframe', 0),
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

  it('publishes to a server whose authority the settings name, and names the server', async () => {
    await startPeer();
    await publish('localhost', 'live', file('good.pem'));
    assert.deepEqual(names, ['localhost']);
    await eventually('media', () => peer.last.media[0]);
  });

  it('publishes to an address that the certificate names', async () => {
    await startPeer();
    await publish('127.0.0.1', 'live', file('good.pem'));
  });

  it('refuses a certificate that nobody vouches for', async () => {
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
    assert.match(error.message, /ALTNAME/);
  });

  it('says that the file of the authority cannot be read', async () => {
    await startPeer();
    const { error } = await publish('localhost', 'failed', file('none.pem'));
    assert.equal(error?.code, 'output.tls');
    assert.match(error.message, /none\.pem/);
  });

  it('says that a server is without TLS, and the other way round', async () => {
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
