import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { FirstLines } from '../../../src/rpc/first-lines.js';
import { FakeClock } from '../../support/fake-clock.js';

describe('FirstLines', () => {
  let clock: FakeClock;
  let lines: FirstLines;
  let shown: [Socket, string | undefined][];
  let sockets: Socket[];

  beforeEach(() => {
    clock = new FakeClock();
    shown = [];
    sockets = [];
    lines = new FirstLines((socket, line) => shown.push([socket, line]));
  });
  afterEach(async () => {
    lines.dispose();
    for (const socket of sockets) socket.destroy();
    await clock.settle();
    assert.equal(clock.pending, 0, 'a timer is left');
    clock.restore();
  });

  function connect(count = 1): Socket {
    for (let n = 0; n < count; n++) {
      const socket = new Socket();
      sockets.push(socket);
      void lines.add(socket);
    }
    return sockets.at(-1)!;
  }
  const gone = () => sockets.filter(({ destroyed }) => destroyed).length;

  it('hands a connection on with its line, or without one after a second', async () => {
    const [quick, slow] = [connect(), connect()];
    quick.push('who I am\n');
    await clock.settle();
    assert.deepEqual(shown, [[quick, 'who I am']]);
    await clock.pass(999);
    assert.equal(shown.length, 1);
    await clock.pass(1);
    assert.deepEqual(shown[1], [slow, undefined]);
    assert.equal(gone(), 0);
  });

  it('hands on none that has closed or broken', async () => {
    connect().destroy();
    connect().destroy(new Error('broken'));
    connect().emit('error', new Error('reset'));
    await clock.pass(2000);
    assert.deepEqual([shown, gone()], [[], 3]);
  });

  it('has 16 wait, for which the oldest makes room', async () => {
    connect(16);
    await clock.pass(100);
    assert.equal(gone(), 0);
    connect();
    assert.deepEqual([sockets[0]?.destroyed, gone()], [true, 1]);
    connect(3);
    assert.equal(gone(), 4);
  });

  it('leaves those of the last 100 ms the time to show who they are', async () => {
    connect(16);
    await clock.pass(99);
    connect();
    assert.equal(gone(), 0);
    await clock.pass(1);
    connect();
    assert.equal(gone(), 2, 'until 16 wait');
  });

  it('has 256 of these wait', () => {
    connect(256);
    assert.equal(gone(), 0);
    connect();
    assert.deepEqual([sockets[0]?.destroyed, gone()], [true, 1]);
  });

  it('counts none that has shown who it is, or has gone', async () => {
    connect(16);
    await clock.pass(100);
    sockets[3]?.push('me\n');
    sockets[4]?.destroy();
    await clock.settle();
    connect(2);
    assert.equal(gone(), 1);
  });

  it('closes those that wait, and no other, when it is disposed of', async () => {
    connect(2);
    sockets[0]?.push('me\n');
    await clock.settle();
    lines.dispose();
    assert.deepEqual(
      sockets.map(({ destroyed }) => destroyed),
      [false, true],
    );
  });
});
