import assert from 'node:assert/strict';
import { once } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import { createServer, type Server } from 'node:net';
import os from 'node:os';
import sinon from 'sinon';
import { listenAt, listenNear, reachableAddress, urlHost } from '../../../src/live-server/free-port.js';
import { ErrorCodes } from '../../../src/protocol/errors.js';
import { freePort } from '../../support/ports.js';

const ADDRESS = { netmask: '255.0.0.0', family: 'IPv4', mac: '00:00:00:00:00:00', cidr: null } as const;

describe('free ports', () => {
  const servers: Server[] = [];

  const hold = async (port: number): Promise<void> => {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    servers.push(server);
  };

  const server = (): Server => {
    const created = createServer();
    servers.push(created);
    return created;
  };

  afterEach(() => {
    sinon.restore();
    syncBuiltinESMExports();
    for (const server of servers.splice(0)) server.close();
  });

  it('takes the wanted port when it is free', async () => {
    const port = await freePort();
    assert.equal(await listenNear(server(), port), port);
  });

  it('takes a later one when it is in use', async () => {
    const port = await freePort();
    await hold(port);
    assert.ok((await listenNear(server(), port)) > port);
  });

  it('accepts only a fixed port, and reports that it is in use', async () => {
    const port = await freePort();
    await hold(port);
    const next = server();
    await assert.rejects(listenAt(next, port), {
      code: ErrorCodes.portInUse,
      message: `The TCP port ${port} of 127.0.0.1, where publishers connect, is in use by another program`,
    });
    servers.shift()?.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(await listenAt(next, port), port);
  });

  it('takes any when no later one exists', async () => {
    const server = createServer();
    servers.push(server);
    await hold(65535);
    assert.notEqual(await listenNear(server, 65535), 65535);
  });

  it('listens on this machine alone', async () => {
    const server = createServer();
    servers.push(server);
    await listenNear(server, await freePort());
    const address = server.address();
    assert.equal(typeof address === 'object' && address?.address, '127.0.0.1');
  });

  it('says so where the machine does not have the address', async () => {
    await assert.rejects(listenNear(server(), await freePort(), '192.0.2.1'), {
      code: ErrorCodes.configInvalid,
      where: 'liveServer.host',
    });
    for (const listening of [
      listenAt(server(), await freePort(), '192.0.2.1'),
      listenNear(server(), await freePort(), '192.0.2.1', 'rtmpHost'),
    ]) {
      await assert.rejects(listening, { code: ErrorCodes.configInvalid, where: 'liveServer.rtmpHost' });
    }
  });

  it('writes an IPv6 address in brackets', () => {
    assert.deepEqual([urlHost('192.0.2.1'), urlHost('::1')], ['192.0.2.1', '[::1]']);
  });

  it('names an address that others can reach', () => {
    assert.equal(reachableAddress('192.0.2.1'), '192.0.2.1');
    sinon.stub(os, 'networkInterfaces').returns({
      lo: [{ ...ADDRESS, address: '127.0.0.1', internal: true }],
      eth0: [{ ...ADDRESS, address: '198.51.100.7', internal: false }],
    });
    syncBuiltinESMExports();
    assert.equal(reachableAddress('0.0.0.0'), '198.51.100.7');
  });

  it('gives up with a typed error where nothing may listen', async () => {
    const server = createServer();
    sinon.stub(server, 'listen').callsFake(() => {
      setImmediate(() => server.emit('error', new Error('not allowed')));
      return server;
    });
    await assert.rejects(listenNear(server, 1935), { code: ErrorCodes.portInUse });
  });
});
