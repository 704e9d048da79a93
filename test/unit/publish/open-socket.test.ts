import assert from 'node:assert/strict';
import dns from 'node:dns';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import sinon from 'sinon';
import { openSocket, TlsHandshakeError } from '../../../src/core/publish/rtmp/open-socket.js';
import { parseOutputAddress, type RtmpTarget } from '../../../src/core/publish/rtmp/rtmp-target.js';
import { makeCertificate } from '../../support/certificates.js';
import { FakeClock } from '../../support/fake-clock.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

describe('openSocket', () => {
  let folder: TempDir;
  let server: Server | undefined;
  let accepted: Socket[];
  let opened: Socket[];

  before(() => {
    folder = tempDir('open-socket');
    makeCertificate(folder.path, 'own', 'DNS:localhost,IP:127.0.0.1');
    makeCertificate(folder.path, 'other', 'DNS:localhost');
  });
  after(() => folder.dispose());

  beforeEach(() => {
    accepted = [];
    opened = [];
  });
  afterEach(async () => {
    for (const socket of [...accepted, ...opened]) socket.destroy();
    server?.close();
    if (server !== undefined) await once(server, 'close');
    server = undefined;
  });

  const pem = (name: string) => join(folder.path, name);
  async function listen(secure: boolean, onConnection: (socket: Socket) => void = () => {}): Promise<void> {
    const accept = (socket: Socket) => {
      accepted.push(socket);
      socket.on('error', () => {});
      onConnection(socket);
    };
    const certificate = secure && { key: readFileSync(pem('own.key')), cert: readFileSync(pem('own.pem')) };
    server = certificate ? createTlsServer(certificate, accept) : createServer(accept);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
  function targetOf(scheme: string, host = 'localhost', caFile = 'own.pem'): RtmpTarget {
    const address = server?.address() as AddressInfo | undefined;
    const output = { url: `${scheme}://${host}:${address?.port}/live/key`, tlsCaFile: pem(caFile) };
    return parseOutputAddress(output, 'outputs.main');
  }
  async function open(target: RtmpTarget, signal = new AbortController().signal): Promise<Socket> {
    const socket = await openSocket(target, signal);
    opened.push(socket);
    return socket;
  }

  describe('of a name', () => {
    let lookups: string[];
    let addresses: { readonly address: string; readonly family: number }[];

    beforeEach(async () => {
      await listen(false);
      lookups = [];
      const lookup = (name: string, _: object, done: (error: null, found: typeof addresses) => void) => {
        lookups.push(name);
        done(null, addresses);
      };
      sinon.replace(dns, 'lookup', lookup as unknown as typeof dns.lookup);
    });
    afterEach(() => sinon.restore());

    it('tries the IPv4 address where the IPv6 address does not answer, and the other way round', async () => {
      const [v6, v4] = [
        { address: '::1', family: 6 },
        { address: '127.0.0.1', family: 4 },
      ];
      for (const both of [
        [v6, v4],
        [v4, v6],
      ]) {
        addresses = both;
        assert.equal((await open(targetOf('rtmp', 'live.example'))).remoteAddress, '127.0.0.1');
      }
    });

    it('looks it up each time, but not where the address is given', async () => {
      addresses = [{ address: '127.0.0.1', family: 4 }];
      const target = targetOf('rtmp', 'live.example');
      await open(target);
      await open(target);
      assert.deepEqual(lookups, ['live.example', 'live.example']);
      opened.push(await openSocket(target, new AbortController().signal, '127.0.0.1'));
      assert.equal(lookups.length, 2);
    });
  });

  it('connects from the address that is configured', async () => {
    await listen(false);
    await open({ ...targetOf('rtmp', '127.0.0.1'), bindAddress: '127.0.0.2' });
    await eventually('it is accepted', () => accepted[0]);
    assert.equal(accepted[0]?.remoteAddress, '127.0.0.2');
    await assert.rejects(open({ ...targetOf('rtmp', '127.0.0.1'), bindAddress: '192.0.2.1' }), {
      code: 'EADDRNOTAVAIL',
    });
    await assert.rejects(open({ ...targetOf('rtmp', '127.0.0.1'), bindAddress: 'none0' }), {
      name: 'NoSourceAddressError',
    });
  });

  it('connects without TLS', async () => {
    await listen(false, (socket) => socket.write('hello'));
    const socket = await open(targetOf('rtmp', '127.0.0.1'));
    const [bytes] = await once(socket, 'data');
    assert.equal(String(bytes), 'hello');
  });

  it('does not heed the signal any more once it has connected', async () => {
    await listen(false);
    const waiting = new AbortController();
    const socket = await open(targetOf('rtmp', '127.0.0.1'), waiting.signal);
    waiting.abort(new Error('too late'));
    assert.equal(socket.destroyed, false);
  });

  it('has no uncaught error when the connection breaks later', async () => {
    await listen(false);
    const socket = await open(targetOf('rtmp', '127.0.0.1'));
    socket.destroy(new Error('broken'));
    await new Promise((resolve) => socket.once('close', resolve));
  });

  it('connects with TLS to a server that the authority vouches for, by name and by address', async () => {
    await listen(true, (socket) => socket.write('hello'));
    for (const host of ['localhost', '127.0.0.1']) {
      const socket = await open(targetOf('rtmps', host));
      const [bytes] = await once(socket, 'data');
      assert.equal(String(bytes), 'hello');
    }
  });

  it('refuses a server that nobody vouches for, or that is another', async () => {
    await listen(true);
    await assert.rejects(open(targetOf('rtmps', 'localhost', 'other.pem')), { code: /SELF_SIGNED/ });
    await assert.rejects(open(targetOf('rtmps', '127.0.0.2')), { code: /ALTNAME|ECONNREFUSED/ });
  });

  it('trusts the file that SSL_CERT_FILE names as the system’s', async () => {
    await listen(true);
    const before = process.env['SSL_CERT_FILE'];
    process.env['SSL_CERT_FILE'] = pem('own.pem');
    try {
      await open(targetOf('rtmps', 'localhost', 'other.pem'));
    } finally {
      if (before === undefined) delete process.env['SSL_CERT_FILE'];
      else process.env['SSL_CERT_FILE'] = before;
    }
  });

  it('tells why there is no connection', async () => {
    await listen(false);
    const target = targetOf('rtmp', '127.0.0.1');
    server?.close();
    await once(server!, 'close');
    server = undefined;
    await assert.rejects(open(target), { code: 'ECONNREFUSED' });
  });

  it('ends with the reason when it is aborted, before, while it connects, and while it shakes hands', async () => {
    await listen(false);
    const reason = new Error('given up');
    await assert.rejects(open(targetOf('rtmp'), AbortSignal.abort(reason)), reason);
    for (const scheme of ['rtmp', 'rtmps']) {
      const waiting = new AbortController();
      const opening = open(targetOf(scheme), waiting.signal);
      if (scheme === 'rtmps') while (accepted.length === 0) await new Promise((done) => setImmediate(done));
      waiting.abort(reason);
      await assert.rejects(opening, reason);
      await Promise.all(accepted.map(async (socket) => socket.resume().closed || once(socket, 'close')));
    }
  });

  it('sees a server that closes before TLS begins', async () => {
    await listen(false, (socket) => socket.once('data', () => socket.resetAndDestroy()));
    await assert.rejects(
      open(targetOf('rtmps')),
      (error) => error instanceof TlsHandshakeError && error.reason === 'closed',
    );
  });

  it('gives a server three seconds to begin TLS', async () => {
    await listen(false);
    const clock = new FakeClock();
    try {
      const failures: unknown[] = [];
      const opening = open(targetOf('rtmps')).catch((error: unknown) => failures.push(error));
      while (accepted.length === 0 || clock.pending === 0) await clock.settle();
      clock.tick(2999);
      await clock.settle();
      assert.equal(failures.length, 0);
      clock.tick(1);
      await opening;
      const [failure] = failures;
      assert.ok(failure instanceof TlsHandshakeError && failure.reason === 'silent');
      assert.equal(clock.pending, 0);
    } finally {
      clock.restore();
    }
  });

  it('waits longer for one that has begun', async () => {
    await listen(false, (socket) => socket.once('data', () => socket.write(Buffer.from([22, 3, 3]))));
    const clock = new FakeClock();
    const waiting = new AbortController();
    try {
      let settled = false;
      const opening = open(targetOf('rtmps'), waiting.signal).catch(() => {
        settled = true;
      });
      while (accepted[0]?.bytesWritten !== 3 || clock.pending === 0) await clock.settle();
      for (let n = 0; n < 20; n++) await clock.settle();
      clock.tick(5000);
      await clock.settle();
      assert.equal(settled, false);
      waiting.abort(new Error('enough'));
      await opening;
    } finally {
      clock.restore();
    }
  });
});
