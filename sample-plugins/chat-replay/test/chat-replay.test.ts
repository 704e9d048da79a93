import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type FakeCore, startPlugin } from '@bulkhead/extension-api/testing';
import { Burst } from '../src/burst.js';

describe('chat-replay', () => {
  let server: Server;
  let client: Socket | undefined;
  let received: string;

  beforeEach(async () => {
    received = '';
    client = undefined;
    server = createServer((socket) => {
      client = socket;
      socket.on('error', () => {});
      socket.on('data', (data) => {
        received += data;
        if (/^USER /m.test(String(data))) socket.write(':mock 001 you :Welcome\r\nPING :42\r\n');
        if (/^JOIN /m.test(String(data))) socket.write(':mock 366 you #me :End of names\r\n');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    client?.destroy();
    server.close();
  });

  const until = async (core: FakeCore, isDone: () => boolean) => {
    for (let tries = 0; !isDone(); tries += 1) {
      assert.ok(tries < 500, `status: ${core.statusItems['chat']}`);
      await core.clock.advance(20);
    }
  };
  const live = async (settings: object = {}) => {
    const { port } = server.address() as AddressInfo;
    const address = { server: '127.0.0.1', port, tls: false, channel: 'Me' };
    const core = await startPlugin({ settings: { ...address, messages: 3, ...settings }, clock: 'real' });
    await core.broadcast.goLive();
    await until(core, () => core.statusItems['chat'] === 'reading #me');
    return core;
  };
  const say = (...texts: string[]) => {
    for (const text of texts) client?.write(`@id=1 :anna!a@b PRIVMSG #me :${text}\r\n`);
  };
  const markers = (core: FakeCore) => core.broadcast.markers.map(({ label }) => label);

  it('marks a burst and runs the command, once', async () => {
    const core = await live({ command: 'replay.save' });
    assert.match(received, /^NICK justinfan\d+\r\nUSER .*\r\n(?:.*\r\n)*PONG :42/);
    let runs = 0;
    core.commands.register('replay.save', () => (runs += 1));
    say('one', 'two');
    await core.clock.advance(50);
    assert.deepEqual([runs, markers(core)], [0, []]);
    say('three : with a colon', 'four', 'five', 'six');
    await until(core, () => runs > 0 && markers(core).length > 0);
    assert.deepEqual([runs, markers(core)], [1, ['Chat burst: 3 messages']]);
    assert.deepEqual(core.events.fired, [{ event: 'chat-replay.burst', payload: { messages: 3 } }]);
  });

  it('counts only messages with one of the words', async () => {
    const core = await live({ words: ['Clip', 'pog'], messages: 2 });
    say('one', 'two', 'clips', 'POG', 'please clip that');
    await until(core, () => markers(core).length > 0);
    assert.deepEqual(markers(core), ['Chat burst: 2 messages']);
  });

  it('says when the command fails, or the server', async () => {
    const core = await live({ command: 'replay.save', messages: 1 });
    say('one');
    await until(core, () => /^replay\.save: .*"replay\.save"/.test(core.statusItems['chat'] ?? ''));
    client?.destroy();
    await until(core, () => core.statusItems['chat'] === 'not connected: the connection was closed');
  });

  it('stays out of chat without a channel, and does it on command', async () => {
    const core = await startPlugin();
    assert.equal(core.statusItems['chat'], 'set "channel"');
    await core.broadcast.goLive();
    await core.commands.execute('chat-replay.trigger');
    assert.deepEqual(markers(core), ['Replay']);
  });

  it('notices a burst once within the cooldown', () => {
    const burst = new Burst(3, 1000, 5000);
    const noted = (...times: number[]) => times.map((atMs) => burst.note(atMs));
    assert.deepEqual(noted(0, 600, 1100), [undefined, undefined, undefined]);
    assert.deepEqual(noted(1200, 1300, 6000), [3, undefined, undefined]);
    assert.deepEqual(noted(6300, 6400, 6500), [undefined, 3, undefined]);
  });
});
