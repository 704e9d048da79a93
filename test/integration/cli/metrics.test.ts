import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import { eventually } from '../../support/wait.js';
import { CliFixture } from './cli-run.js';
import { FakeCore } from './fake-core.js';

describe('bulkhead metrics', () => {
  let fixture: CliFixture;
  let core: FakeCore;

  beforeEach(async () => {
    fixture = new CliFixture();
    core = new FakeCore();
    await core.listen(fixture.address);
  });

  afterEach(async () => {
    core.dispose();
    await fixture.end();
  });

  it('prints them once', async () => {
    const command = fixture.run(['metrics']);
    assert.equal(await command.exitCode, ExitCodes.ok);
    assert.match(command.stdout, /^bulkhead_broadcast_state\{state="idle"\} 1$/m);
  });

  it('explains how to start a core if none runs', async () => {
    core.dispose();
    const command = fixture.run(['metrics']);
    assert.equal(await command.exitCode, ExitCodes.unavailable);
    assert.match(command.stderr, /^bulkhead: no core runs at .*\n$/);
  });

  it('serves those of the core that is there: none, then another one', async () => {
    const command = fixture.run(['metrics', '--port', '0']);
    const url = await eventually('it serves', () => /http:\S+/.exec(command.stdout)?.[0]);
    const read = async () => (await fetch(url, { headers: { connection: 'close' } })).text();
    assert.match(await read(), /^bulkhead_broadcast_state\{state="idle"\} 1$/m);
    core.dispose();
    assert.match(await read(), /^bulkhead_up 0$/m);
    core = new FakeCore();
    await core.listen(fixture.address);
    core.change('live', {});
    assert.match(await read(), /^bulkhead_broadcast_state\{state="live"\} 1$/m);
    const other = await fetch(url.replace('/metrics', '/'), { headers: { connection: 'close' } });
    assert.equal(other.status, 404);
    const post = await fetch(url, { method: 'POST', headers: { connection: 'close' } });
    assert.equal(post.status, 405);
    command.signal('SIGINT');
    assert.equal(await command.exitCode, ExitCodes.ok);
  });

  it('says that another program has the port', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const command = fixture.run(['metrics', '--port', String(port)]);
    assert.equal(await command.exitCode, ExitCodes.badSettings);
    assert.match(command.stderr, new RegExp(`port ${port}: another program uses it\\. Choose another port`));
    taken.close();
  });
});
