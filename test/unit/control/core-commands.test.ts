import assert from 'node:assert/strict';
import { CoreCommands } from '../../../src/core/control/core-commands.js';
import { CommandRegistry } from '../../../src/core/main-thread/command-registry.js';
import { ProgressList } from '../../../src/core/streamer/progress-list.js';
import type { SaveReplayParams } from '../../../src/protocol/replay.js';
import { FakeBroadcast } from '../../support/fake-broadcast.js';
import { EVERYTHING_HOLDS } from '../../support/fake-keys.js';

describe("the core's own commands", () => {
  let commands: CommandRegistry;
  let broadcast: FakeBroadcast;
  let progress: ProgressList;
  let core: CoreCommands;
  let asked: (number | undefined)[];

  beforeEach(() => {
    commands = new CommandRegistry(EVERYTHING_HOLDS);
    broadcast = new FakeBroadcast();
    progress = new ProgressList();
    asked = [];
    const saved = { path: '/replay.mkv', files: 1, durationMs: 1000, bytes: 10 };
    const replays = {
      saveReplay: async ({ seconds }: SaveReplayParams) => {
        asked.push(seconds);
        return saved;
      },
    };
    core = new CoreCommands(commands, broadcast, replays, progress);
  });

  afterEach(() => {
    core.dispose();
    assert.deepEqual(commands.list(), []);
    broadcast.dispose();
  });

  it('mark a moment for the streamer, while on air', async () => {
    await assert.rejects(commands.execute('bulkhead.addMarker', ['goal']), { code: 'broadcast.state' });
    broadcast.become('live');
    await commands.execute('bulkhead.addMarker', ['goal', 3, '\u001b[2J!']);
    await assert.rejects(commands.execute('bulkhead.addMarker', [' ']), {
      code: 'config.invalid',
      message: 'a marker needs a label',
    });

    const [marker] = broadcast.markers.list();
    assert.equal(marker?.label, 'goal 3 !');
    assert.equal(marker?.plugin, undefined);
  });

  it('save replays', async () => {
    for (const args of [[], [10], ['5']]) await commands.execute('bulkhead.saveReplay', args);
    assert.deepEqual(asked, [undefined, 10, 5]);
    await assert.rejects(commands.execute('bulkhead.saveReplay', ['x']), { code: 'config.invalid' });
  });

  it('cancel what a plugin does', async () => {
    const cancelled: string[] = [];
    const begin = (title: string, cancellable: boolean) =>
      progress.begin({ plugin: 'p', title, cancellable }, () => cancelled.push(title));
    begin('upload', true);
    begin('clean-up', false);
    await commands.execute('bulkhead.cancelProgress', [1]);

    assert.deepEqual(cancelled, ['upload']);
    for (const [id, code] of [
      [2, 'config.invalid'],
      [3, 'progress.notFound'],
      ['x', 'progress.notFound'],
    ]) {
      await assert.rejects(commands.execute('bulkhead.cancelProgress', [id]), { code });
    }
  });

  it('are not for plugins, whose permissions they would go around', async () => {
    broadcast.become('live');
    await assert.rejects(commands.execute('bulkhead.addMarker', ['goal'], { caller: 'sly' }), {
      code: 'permission.denied',
      where: 'sly',
    });
    assert.deepEqual(broadcast.markers.list(), []);
  });
});
