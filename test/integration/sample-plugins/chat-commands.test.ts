import assert from 'node:assert/strict';
import { join } from 'node:path';
import { packageRoot } from '../../../src/core/processes/entry-points.js';
import type { SettingValue } from '../../../src/protocol/plugin-configuration.js';
import { ChatUser, type Ngircd, startNgircd } from '../../support/ngircd.js';
import { PluginBench, until } from '../../support/plugins.js';
import { eventually } from '../../support/wait.js';

const FOLDER = join(packageRoot(), 'sample-plugins/chat-commands');
const ID = 'bulkhead.chat-commands';

describe('the chat-commands sample, in a real channel', () => {
  let server: Ngircd;
  let bench: PluginBench;
  let viewer: ChatUser | undefined;

  beforeEach(() => {
    bench = new PluginBench('in a process of its own');
  });

  afterEach(async () => {
    viewer?.leave();
    await bench.end();
    await server.stop();
  });

  const countMessages = ({ lines }: ChatUser) =>
    lines.filter((line) => /^:botty!.* PRIVMSG /.test(line)).length;

  async function start(settings: Readonly<Record<string, SettingValue>>, password?: string) {
    const where = { server: '127.0.0.1', port: server.port, tls: false, nick: 'botty', channel: 'stream' };
    const stub = bench.host([FOLDER], { settings: { [ID]: { ...where, ...settings } } });
    stub.start();
    await until(stub, 'running', ({ state }) => state === 'running');
    if (password !== undefined) await bench.commands.execute('chat-commands.setPassword', [password]);
    await until(stub, 'in the channel', ({ statusItems }) => statusItems?.[0]?.text === 'in #stream');
    return stub;
  }

  async function enter(settings: Readonly<Record<string, SettingValue>> = {}, password?: string) {
    server = await startNgircd(password === undefined ? {} : { password });
    const stub = await start(settings, password);
    viewer = new ChatUser(server.port, 'anna', '#stream', password);
    await viewer.receives(/ 366 /);
    return { stub, viewer };
  }

  it('answers !uptime, !bitrate and the streamer’s own commands', async () => {
    bench.broadcast.become('live', { uptimeMs: 3_900_000 });
    const { viewer } = await enter({ answers: ['!discord = Come to discord.example', 'nonsense'] });
    viewer.say('!uptime');
    await viewer.receives(/^:botty!.* PRIVMSG #stream :anna, Live for 1 h 5 min\.$/);
    viewer.say('!bitrate please');
    await viewer.receives(/:anna, \d+ kbit\/s at \d+ fps, 0 dropped\.$/);
    viewer.say('!Discord');
    await viewer.receives(/:anna, Come to discord\.example$/);
    viewer.say('!commands');
    await viewer.receives(/:anna, I know !uptime, !bitrate, !discord, !commands\.$/);
  });

  it('does not repeat an answer to the same person within the cooldown', async () => {
    const { viewer } = await enter();
    viewer.say('!uptime');
    viewer.say('!uptime');
    viewer.say('!commands');
    await viewer.receives(/I know/);
    assert.equal(viewer.lines.filter((line) => line.includes('The stream is not live.')).length, 1);
  });

  it('runs a command for an operator, and says what went wrong', async () => {
    const commands = ['!tell = chat-commands.say', '!lost = no.such'];
    const { viewer } = await enter({ commands, operators: ['anna'] });
    viewer.say('!tell hello there');
    await viewer.receives(/^:botty!.* PRIVMSG #stream :hello$/);
    viewer.say('!lost');
    await viewer.receives(/:anna, that did not work: .*no\.such/);
  });

  it('warns a user who says a blocked word, then removes them', async () => {
    const { viewer } = await enter({ blockedWords: ['darn'], warnings: 1 });
    viewer.say('darning socks is fine');
    viewer.say('Darn!');
    await viewer.receives(/:anna, please mind your words\.$/);
    viewer.say('darn it');
    await viewer.receives(/^:botty!.* KICK #stream anna :Warned before\.$/);
    assert.equal(viewer.lines.filter((line) => line.includes('mind your words')).length, 1);
  });

  it('sends at most 20 lines in 30 s, even after a change of settings', async () => {
    const { viewer } = await enter({ blockedWords: ['darn'], warnings: 1000 });
    for (let line = 1; line <= 12; line++) viewer.say('darn');
    await eventually('12 warnings', () => (countMessages(viewer) === 12 ? true : undefined));
    await bench.commands.execute('chat-commands.reconnect');
    await viewer.receives(/^:botty!.* JOIN .*#stream/);
    for (let line = 1; line <= 8; line++) await bench.commands.execute('chat-commands.say', [`line ${line}`]);
    await viewer.receives(/:line 8$/);
    await assert.rejects(bench.commands.execute('chat-commands.say', ['one more']), /20 lines in 30 s/);
    viewer.say('darn');
    viewer.say('!uptime');
    assert.equal(countMessages(viewer), 20);
  });

  it("cuts a line at the server's limit, and not inside a character", async () => {
    const { viewer } = await enter();
    await bench.commands.execute('chat-commands.say', ['語'.repeat(400)]);
    const line = await viewer.receives(/^:botty!.* PRIVMSG #stream :語/);
    assert.match(line, /:(語){133}$/);
  });

  it('reports that it was kicked, and reconnects on request', async () => {
    server = await startNgircd();
    viewer = new ChatUser(server.port, 'anna', '#stream');
    await viewer.receives(/ 366 /);
    const stub = await start({});
    viewer.kick('botty', 'Enough');
    await until(
      stub,
      'out',
      ({ statusItems }) => statusItems?.[0]?.text === 'not in #stream: kicked: Enough',
    );
    await bench.commands.execute('chat-commands.reconnect');
    await until(stub, 'in again', ({ statusItems }) => statusItems?.[0]?.text === 'in #stream');
  });

  it('reconnects after the server was down, in the same process', async () => {
    const { stub } = await enter();
    const { pid } = stub.status();
    await server.kill9();
    await until(stub, 'out', ({ statusItems }) => statusItems?.[0]?.text.startsWith('not in') === true);
    await server.restart();
    await until(stub, 'in again', ({ statusItems }) => statusItems?.[0]?.text === 'in #stream');
    assert.equal(stub.status().pid, pid);
  });

  it("logs in with the streamer's password", async () => {
    const { viewer } = await enter({}, 'open-sesame');
    await bench.commands.execute('chat-commands.say', ['Hello\r\nQUIT :injected']);
    await viewer.receives(/^:botty!.* PRIVMSG #stream :Hello QUIT :injected$/);
    assert.doesNotMatch(JSON.stringify(bench.lines), /open-sesame/);
  });
});
