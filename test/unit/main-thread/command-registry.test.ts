import assert from 'node:assert/strict';
import { CommandRegistry } from '../../../src/core/main-thread/command-registry.js';

describe('the command registry', () => {
  it('runs commands, and lists the available ones for an unknown name', async () => {
    const commands = new CommandRegistry();
    await assert.rejects(commands.execute('no.such'), { code: 'command.notFound', where: 'no.such' });
    commands.register('b.add', 'b', ([x, y]) => Number(x) + Number(y));
    commands.register('a.fail', 'a', () => {
      throw new Error('broken');
    });

    assert.equal(await commands.execute('b.add', [1, 2]), 3);
    await assert.rejects(commands.execute('a.fail'), /broken/);
    assert.deepEqual(commands.list(), ['a.fail', 'b.add']);
    await assert.rejects(commands.execute('no.such'), { remedy: 'Available commands: a.fail, b.add.' });
  });

  it('keeps the first of two with the same name, even if the second is disposed of', async () => {
    const commands = new CommandRegistry();
    const first = commands.register('a', 'one', () => 1);
    assert.throws(() => commands.register('a', 'two', () => 2), { code: 'command.exists', where: 'two' });
    first.dispose();
    commands.register('a', 'two', () => 2);
    first.dispose();

    assert.equal(await commands.execute('a'), 2);
  });
});
