import assert from 'node:assert/strict';
import { ContextKeys } from '../../../src/core/main-thread/context-keys.js';
import { MainThreadContext } from '../../../src/core/main-thread/main-thread-context.js';
import type { InstalledPlugin } from '../../../src/plugins/installed-plugin.js';
import { NO_OUTPUT_STATISTICS } from '../../../src/protocol/output-statistics.js';
import { SetContextRequest } from '../../../src/protocol/plugin-context.js';
import { IDLE_STATUS } from '../../support/idle-status.js';
import { installedPlugin } from '../plugins/installed-plugin.js';
import { FakeHost } from './fake-host.js';

describe('context keys', () => {
  const plugins = [installedPlugin('me.chat'), installedPlugin('scene')];
  const other = installedPlugin('you.chat');
  let running: readonly InstalledPlugin[];
  let programme: string | undefined;
  let context: ContextKeys;
  let host: FakeHost;

  beforeEach(() => {
    running = plugins;
    programme = undefined;
    const output = {
      sessions: 1,
      bytesSent: 0,
      droppedFrames: 0,
      queueMs: 0,
      url: '',
      ...NO_OUTPUT_STATISTICS,
    };
    context = new ContextKeys(
      {
        status: () => ({
          ...IDLE_STATUS,
          state: 'live',
          outputs: [{ ...output, id: 'kick', state: 'failed' }],
        }),
      },
      {
        get status() {
          return programme === undefined ? undefined : { programme, edits: 0 };
        },
      },
      { states: () => new Map([['cam', { state: 'stalled' }]]) },
      { profile: 'gaming' },
    );
    host = hostOf(plugins);
  });

  afterEach(() => host.dispose());

  function hostOf(served: readonly InstalledPlugin[]): FakeHost {
    const directory = {
      get all() {
        return running;
      },
    };
    return new FakeHost(new MainThreadContext(context, directory), served);
  }

  const set = (plugin: string, key: unknown, value: unknown, from = host) =>
    from.request(SetContextRequest.method, { plugin, key, value });

  it('are what Bulkhead is doing', () => {
    context.activePlugins = () => ['me.chat'];
    for (const when of [
      'broadcast.state == live',
      'output.kick.state == failed',
      'source.cam.state == stalled',
      'plugin.me.chat.active && !plugin.other.active',
      'profile == gaming',
      'isLinux || isMac || isWindows',
      '!scene',
    ]) {
      assert.equal(context.holds(when), true, when);
    }
    programme = 'intro';
    assert.equal(context.holds("scene == 'intro' && scene.preview != main"), true);
    assert.deepEqual(
      context.list().map(({ key }) => key),
      [
        ...['broadcast.state', 'isLinux', 'isMac', 'isWindows', 'output.kick.state', 'plugin.me.chat.active'],
        ...['profile', 'scene', 'source.cam.state'],
      ],
    );
  });

  it('are also what plugins set, until their host ends', async () => {
    await set('me.chat', 'chat.mode', 'quiz');
    await set('me.chat', 'me.chat.scenes', ['a', 'b']);
    await set('me.chat', 'chat.count', 3);
    assert.equal(context.holds('chat.mode == quiz && chat.count > 2'), true);
    assert.equal(context.list().find(({ key }) => key === 'chat.mode')?.plugin, 'me.chat');
    programme = 'b';
    assert.equal(context.holds('scene in me.chat.scenes'), true);
    await set('me.chat', 'chat.mode', null);
    assert.equal(context.holds('chat.mode'), false);
    host.served.dispose();
    assert.equal(context.holds('chat.count'), false);
  });

  it("have the plugin's own name, which Bulkhead has not taken", async () => {
    await assert.rejects(set('me.chat', 'other.mode', 1), {
      code: 'plugin.invalid',
      message: `the context key "other.mode": expected a name that begins with the plugin's own, such as "chat.mode"`,
    });
    await assert.rejects(set('me.chat', 'broadcast.state', 'live'), { code: 'plugin.invalid' });
    await assert.rejects(set('scene', 'scene.preview', 'x'), { code: 'plugin.invalid' });
    await assert.rejects(set('me.chat', 'chat.a b', 'x'), { message: /expected letters, digits/ });
    await assert.rejects(set('me.chat', `chat.${'a'.repeat(300)}`, 'x'), { code: 'plugin.failed' });
  });

  it('are those of the plugin installed first where two have the same name, whichever sets them first', async () => {
    running = [...plugins, other];
    const others = hostOf([other]);
    await assert.rejects(set('you.chat', 'chat.mode', 'b', others), {
      code: 'plugin.invalid',
      message: 'the context key "chat.mode" is of the plugin "me.chat"',
      remedy: "Begin its name with the plugin's id, as in you.chat.mode.",
    });
    await set('me.chat', 'chat.mode', 'a');
    await set('you.chat', 'you.chat.mode', 'b', others);
    await assert.rejects(set('me.chat', 'you.chat.mode', 'a'), { code: 'plugin.invalid' });
    others.dispose();
    assert.equal(context.holds('chat.mode == a && !you.chat.mode'), true);
  });

  it('go to the plugin installed first when it runs as well', async () => {
    running = [other];
    const others = hostOf([other]);
    await set('you.chat', 'chat.mode', 'b', others);
    running = [...plugins, other];
    await set('me.chat', 'chat.mode', 'a');
    others.dispose();
    assert.equal(context.holds('chat.mode == a'), true);
  });

  it('are bounded, in number, size and rate', async () => {
    await set('me.chat', 'chat.long', 'x\n'.repeat(500));
    const long = context.list().find(({ key }) => key === 'chat.long')?.value;
    assert.match(String(long), /^(x )+x?…$/);
    assert.ok(String(long).length <= 200);
    for (const value of [{ a: 1 }, [[1]], new Array(101).fill(1)]) {
      await assert.rejects(set('me.chat', 'chat.x', value), { code: 'plugin.failed' });
    }
    const all = await Promise.allSettled(
      Array.from({ length: 300 }, (_, i) => set('me.chat', `chat.k${i}`, i)),
    );
    const codes = new Set(all.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : [])));
    assert.ok(codes.has('rpc.busy'));
    assert.ok(context.list().filter(({ plugin }) => plugin === 'me.chat').length <= 100);
  });
});
