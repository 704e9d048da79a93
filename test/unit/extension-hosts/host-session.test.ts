import assert from 'node:assert/strict';
import { NotificationType } from 'vscode-jsonrpc/node';
import { HostSession } from '../../../src/core/extension-hosts/hosts/host-session.js';
import type { Log } from '../../../src/core/log/log.js';
import type { MainThreadNamespace, ServedHost } from '../../../src/core/main-thread/main-thread-namespace.js';
import { PluginErrorNotification, type PluginErrorParams } from '../../../src/protocol/extension-host.js';
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';
import { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import { FakeClock } from '../../support/fake-clock.js';
import { SILENT_LOG } from '../../support/silent-log.js';
import { installedPlugin } from '../plugins/installed-plugin.js';

const UNKNOWN = new NotificationType<object>('nothing/known');
const plugins = [installedPlugin('a.one'), installedPlugin('a.two')];

/** A namespace that records its hosts, and when it has ended. */
class NotedNamespace implements MainThreadNamespace {
  readonly served: ServedHost[] = [];

  constructor(
    private readonly name: string,
    private readonly noted: string[],
  ) {}

  serve(host: ServedHost) {
    this.served.push(host);
    this.noted.push(`${this.name} serves`);
    return { dispose: () => void this.noted.push(`${this.name} ends`) };
  }
}

describe('the session with an extension host', () => {
  let clock: FakeClock;
  let noted: string[];
  let errors: unknown[][];
  let host: RpcConnection;
  let connection: RpcConnection;
  let namespaces: NotedNamespace[];
  let session: HostSession;
  const log: Log = { ...SILENT_LOG, error: (...args) => errors.push(args) };

  beforeEach(() => {
    clock = new FakeClock();
    noted = [];
    errors = [];
    const [near, far] = createInMemoryPair();
    connection = new RpcConnection(near, { peer: 'host' });
    host = new RpcConnection(far, { peer: 'core' });
    namespaces = [new NotedNamespace('first', noted), new NotedNamespace('second', noted)];
    session = new HostSession(connection, plugins, log, namespaces);
    connection.listen();
    host.listen();
  });

  afterEach(() => {
    session.dispose();
    connection.dispose();
    host.dispose();
    clock.restore();
  });

  const fatalFault = () => session.fatalFault;
  const report = (params: PluginErrorParams) => host.sendNotification(PluginErrorNotification.type, params);

  it('has each namespace serve the host, in their order, until it ends', () => {
    assert.deepEqual(noted, ['first serves', 'second serves']);
    const [first, second] = namespaces.map(({ served }) => served[0]);
    assert.ok(first !== undefined && first.channel === second?.channel, 'they share one channel');
    assert.deepEqual([first.plugins, first.log], [plugins, log]);
    session.dispose();
    assert.deepEqual(noted.slice(2), ['first ends', 'second ends']);
  });

  it('knows which of its plugins are active', () => {
    const [one, two] = plugins;
    assert.ok(one !== undefined && two !== undefined);
    session.markActive(two, undefined);
    assert.deepEqual([session.isActive(one), session.isActive(two)], [false, true]);
    assert.deepEqual(session.activePlugins(), [two]);
  });

  it('logs failures of plugins, and keeps the one that ends the host', async () => {
    report({ plugin: 'a.one', message: 'a listener failed', fatal: false, stack: 'Error: at main.js:1' });
    await clock.settle();
    assert.equal(fatalFault(), undefined);
    report({ plugin: 'a.two', message: 'nobody caught it', fatal: true, stack: 'Error: at main.js:2' });
    await clock.settle();

    assert.deepEqual(errors, [
      ['a listener failed', { plugin: 'a.one', stack: 'Error: at main.js:1' }],
      ['nobody caught it', { plugin: 'a.two', stack: 'Error: at main.js:2' }],
    ]);
    const fault = fatalFault();
    assert.deepEqual(
      [fault?.code, fault?.where, fault?.message],
      ['plugin.failed', 'a.two', 'nobody caught it'],
    );
    assert.equal(fault?.cause instanceof Error && fault.cause.stack, 'Error: at main.js:2');
  });

  it('logs unhandled rejections with their number, and tells of them', async () => {
    const told: unknown[][] = [];
    session.onDidReject(({ failure, count }) => told.push([failure.where, failure.message, count]));
    report({ plugin: 'a.one', message: 'nobody waits', fatal: false, rejections: 7, stack: 'Error: at x' });
    report({ plugin: 'a.one', message: 'a listener failed', fatal: false });
    await clock.settle();
    assert.deepEqual(told, [['a.one', 'nobody waits', 7]]);
    assert.deepEqual(errors[0], ['nobody waits', { plugin: 'a.one', stack: 'Error: at x', rejections: 7 }]);
    assert.equal(fatalFault(), undefined);
  });

  it('logs a hundred failures at once, then ten a second', async () => {
    for (let count = 0; count < 150; count++) report({ plugin: 'a.one', message: 'again', fatal: false });
    await clock.settle();
    assert.equal(errors.length, 100);
    clock.tick(1000);
    for (let count = 0; count < 150; count++) report({ plugin: 'a.one', message: 'again', fatal: false });
    await clock.settle();
    assert.equal(errors.length, 110);
  });

  it('ignores failures of plugins that are not in the host', async () => {
    report({ plugin: 'a.three', message: 'it was the others', fatal: true });
    await clock.settle();
    assert.deepEqual([errors, fatalFault()], [[], undefined]);
  });

  it('reports a host that sends too many invalid messages, during the session', async () => {
    const reported: string[] = [];
    session.onDidMisuse(({ message }) => reported.push(message));
    for (let count = 0; count < 101; count++) host.sendNotification(UNKNOWN, {});
    await clock.settle();
    assert.equal(reported.length, 1);
    session.dispose();
    for (let count = 0; count < 100; count++) host.sendNotification(UNKNOWN, {});
    await clock.settle();
    assert.equal(reported.length, 1);
  });

  it('ignores messages once it has ended', async () => {
    session.dispose();
    report({ plugin: 'a.one', message: 'too late', fatal: true });
    await clock.settle();
    assert.deepEqual([errors, fatalFault()], [[], undefined]);
  });
});
