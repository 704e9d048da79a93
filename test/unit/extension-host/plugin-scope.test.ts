import assert from 'node:assert/strict';
import { Emitter } from '../../../src/base/event.js';
import { PluginScope } from '../../../src/extension-host/plugin-scope.js';
import { describePlugin } from '../../../src/plugins/installed-plugin.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { installedPlugin } from '../plugins/installed-plugin.js';

describe('what a plugin holds', () => {
  let scope: PluginScope;
  let disposed: string[];
  let reported: BulkheadError[];

  beforeEach(() => {
    disposed = [];
    reported = [];
    const plugin = installedPlugin('mine');
    scope = new PluginScope(describePlugin(plugin, '/stored', 'none'), {
      report: (failure) => void reported.push(failure),
    });
  });

  const resource = (name: string) => ({ dispose: () => void disposed.push(name) });
  const messages = () => reported.map(({ message }) => message);

  it('is disposed of with it, the newest first', () => {
    for (const name of ['a', 'b', 'c']) scope.hold(resource(name));
    scope.dispose();
    assert.deepEqual(disposed, ['c', 'b', 'a']);
  });

  it('is disposed of once', () => {
    const held = scope.hold(resource('a'));
    held.dispose();
    held.dispose();
    scope.dispose();
    assert.deepEqual(disposed, ['a']);
  });

  it('is disposed of at once if it comes after the end', () => {
    scope.dispose();
    scope.hold(resource('late'));
    assert.deepEqual(disposed, ['late']);
    assert.deepEqual(scope.left(), []);
  });

  it('is listed as left if it has a description and was not disposed of', () => {
    scope.hold(resource('a'), 'a command');
    scope.hold(resource('b'), 'a listener').dispose();
    scope.hold(resource('c'));
    assert.deepEqual(scope.left(), ['a command']);
  });

  it('fails the activation with work that fails during it, and reports what fails later', async () => {
    scope.track('early', Promise.reject(new Error('too early')));
    await assert.rejects(scope.started(), /too early/);
    assert.deepEqual(messages(), []);

    scope.track('late', Promise.reject(new Error('too late')));
    await new Promise(setImmediate);
    assert.deepEqual(messages(), ['the plugin "mine" failed: late: too late']);
    await scope.started();
  });

  it('reports what a callback throws, and what its promise rejects with', async () => {
    scope.call('one', () => {
      throw new Error('thrown');
    });
    scope.call('two', () => Promise.reject(new Error('rejected')));
    scope.call('three', () => 'a value');
    await new Promise(setImmediate);
    assert.deepEqual(messages(), [
      'the plugin "mine" failed: one: thrown',
      'the plugin "mine" failed: two: rejected',
    ]);
    assert.deepEqual(
      reported.map(({ code, where }) => [code, where]),
      [
        ['plugin.failed', 'mine'],
        ['plugin.failed', 'mine'],
      ],
    );
  });

  it('keeps the code of a denied permission alone', () => {
    const denied = new BulkheadError(ErrorCodes.permissionDenied, 'no network', { remedy: 'Grant it.' });
    assert.equal(scope.failure('x', denied).code, 'permission.denied');
    assert.equal(scope.failure('x', denied).remedy, 'Grant it.');
    assert.equal(scope.failure('x', denied).cause, denied);
    const other = new BulkheadError(ErrorCodes.configInvalid, 'wrong');
    assert.equal(scope.failure('x', other).code, 'plugin.failed');
  });

  it('calls a listener with its receiver until the registration is disposed of or the plugin ends', () => {
    const emitter = new Emitter<number>();
    const heard: unknown[] = [];
    const subscriptions: { dispose(): void }[] = [];
    const event = scope.event('onTick', emitter.event);
    const receiver = { name: 'receiver' };
    event(
      function (this: unknown, value) {
        heard.push([this, value]);
      },
      receiver,
      subscriptions,
    );
    const other = event((value) => heard.push(value));
    emitter.fire(1);
    assert.deepEqual(scope.left(), ['a listener of onTick', 'a listener of onTick']);
    subscriptions[0]?.dispose();
    emitter.fire(2);
    other.dispose();
    emitter.fire(3);
    assert.deepEqual(heard, [[receiver, 1], 1, 2]);

    event((value) => heard.push(value));
    scope.dispose();
    emitter.fire(4);
    assert.equal(heard.length, 3);
    assert.throws(() => event(() => {}), /a call into the API: the plugin is no longer active/);
    emitter.dispose();
  });

  it('waits at its start for all work, and reports what fails once it has ended', async () => {
    let finish = (): void => {};
    const work = new Promise<void>((resolve) => {
      finish = resolve;
    });
    scope.track('slow', work);
    let started = false;
    const starting = scope.started().then(() => {
      started = true;
    });
    await new Promise(setImmediate);
    assert.equal(started, false);
    finish();
    await starting;

    const other = new PluginScope(scope.plugin, { report: (failure) => void reported.push(failure) });
    other.dispose();
    other.track('late', Promise.reject(new Error('too late')));
    await new Promise(setImmediate);
    assert.deepEqual(messages(), ['the plugin "mine" failed: late: too late']);
    await other.started();
  });

  it('keeps as the cause of a failure what is an error only', () => {
    const error = new Error('no luck');
    assert.equal(scope.failure('x', error).cause, error);
    const { message, where, cause, remedy } = scope.failure('x', 'a text');
    assert.deepEqual(
      [message, where, cause, remedy],
      ['the plugin "mine" failed: x: a text', 'mine', undefined, undefined],
    );
  });

  it('says how a proposed API may be used: by its manifest first, then by the streamer', () => {
    const check = (enabled: boolean, allowed: boolean) =>
      new PluginScope(
        {
          ...scope.plugin,
          enabledApiProposals: enabled ? ['broadcastSplices'] : [],
          apiProposals: allowed ? ['broadcastSplices'] : [],
        },
        { report: () => {} },
      ).checkProposal('broadcastSplices');
    assert.throws(() => check(false, false), {
      code: 'permission.denied',
      where: 'mine',
      message:
        'broadcast.onDidSplice is a proposed API, which the plugin "mine" may not use. ' +
        'Add "broadcastSplices" to "enabledApiProposals" in its package.json.',
    });
    assert.throws(
      () => check(true, false),
      /once the streamer sets "allowApiProposals": \{ "mine": \["broadcastSplices"\] \}/,
    );
    check(true, true);
  });
});
