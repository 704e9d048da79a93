import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import sinon from 'sinon';
import { LiveCommands } from '../../../src/encoder/live-commands.js';

const VOLUME = { target: 'volume@main', command: 'volume', argument: '0.5' };

describe('LiveCommands', () => {
  const written: string[] = [];
  let commands: LiveCommands;

  beforeEach(() => {
    written.length = 0;
    const stdin = new Writable({
      write(chunk: Buffer, _encoding, callback) {
        written.push(chunk.toString());
        callback();
      },
    });
    commands = new LiveCommands(stdin, 2, 1000);
  });
  afterEach(() => commands.dispose());

  it('writes each command as one whole line', async () => {
    const answer = commands.send(VOLUME);
    assert.deepEqual(written, ['cvolume@main -1 volume 0.5\n']);
    commands.take('Command reply for stream 0: ret:-38 res:');
    commands.take('Command reply for stream 1: ret:0 res:');
    assert.equal(await answer, 0);
  });

  it('returns the answers in order, one from each filtergraph', async () => {
    const first = commands.send(VOLUME);
    const second = commands.send({ ...VOLUME, target: 'nosuch' });
    for (const code of [-38, 0, -38, -22]) commands.take(`Command reply for stream 0: ret:${code} res:`);
    assert.deepEqual(await Promise.all([first, second]), [0, -38]);
  });

  it('distinguishes answers from other lines', () => {
    assert.equal(commands.take('[info] frame'), false);
    assert.equal(commands.take('Command reply for stream 0: ret:0 res:'), true);
  });

  for (const [name, params] of Object.entries({
    'a line break': { ...VOLUME, argument: '1\nq' },
    'a space in a name': { ...VOLUME, target: 'a b' },
    'no name': { ...VOLUME, command: '' },
    'no argument': { ...VOLUME, argument: '' },
    'a name longer than the buffer of ffmpeg': { ...VOLUME, target: 'x'.repeat(64) },
  })) {
    it(`refuses ${name}`, () => {
      assert.throws(() => commands.send(params), { code: 'config.invalid' });
      assert.deepEqual(written, []);
    });
  }

  it('refuses a flood', () => {
    for (let i = 0; i < 32; i++) commands.send(VOLUME).catch(() => {});
    assert.throws(() => commands.send(VOLUME), { code: 'rpc.busy' });
  });

  it('rejects at its deadline, and does not use a late answer for the next command', async () => {
    const clock = sinon.useFakeTimers();
    try {
      const late = commands.send(VOLUME);
      const failed = assert.rejects(late, { code: 'rpc.timeout' });
      await clock.tickAsync(1000);
      await failed;
      const next = commands.send(VOLUME);
      for (const code of [0, -38, -38, -22]) commands.take(`Command reply for stream 0: ret:${code} res:`);
      assert.equal(await next, -38);
    } finally {
      clock.restore();
    }
  });

  it('rejects what is pending when ffmpeg ends', async () => {
    const answer = commands.send(VOLUME);
    commands.dispose();
    await assert.rejects(answer, { code: 'encoder.crashed' });
  });
});
