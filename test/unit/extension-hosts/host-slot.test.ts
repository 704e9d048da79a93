import assert from 'node:assert/strict';
import sinon from 'sinon';
import { setUnexpectedErrorHandler } from '../../../src/base/unexpected-error.js';
import { HostSlot, type SlotHost } from '../../../src/core/extension-hosts/hosts/host-slot.js';
import type { InstalledPlugin } from '../../../src/plugins/installed-plugin.js';
import type { Permission } from '../../../src/protocol/permissions/permissions.js';
import type { ExtensionHostStatus } from '../../../src/protocol/status/extension-host-status.js';
import { installedPlugin } from '../plugins/installed-plugin.js';

/** A host that does everything immediately. */
class FakeHost implements SlotHost {
  readonly activated = new Set<string>();
  readonly start = sinon.spy();
  readonly dispose = sinon.spy();
  readonly regrant = sinon.stub();
  readonly fire = sinon.spy();
  readonly giveUp = sinon.spy();
  readonly launched = sinon.stub().resolves();
  readonly stop = sinon.stub().resolves();
  readonly restart = sinon.stub().resolves();
  isOutdated = false;

  constructor(
    readonly plugins: readonly InstalledPlugin[],
    readonly after: Promise<void> | undefined,
  ) {}

  isActivated(id: string): boolean {
    return this.activated.has(id);
  }

  async activatePlugin({ id }: InstalledPlugin): Promise<void> {
    this.activated.add(id);
  }

  status(): ExtensionHostStatus {
    const plugins = this.plugins.map(({ id }) => id);
    return { pid: 1, plugins, restarts: 0, state: 'running', isolated: true };
  }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the slot of a host', () => {
  const one = installedPlugin('a.one');
  const newer = installedPlugin('a.one', { version: '2.0.0' });
  let hosts: FakeHost[];
  let slot: HostSlot<FakeHost>;
  /** The error of the next host's creation. */
  let refusal: Error | undefined;

  const create = (plugins: readonly InstalledPlugin[], after?: Promise<void>) => {
    if (refusal !== undefined) throw refusal;
    const host = new FakeHost(plugins, after);
    hosts.push(host);
    return host;
  };
  const host = (index: number): FakeHost => {
    const found = hosts[index];
    assert(found !== undefined, `no host ${index}`);
    return found;
  };

  beforeEach(() => {
    hosts = [];
    refusal = undefined;
    slot = new HostSlot(create);
  });

  afterEach(() => slot.dispose());

  it('starts a host for its plugins, and keeps it when only permissions checked by the core change', () => {
    slot.set([one]);
    sinon.assert.calledOnce(host(0).start);
    slot.set([installedPlugin('a.one', { granted: ['broadcast.marker'] })]);
    assert.equal(hosts.length, 1);
    assert.deepEqual(slot.find('a.one')?.granted, ['broadcast.marker']);
    sinon.assert.calledOnce(host(0).regrant);
    slot.set([installedPlugin('a.one', { granted: ['broadcast.marker'] })]);
    sinon.assert.calledOnce(host(0).regrant);
    assert.equal(slot.status()?.state, 'running');
  });

  it('keeps its host when hosts are granted that could be, and takes another for files and the network', async () => {
    const could = { optionalPermissions: ['network:a.example', 'network', 'file:read:/srv'] } as const;
    const granted = (...permissions: Permission[]) => {
      slot.set([installedPlugin('a.one', { ...could, granted: permissions })]);
      return slot.settled().then(turn);
    };
    await granted();
    await granted('network:a.example');
    assert.equal(hosts.length, 1);
    await granted('network:a.example', 'file:read:/srv');
    assert.equal(hosts.length, 2);
    await granted('network', 'file:read:/srv');
    assert.equal(hosts.length, 3);
  });

  it('takes another host where plugins could read what they must not any more', async () => {
    slot.set([one]);
    host(0).activated.add('a.one');
    await slot.replaceOutdated();
    assert.equal(hosts.length, 1);
    host(0).isOutdated = true;
    await slot.replaceOutdated();
    await turn();
    assert.deepEqual(slot.hosts, [host(1)]);
    assert.deepEqual([...host(1).activated], ['a.one']);
    slot.restart();
    host(1).isOutdated = true;
    await slot.replaceOutdated();
    assert.deepEqual(slot.hosts, [host(2)]);
  });

  it('starts the next host before the current one ends, and activates the plugins again after that', async () => {
    slot.set([one]);
    host(0).activated.add('a.one');
    let end = () => {};
    host(0).stop.returns(
      new Promise<void>((resolve) => {
        end = resolve;
      }),
    );
    slot.set([newer]);
    await turn();
    sinon.assert.calledOnce(host(1).start);
    sinon.assert.calledOnce(host(0).stop);
    let mayActivate = false;
    void host(1).after?.then(() => {
      mayActivate = true;
    });
    await turn();
    assert.equal(mayActivate, false);
    assert.equal(slot.status()?.state, 'restarting');
    slot.fire('onBroadcastStart');
    sinon.assert.calledOnceWithExactly(host(1).fire, 'onBroadcastStart', undefined);
    end();
    await slot.settled();
    await turn();
    assert.equal(mayActivate, true);
    sinon.assert.calledOnce(host(0).dispose);
    assert.deepEqual([...host(1).activated], ['a.one']);
    assert.equal(slot.status()?.state, 'running');
  });

  it('runs the latest plugins if they change while a host ends', async () => {
    slot.set([one]);
    slot.set([newer]);
    slot.set([installedPlugin('a.one', { version: '3.0.0' })]);
    await slot.settled();
    assert.deepEqual(
      hosts.map(({ plugins }) => plugins[0]?.version),
      ['1.0.0', '2.0.0', '3.0.0'],
    );
    sinon.assert.calledOnce(host(1).dispose);
    sinon.assert.notCalled(host(2).dispose);
    assert.deepEqual(slot.hosts, [host(2)]);
  });

  it('ends the host when no plugin is left', async () => {
    slot.set([one]);
    slot.set([]);
    assert.ok(slot.holds('a.one'));
    await slot.settled();
    assert.ok(!slot.holds('a.one'));
    sinon.assert.calledOnce(host(0).dispose);
    assert.equal(slot.status(), undefined);
    await assert.rejects(slot.activate('a.one'), { code: 'plugin.failed' });
  });

  it('restarts its host, then applies changes made in the meantime', async () => {
    slot.set([one]);
    slot.restart();
    slot.restart();
    assert.equal(slot.status()?.state, 'restarting');
    slot.set([newer]);
    await slot.settled();
    sinon.assert.calledOnce(host(0).restart);
    assert.deepEqual(slot.hosts, [host(1)]);
    assert.equal(slot.status()?.state, 'running');
  });

  describe('when a step fails', () => {
    let unexpected: unknown[];
    let handler: { dispose(): void };

    beforeEach(() => {
      unexpected = [];
      handler = setUnexpectedErrorHandler((error) => unexpected.push(error));
    });

    afterEach(() => handler.dispose());

    it('does not retry endlessly if the next host cannot be created, and creates one the next time', async () => {
      slot.set([one]);
      refusal = new Error('no host');
      slot.set([newer]);
      refusal = undefined;
      await slot.settled();
      await turn();
      assert.equal(slot.status()?.state, 'running');
      assert.deepEqual(
        hosts.map(({ plugins }) => plugins[0]?.version),
        ['1.0.0', '2.0.0'],
      );
      assert.deepEqual(unexpected.map(String), ['Error: no host']);
      sinon.assert.calledOnce(host(0).dispose);
      slot.set([one]);
      await slot.settled();
      assert.deepEqual(slot.hosts, [host(2)]);
    });

    it('continues with the next host if the current one fails to end, and after a failed restart', async () => {
      slot.set([one]);
      host(0).stop.rejects(new Error('not ended'));
      slot.set([newer]);
      await slot.settled();
      assert.deepEqual(slot.hosts, [host(1)]);
      host(1).restart.rejects(new Error('not restarted'));
      slot.restart();
      await slot.settled();
      assert.equal(slot.status()?.state, 'running');
      assert.deepEqual(unexpected.map(String), ['Error: not ended', 'Error: not restarted']);
    });
  });
});
