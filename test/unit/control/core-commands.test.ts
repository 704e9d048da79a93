import assert from 'node:assert/strict';
import { registerCoreCommands } from '../../../src/core/control/core-commands.js';
import { CommandRegistry } from '../../../src/core/main-thread/command-registry.js';
import { FakeBroadcast } from '../../support/plugins.js';

describe("the core's own commands", () => {
  let commands: CommandRegistry;
  let broadcast: FakeBroadcast;

  beforeEach(() => {
    commands = new CommandRegistry();
    broadcast = new FakeBroadcast();
    registerCoreCommands(commands, broadcast);
  });

  afterEach(() => broadcast.dispose());

  it('mark a moment for the streamer, while on air', async () => {
    await assert.rejects(commands.execute('bulkhead.addMarker', ['goal']), { code: 'broadcast.state' });
    broadcast.become('live');
    await commands.execute('bulkhead.addMarker', ['goal', 3, '\u001b[2J!']);
    await assert.rejects(commands.execute('bulkhead.addMarker', [' ']), {
      code: 'config.invalid',
      message: 'a marker needs a label',
    });

    const [marker] = broadcast.markers.list();
    assert.equal(marker?.label, 'goal 3  [2J!');
    assert.equal(marker?.plugin, undefined);
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
