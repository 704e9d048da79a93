import assert from 'node:assert/strict';
import type { Duplex } from 'node:stream';
import { hashKey } from '../../../src/core/stubs/live-server-stub.js';
import { IngestDesk } from '../../../src/live-server/ingest-desk.js';
import { IngestRefusedNotification, type IngestRefusedParams } from '../../../src/protocol/ingest.js';
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';
import { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import { RtmpRefusal, RtmpServerSession } from '../../../src/rtmp/rtmp-server-session.js';

describe('IngestDesk', () => {
  let desk: IngestDesk;
  let ours: RpcConnection;
  let core: RpcConnection;
  let session: RtmpServerSession;
  let client: Duplex;
  let told: IngestRefusedParams[];

  beforeEach(() => {
    const [near, far] = createInMemoryPair();
    ours = new RpcConnection(near, { peer: 'core' });
    core = new RpcConnection(far, { peer: 'live-server' });
    told = [];
    core.onNotification(IngestRefusedNotification.type, (refusal) => told.push(refusal));
    ours.listen();
    core.listen();
    const ingest = {
      id: 'obs',
      key: hashKey('key'),
      secondPublisher: 'replace',
      maxBitrateKbps: 1000,
      decoded: false,
    } as const;
    desk = new IngestDesk(ours, [ingest]);
    const [socket, other] = createInMemoryPair();
    client = other;
    session = new RtmpServerSession(socket, {
      checkApp: () => {},
      publish: (request, of) => desk.publish(request, of),
      play: () => ({ end: () => {} }),
    });
  });

  afterEach(() => {
    desk.dispose();
    session.dispose();
    client.destroy();
    ours.dispose();
    core.dispose();
  });

  const toldOnce = async () => {
    while (told.length === 0) await new Promise((resolve) => setImmediate(resolve));
    return told;
  };

  for (const [name, said] of [
    ['', /^The publisher has sent no stream key\. Enter the stream key that Bulkhead shows\.$/],
    ['other', /^The stream key is wrong\. Enter the stream key that Bulkhead shows\.$/],
  ] as const) {
    it(`tells both sides of a publisher with the key "${name}"`, async () => {
      await assert.rejects(
        desk.publish({ app: 'ingest', name, program: '' }, session),
        (error: Error) => error instanceof RtmpRefusal && said.test(error.message),
      );
      const [{ error } = { error: undefined }] = await toldOnce();
      assert.equal(error?.code, 'ingest.refused');
    });
  }

  for (const [app, said] of [
    ['ingest/se', /^The stream key has a "\/" in it\. Enter the stream key/],
    ['secret', /^The server address is wrong\. To publish, enter the address .* ends in "\/ingest"\.$/],
  ] as const) {
    it(`tells both sides of the application "${app}", and not its name`, async () => {
      const refusal = desk.wrongApp(app, 'NetConnection.Connect.InvalidApp', session);
      assert.match(refusal.message, said);
      assert.equal(refusal.code, 'NetConnection.Connect.InvalidApp');
      assert.doesNotMatch(JSON.stringify(await toldOnce()) + refusal.message, /secret|\/se/);
    });
  }
});
