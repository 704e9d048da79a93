import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import sinon from 'sinon';
import { findFreePort, listenNear } from '../../../src/live-server/free-port.js';
import { ErrorCodes } from '../../../src/protocol/errors.js';
import { freePort } from '../../support/ports.js';

describe('free ports', () => {
  const servers: Server[] = [];

  const hold = async (port: number): Promise<void> => {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    servers.push(server);
  };

  afterEach(() => {
    sinon.restore();
    for (const server of servers.splice(0)) server.close();
  });

  it('takes the wanted port when it is free', async () => {
    const port = await freePort();
    assert.equal(await findFreePort(port), port);
  });

  it('takes a later one when it is in use', async () => {
    const port = await freePort();
    await hold(port);
    assert.ok((await findFreePort(port)) > port);
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

  it('gives up with a typed error where nothing may listen', async () => {
    const server = createServer();
    sinon.stub(server, 'listen').callsFake(() => {
      setImmediate(() => server.emit('error', new Error('not allowed')));
      return server;
    });
    await assert.rejects(listenNear(server, 1935), { code: ErrorCodes.portInUse });
  });
});
