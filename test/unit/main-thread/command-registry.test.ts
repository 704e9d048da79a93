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

  it('describes commands by their titles and plugins', () => {
    const commands = new CommandRegistry();
    commands.register('bulkhead.mark', 'core', () => 1, 'Mark');
    commands.contribute('me.chat.say', 'me.chat', async () => {}, 'Say something');
    commands.register('me.chat.say', 'me.chat', () => 1);
    commands.register('me.chat.hidden', 'me.chat', () => 1);
    assert.deepEqual(commands.describe(), [
      { command: 'bulkhead.mark', title: 'Mark', plugin: undefined },
      { command: 'me.chat.hidden', title: undefined, plugin: 'me.chat' },
      { command: 'me.chat.say', title: 'Say something', plugin: 'me.chat' },
    ]);
  });

  it('names the owner of a command that is taken', () => {
    const commands = new CommandRegistry();
    commands.register('chat.say', 'me.chat', () => 1);
    assert.throws(() => commands.register('chat.say', 'you.chat', () => 2), {
      code: 'command.exists',
      message: 'the command "chat.say" is already registered by the plugin "me.chat"',
      remedy: 'Begin the names of its commands with its id, as in you.chat.doIt.',
    });
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
