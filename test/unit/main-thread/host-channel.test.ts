import assert from 'node:assert/strict';
import { NotificationType, RequestType } from 'vscode-jsonrpc/node';
import { FromPluginSchema, HostChannel } from '../../../src/core/main-thread/host-channel.js';
import type { BulkheadError } from '../../../src/protocol/errors.js';
import type { FromPlugin } from '../../../src/protocol/extension-host.js';
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';
import { RpcConnection } from '../../../src/rpc/rpc-connection.js';

const Ask = new RequestType<FromPlugin, string, void>('test/ask');
const Say = new NotificationType<FromPlugin>('test/say');

describe('the channel of a host', () => {
  let host: RpcConnection;
  let channel: HostChannel;
  let core: RpcConnection;
  let misuse: BulkheadError[];
  let said: string[];
  let dropped: number;
  let admitted: boolean;

  beforeEach(() => {
    const [near, far] = createInMemoryPair();
    core = new RpcConnection(near, { peer: 'host' });
    host = new RpcConnection(far, { peer: 'core' });
    channel = new HostChannel(core, new Set(['one', 'two']));
    misuse = [];
    said = [];
    dropped = 0;
    admitted = true;
    channel.onDidMisuse((error) => misuse.push(error));
    core.onDidFailHandler(() => (dropped += 1));
    channel.serve(Ask, FromPluginSchema, ({ plugin }) => plugin);
    channel.receive(
      Say,
      FromPluginSchema,
      ({ plugin }) => said.push(plugin),
      () => admitted,
    );
    core.listen();
    host.listen();
  });

  afterEach(() => {
    channel.dispose();
    core.dispose();
    host.dispose();
  });

  const ask = (params: unknown) => host.sendRequest(Ask, params as FromPlugin);

  it("accepts messages for the host's own plugins", async () => {
    host.sendNotification(Say, { plugin: 'one' });
    assert.equal(await ask({ plugin: 'two' }), 'two');
    assert.deepEqual(said, ['one']);
  });

  it('passes handlers only what the schema has', async () => {
    const given: unknown[] = [];
    const other = new HostChannel(core, new Set(['one']));
    other.serve(new RequestType<FromPlugin, null, void>('test/strict'), FromPluginSchema, (params) => {
      given.push(params);
      return null;
    });
    await host.sendRequest(new RequestType<object, null, void>('test/strict'), { plugin: 'one', more: [1] });
    other.dispose();
    assert.deepEqual(given, [{ plugin: 'one' }]);
  });

  it('refuses messages for other plugins', async () => {
    await assert.rejects(ask({ plugin: 'three' }), {
      code: 'permission.denied',
      message: 'the host of one, two sent a message for the plugin "three", which does not run in it',
    });
  });

  for (const params of [{}, { plugin: 1 }, { plugin: 'x'.repeat(500) }]) {
    it(`refuses ${JSON.stringify(params).slice(0, 30)}`, async () => {
      await assert.rejects(ask(params), { code: 'plugin.failed', where: 'the host of one, two' });
    });
  }

  it('does not validate a message that is not admitted', async () => {
    admitted = false;
    host.sendNotification(Say, { plugin: 'three' });
    host.sendNotification(Say, { plugin: 'one' });
    await ask({ plugin: 'one' });
    assert.deepEqual([said, dropped], [[], 0]);
  });

  it('reports a host that keeps sending invalid params or unknown methods', async () => {
    for (let i = 0; i < 50; i++) {
      host.sendNotification(Say, {} as FromPlugin);
      await assert.rejects(host.sendRequest(new RequestType<object, null, void>(`test/unknown${i}`), {}));
    }
    assert.deepEqual([misuse, dropped], [[], 50]);
    await assert.rejects(ask({ plugin: 'three' }), { code: 'permission.denied' });
    assert.equal(misuse.length, 1);
    assert.match(misuse[0]?.message ?? '', /not valid, the last: .*for the plugin "three"/);
  });
});
