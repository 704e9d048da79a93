import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startPlugin } from '@bulkhead/extension-api/testing';

describe('headline', () => {
  it('shows the first line of a page, and counts', async () => {
    const server = createServer((_request, response) => response.end('Good news\nand more'));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    try {
      const { port } = server.address() as AddressInfo;
      const address = `http://127.0.0.1:${port}/`;
      const core = await startPlugin({ settings: { address }, clock: 'real' });
      assert.equal(await core.commands.execute('headline.show'), 'Good news');
      assert.equal(core.statusItems['headline'], 'Good news');
      assert.deepEqual(await core.readState(), { timesShown: 1 });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
