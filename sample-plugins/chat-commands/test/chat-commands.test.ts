import assert from 'node:assert/strict';
import { startPlugin } from '@bulkhead/extension-api/testing';
import { Allowance } from '../src/allowance.js';
import { Answers } from '../src/answers.js';
import { chatLine } from '../src/chat-line.js';
import { Moderation } from '../src/moderation.js';
import { OperatorCommands } from '../src/operator-commands.js';

const status = {
  state: 'idle',
  uptimeMs: 0,
  stats: {
    videoFrames: 0,
    audioFrames: 0,
    splices: 0,
    lastGapMs: 0,
    maxGapMs: 0,
    encoder: { fps: 30, bitrateKbps: 2500, restarts: 0 },
    outputs: [],
  },
} as const;

describe('chat-commands', () => {
  it('stays out of chat until it knows who it is and where', async () => {
    const core = await startPlugin();
    assert.equal(core.statusItems['chat'], 'set nick and channel');
    await assert.rejects(core.commands.execute('chat-commands.say', 'Hello'), /set nick and channel/);
    core.takeFailures();
  });

  it('keeps the password among the secrets', async () => {
    const core = await startPlugin();
    await core.commands.execute('chat-commands.setPassword', 'oauth:abc');
    assert.deepEqual(await core.readSecrets(), { password: 'oauth:abc' });
    assert.ok(core.log.every(({ message }) => !message.includes('oauth:abc')));
  });

  it('answers each person the same only now and then', () => {
    let now = 0;
    const answers = new Answers({ status: () => status, own: [], cooldownMs: 10_000, now: () => now });
    assert.match(answers.to('anna', '!uptime') ?? '', /not live/);
    assert.equal(answers.to('anna', '!uptime'), undefined);
    assert.match(answers.to('bob', '!uptime') ?? '', /not live/);
    now = 10_000;
    assert.match(answers.to('anna', '!uptime') ?? '', /not live/);
  });

  it('runs commands for operators, and for nobody else', () => {
    const commands = new OperatorCommands(['!Scene = scene-director.scene', '!off=lights.off'], ['Anna ']);
    const asked = (text: string, nick = 'anna') => commands.askedBy(nick, text);
    assert.deepEqual(asked(' !scene  break now'), {
      command: 'scene-director.scene',
      args: ['break', 'now'],
    });
    assert.deepEqual(asked('!OFF'), { command: 'lights.off', args: [] });
    for (const text of ['!other', 'scene', '!scenes', '']) assert.equal(asked(text), undefined);
    assert.equal(asked('!scene break', 'bob'), undefined);
    assert.throws(
      () => new OperatorCommands(['!scene'], []),
      /as in "!scene = scene-director\.scene", got "!scene"/,
    );
  });

  it('says 20 lines in any 30 s', () => {
    let now = 0;
    const allowance = new Allowance(() => now);
    const taken = () => Array.from({ length: 100 }, () => allowance.take()).filter(Boolean).length;
    assert.equal(taken(), 20);
    now = 29_999;
    assert.equal(taken(), 0);
    now = 30_000;
    assert.equal(taken(), 20);
  });

  it('makes one line of any text, and cuts it between letters', () => {
    assert.equal(chatLine('one\r\nQUIT\0two'), 'one QUIT two');
    assert.equal(Buffer.byteLength(chatLine('x'.repeat(1000))), 400);
    assert.equal(chatLine('語'.repeat(1000)), '語'.repeat(133));
    assert.equal(chatLine('😀'.repeat(1000)), '😀'.repeat(100));
  });

  it('knows whole words, in any case and in full-width letters', () => {
    const moderation = new Moderation(['darn', 'c++'], 0);
    assert.equal(moderation.judge('anna', 'darning'), 'fine');
    assert.equal(moderation.judge('anna', 'DARN!'), 'remove');
    assert.equal(moderation.judge('anna', 'ｄａｒｎ'), 'remove');
    assert.equal(moderation.judge('anna', 'I like C++.'), 'remove');
  });
});
