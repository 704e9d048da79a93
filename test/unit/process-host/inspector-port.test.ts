import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { inspectorPortFree } from '../../../src/process-host/inspector-port.js';
import { freePort } from '../../support/ports.js';

describe('the port of an inspector', () => {
  it('is refused while another program has it, and waited for as long as is asked', async () => {
    const port = await freePort();
    await inspectorPortFree(port);
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    await assert.rejects(inspectorPortFree(port), {
      code: 'port.inUse',
      message: `the TCP port ${port} of 127.0.0.1 is in use by another program`,
      remedy: 'Give another one: --inspect=PORT.',
    });
    const free = inspectorPortFree(port, 60_000);
    server.close();
    await free;
  });
});
