import assert from 'node:assert/strict';
import { RequestType } from 'vscode-jsonrpc/node';
import { PluginOverlays } from '../../../src/core/broadcast/collection/plugin-overlays.js';
import { HostSession } from '../../../src/core/extension-hosts/hosts/host-session.js';
import { MainThreadOverlays } from '../../../src/core/main-thread/main-thread-overlays.js';
import { StageUpdates } from '../../../src/core/stubs/stage-updates.js';
import { CORE_END } from '../../../src/protocol/channel-limits.js';
import { BulkheadError } from '../../../src/protocol/errors.js';
import { ChangeOverlayRequest, CreateOverlayRequest } from '../../../src/protocol/plugin-overlays.js';
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';
import { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import { SILENT_LOG } from '../../support/silent-log.js';
import { installedPlugin } from '../plugins/installed-plugin.js';

const FRAME_MS = 40;
/** Shorter than a host's, so that the test is. */
const PATIENCE_MS = 500;

describe('a plugin that floods the core with changes of its overlay', () => {
  it('is slowed, and then ended; the encoder gets no more of it than one change for each frame', async () => {
    const plugin = installedPlugin('p', {
      permissions: ['overlays'],
      granted: ['overlays'],
    });
    let staged = 0;
    const overlays = new PluginOverlays();
    const updates = new StageUpdates(
      async () => {
        staged += 1;
      },
      () => FRAME_MS,
    );
    overlays.onDidChange(({ waitUntil }) => waitUntil(updates.request()));
    const [near, far] = createInMemoryPair();
    const budget = { ...CORE_END.budget, patienceMs: PATIENCE_MS };
    const core = new RpcConnection(near, { ...CORE_END, budget, peer: 'host' });
    const host = new RpcConnection(far, { peer: 'core' });
    const main = new MainThreadOverlays(overlays, { filesFolder: () => '/stored' });
    const session = new HostSession(core, [plugin], SILENT_LOG, [main]);
    core.listen();
    host.listen();
    const ask = (method: string, params: object) =>
      host.sendRequest(new RequestType<unknown, unknown, void>(method), { plugin: 'p', ...params });
    const elements = Array.from({ length: 20 }, (_, index) => ({ id: `e${index}`, type: 'text', text: 'x' }));
    await ask(CreateOverlayRequest.method, { overlay: { id: 'a', elements } });

    const startedMs = performance.now();
    const ended = new Promise<Error | undefined>((resolve) => {
      core.onDidClose((reason) => resolve(reason?.error));
    });
    let isOver = false;
    const flood = async () => {
      for (let x = 0; !isOver; x += 1) {
        const sent = Array.from({ length: 200 }, () =>
          ask(ChangeOverlayRequest.method, { id: 'a', change: { x } }),
        );
        await Promise.allSettled(sent);
      }
    };
    const flooding = Promise.all([flood(), flood(), flood()]);
    const error = await ended;
    isOver = true;
    const frames = (performance.now() - startedMs) / FRAME_MS;
    session.dispose();
    core.dispose();
    host.dispose();
    await flooding;
    updates.flush();
    overlays.dispose();
    assert.equal(BulkheadError.from(error).code, 'rpc.flooded');
    assert.ok(staged <= frames + 3, `${staged} changes in ${frames} frames`);
  });
});
