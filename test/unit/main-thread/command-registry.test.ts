import assert from 'node:assert/strict';
import { CommandRegistry } from '../../../src/core/main-thread/command-registry.js';

/** Conditions hold that are in it. */
const holding = (...conditions: readonly string[]) => {
  const holds = (when: string) => conditions.includes(when);
  return { holds, evaluator: () => holds };
};

const ALWAYS = { enablement: undefined, isEnabled: true };

describe('the command registry', () => {
  it('runs commands, and lists the available ones for an unknown name', async () => {
    const commands = new CommandRegistry(holding());
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
    const commands = new CommandRegistry(holding());
    commands.register('bulkhead.mark', 'core', () => 1, 'Mark');
    commands.contribute('me.chat.say', 'me.chat', async () => {}, 'Say something');
    commands.register('me.chat.say', 'me.chat', () => 1);
    commands.register('me.chat.hidden', 'me.chat', () => 1);
    assert.deepEqual(commands.describe(), [
      { command: 'bulkhead.mark', title: 'Mark', plugin: undefined, ...ALWAYS },
      { command: 'me.chat.hidden', title: undefined, plugin: 'me.chat', ...ALWAYS },
      { command: 'me.chat.say', title: 'Say something', plugin: 'me.chat', ...ALWAYS },
    ]);
  });

  it('runs no command whose condition does not hold, and activates no plugin for it', async () => {
    let activated = 0;
    const live = 'broadcast.state == live';
    const activate = async () => {
      activated += 1;
    };
    const contributed = (commands: CommandRegistry) =>
      commands.contribute('chat.say', 'chat', activate, 'Say', live);
    const commands = new CommandRegistry(holding());
    contributed(commands);
    await assert.rejects(commands.execute('chat.say', [], { caller: 'chat' }), {
      code: 'command.notEnabled',
      message: `the command "chat.say" is not available now: it is when ${live}`,
    });
    assert.equal(activated, 0);
    const about = { command: 'chat.say', title: 'Say', plugin: 'chat', enablement: live };
    assert.deepEqual(commands.describe(), [{ ...about, isEnabled: false }]);

    const others = new CommandRegistry(holding(live));
    contributed(others);
    others.register('chat.say', 'chat', () => 'said');
    assert.deepEqual(others.describe(), [{ ...about, isEnabled: true }]);
    assert.equal(await others.execute('chat.say'), 'said');
  });

  it('names the owner of a command that is taken', () => {
    const commands = new CommandRegistry(holding());
    commands.register('chat.say', 'me.chat', () => 1);
    assert.throws(() => commands.register('chat.say', 'you.chat', () => 2), {
      code: 'command.exists',
      message: 'the command "chat.say" is already registered by the plugin "me.chat"',
      remedy: 'Begin the names of its commands with its id, as in you.chat.doIt.',
    });
  });

  it('keeps the first of two with the same name, even if the second is disposed of', async () => {
    const commands = new CommandRegistry(holding());
    const first = commands.register('a', 'one', () => 1);
    assert.throws(() => commands.register('a', 'two', () => 2), { code: 'command.exists', where: 'two' });
    first.dispose();
    commands.register('a', 'two', () => 2);
    first.dispose();

    assert.equal(await commands.execute('a'), 2);
  });

  it('keeps what a plugin had registered for it while its host restarts, and no longer than it is there', () => {
    const commands = new CommandRegistry(holding());
    const [first, second] = ['a.chat', 'b.chat'].map((id) => ({ id, version: '1.0.0' }));
    const register = (owner: string) => commands.register('chat.say', owner, () => owner);
    const restart = () => {
      const registered = register('a.chat');
      commands.keepFor('a.chat', ['chat.say']);
      registered.dispose();
    };
    assert.ok(first && second);
    commands.setPlugins([first, second]);
    restart();
    assert.throws(() => register('b.chat'), {
      code: 'command.exists',
      message: 'the command "chat.say" was registered before by the plugin "a.chat"',
    });
    restart();
    // It has a new version, does not register it any more, and is gone.
    commands.setPlugins([{ ...first, version: '2.0.0' }, second]);
    register('b.chat').dispose();
    restart();
    commands.keepFor('a.chat', []);
    register('b.chat').dispose();
    restart();
    commands.setPlugins([second]);
    register('b.chat').dispose();
    restart();
    register('b.chat').dispose();
  });
});
