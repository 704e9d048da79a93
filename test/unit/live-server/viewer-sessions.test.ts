import type NodeMediaServer from 'node-media-server';
import sinon from 'sinon';
import { ViewerSessions } from '../../../src/live-server/viewer-sessions.js';

const LIMIT = 1000;

describe('ViewerSessions', () => {
  let clock: sinon.SinonFakeTimers;
  let listeners: Map<string, (session: NodeMediaServer.Session) => void>;
  let viewers: ViewerSessions;

  beforeEach(() => {
    clock = sinon.useFakeTimers();
    sinon.stub(console, 'warn');
    listeners = new Map();
    const server = sinon.stub({ on: (_event: string, _listener: unknown): void => {} });
    server.on.callsFake((event, listener) => listeners.set(event, listener as never));
    viewers = new ViewerSessions(server as unknown as NodeMediaServer, LIMIT);
  });

  afterEach(() => {
    viewers.dispose();
    clock.restore();
    sinon.restore();
  });

  const emit = (event: string, session: unknown): void =>
    listeners.get(event)?.(session as NodeMediaServer.Session);

  const viewer = (protocol: 'rtmp' | 'flv', streamPath = '/live/stream') => {
    const connection = { writableLength: 0, destroy: sinon.spy() };
    const session = {
      id: protocol,
      protocol,
      streamPath,
      socket: connection,
      res: connection,
      connection,
      close: sinon.spy(),
    };
    emit('postPlay', session);
    return session;
  };

  for (const protocol of ['rtmp', 'flv'] as const) {
    it(`drops a viewer by ${protocol} once too much waits for it, and not before`, () => {
      const { connection } = viewer(protocol);
      connection.writableLength = LIMIT;
      clock.tick(1000);
      sinon.assert.notCalled(connection.destroy);

      connection.writableLength = LIMIT + 1;
      clock.tick(1000);
      sinon.assert.called(connection.destroy);
    });
  }

  it('forgets a viewer that has left', () => {
    const session = viewer('flv');
    emit('donePlay', session);
    session.connection.writableLength = LIMIT + 1;
    clock.tick(1000);
    sinon.assert.notCalled(session.connection.destroy);
  });

  it('lets the viewers of a stream go in order when it has ended, and no others', () => {
    const here = viewer('flv');
    const elsewhere = viewer('flv', '/live/other');
    emit('donePublish', { streamPath: '/live/stream' });
    sinon.assert.calledOnce(here.close);
    sinon.assert.notCalled(elsewhere.close);
  });

  it('cuts everybody off when disposed', () => {
    const { connection } = viewer('rtmp');
    viewers.dispose();
    sinon.assert.calledOnce(connection.destroy);
  });
});
