import assert from 'node:assert/strict';
import { EncoderPair } from '../../../../src/encoder/tracks/encoder-pair.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { FakeEncoder } from './fake-encoder.js';

describe('EncoderPair', () => {
  let clock: FakeClock;
  let encoders: FakeEncoder<string>[];
  let promoted: FakeEncoder<string>[];
  let losses: unknown[];
  let replaced: FakeEncoder<string>[];
  let refuses: boolean;
  let pair: EncoderPair<string, FakeEncoder<string>>;

  beforeEach(() => {
    clock = new FakeClock();
    encoders = [];
    promoted = [];
    losses = [];
    replaced = [];
    refuses = false;
    pair = new EncoderPair<string, FakeEncoder<string>>({
      start: () => {
        if (refuses) throw new Error('no process');
        const encoder = new FakeEncoder<string>();
        encoders.push(encoder);
        return encoder;
      },
      onReplaced: (encoder) => replaced.push(encoder),
      onPromote: (encoder) => {
        promoted.push(encoder);
        encoder.deliverTo('sink');
      },
      onLoss: ({ code, spawnError }) => losses.push(spawnError?.message ?? code),
      onSuccessorLost: ({ code }) => losses.push(`successor ${code}`),
    });
  });
  afterEach(() => {
    pair.dispose();
    clock.restore();
  });

  it('has a live encoder from the start, and a held one once that has been loaded', () => {
    assert.deepEqual([pair.live, pair.held], [encoders[0], undefined]);
    pair.delivered();
    assert.deepEqual([pair.live, pair.held], [encoders[0], encoders[1]]);
    assert.deepEqual(promoted, [encoders[0]]);
    assert.equal(pair.promotions, 1);
    pair.delivered();
    assert.equal(encoders.length, 2);
  });

  it('has a held encoder after a second if the live one has nothing to deliver', () => {
    clock.tick(990);
    assert.equal(pair.held, undefined);
    clock.tick(20);
    assert.equal(pair.held, encoders[1]);
    assert.equal(clock.pending, 0);
  });

  it('starts another one at once if the first is lost while it is loaded', async () => {
    encoders[0]?.exit(1);
    await clock.settle();
    assert.equal(pair.live, encoders[1]);
    assert.deepEqual(promoted, [encoders[0], encoders[1]]);
    clock.tick(300);
    assert.equal(pair.held, encoders[2]);
  });

  it('replaces a live encoder in the turn in which it is lost, and starts another one to be held', async () => {
    pair.delivered();
    encoders[0]?.exit(1);
    await clock.settle();
    assert.deepEqual(losses, [1]);
    assert.deepEqual(replaced, [encoders[0], encoders[1]]);
    assert.deepEqual([pair.live, pair.held], [encoders[1], encoders[2]]);
    assert.deepEqual(promoted, [encoders[0], encoders[1]]);
    assert.equal(encoders[0]?.sink, undefined);
  });

  it('replaces a held encoder that is lost, and nothing else', async () => {
    pair.delivered();
    encoders[1]?.exit(1);
    await clock.settle();
    assert.deepEqual([pair.live, pair.held, promoted.length], [encoders[0], encoders[2], 1]);
  });

  it('makes a rival the live one that delivers first, ends the one before, and hears no more of it', async () => {
    pair.delivered();
    assert.equal(pair.challenge(), encoders[1]);
    assert.deepEqual([pair.live, pair.rival, pair.held], [encoders[0], encoders[1], undefined]);
    assert.equal(pair.challenge(), undefined, 'there is one already');
    assert.equal(encoders[0]?.killed, false);
    pair.elect();
    assert.equal(replaced.at(-1), pair.live);
    assert.deepEqual([encoders[0]?.killed, encoders[0]?.sink], [true, undefined]);
    assert.deepEqual([pair.live, pair.rival, pair.held], [encoders[1], undefined, encoders[2]]);
    assert.deepEqual([pair.promotions, promoted.length], [2, 1], 'it has got everything already');
    await clock.settle();
    assert.deepEqual(losses, []);
    assert.equal(encoders.length, 3);
  });

  it('ends a rival where the live one delivers after all, and starts another one to be held', () => {
    pair.delivered();
    pair.challenge();
    pair.dismissRival();
    assert.deepEqual([encoders[0]?.killed, encoders[1]?.killed], [false, true]);
    assert.deepEqual([pair.live, pair.rival, pair.held], [encoders[0], undefined, encoders[2]]);
    pair.dismissRival();
    assert.equal(encoders.length, 3);
  });

  it('makes the rival the live one when the live one is lost, and replaces a rival that is lost', async () => {
    pair.delivered();
    pair.challenge();
    encoders[0]?.exit(1);
    await clock.settle();
    assert.deepEqual([pair.live, pair.rival, pair.held], [encoders[1], undefined, encoders[2]]);
    assert.deepEqual(promoted, [encoders[0]]);
    pair.delivered();
    pair.challenge();
    encoders[2]?.exit(2);
    await clock.settle();
    assert.deepEqual([pair.live, pair.rival, pair.held], [encoders[1], undefined, encoders[3]]);
    assert.deepEqual(losses, [1, 2]);
  });

  it('continues with a successor and its settings, while the one before delivers what it has', async () => {
    pair.delivered();
    const started: FakeEncoder<string>[] = [];
    const start = () => {
      const encoder = new FakeEncoder<string>();
      started.push(encoder);
      return encoder;
    };
    pair.startSuccessor(start);
    assert.deepEqual([pair.live, pair.held, pair.successor], [encoders[0], encoders[1], started[0]]);
    pair.succeed(start);
    assert.deepEqual([pair.live, pair.held, pair.successor], [started[0], started[1], undefined]);
    assert.deepEqual([encoders[0]?.ending, encoders[0]?.killed, encoders[0]?.sink], [true, false, undefined]);
    assert.equal(encoders[1]?.killed, true);
    await clock.pass(500);
    assert.equal(encoders[0]?.killed, true, 'it took too long');
    pair.delivered();
    started[0]?.exit(1);
    await clock.settle();
    assert.deepEqual([pair.live, started.length, encoders.length], [started[1], 3, 2]);
  });

  it('keeps its encoders when a successor fails or is not needed', async () => {
    const fails = new FakeEncoder<string>();
    pair.startSuccessor(() => fails);
    fails.exit(9);
    await clock.settle();
    assert.deepEqual(losses, ['successor 9']);
    assert.equal(pair.successor, undefined);
    const unneeded = new FakeEncoder<string>();
    pair.startSuccessor(() => unneeded);
    pair.dismissSuccessor();
    await clock.settle();
    assert.deepEqual([unneeded.killed, unneeded.sink, losses.length], [true, undefined, 1]);
    assert.deepEqual([pair.live, pair.held], [encoders[0], encoders[1]]);
    pair.succeed(() => unneeded);
    assert.equal(pair.live, encoders[0], 'there is no successor');
  });

  it('starts encoders that deliver nothing at growing intervals', async () => {
    const starts: number[] = [];
    for (let ms = 0; ms < 20_000; ms += 10) {
      const before = encoders.length;
      for (const encoder of encoders) encoder.exit(1);
      await clock.pass(10, 10);
      if (encoders.length > before) starts.push(ms);
    }
    assert.ok(starts.length > 4 && starts.length < 15, `${starts.length} starts`);
    const last = (starts.at(-1) ?? 0) - (starts.at(-2) ?? 0);
    assert.ok(last >= 4000 && last <= 5020, `${last} ms`);
    await clock.pass(10_000);
    pair.delivered();
    pair.live?.exit(1);
    await clock.settle();
    assert.notEqual(pair.live, undefined);
    assert.notEqual(pair.held, undefined, 'at once, since it had delivered');
  });

  it('waits for a held encoder where there is none', async () => {
    refuses = true;
    encoders[1]?.exit(1);
    await clock.pass(10);
    encoders[0]?.exit(2);
    await clock.pass(1000);
    assert.deepEqual([pair.live, pair.held], [undefined, undefined]);
    assert.ok(losses.includes('no process'));
    refuses = false;
    for (let ms = 0; ms < 10_000 && pair.live === undefined; ms += 50) {
      assert.equal(pair.challenge(), undefined);
      await clock.pass(50);
    }
    await clock.pass(10_000);
    assert.notEqual(pair.live, undefined);
    assert.notEqual(pair.held, undefined);
    assert.equal(promoted.at(-1), pair.live);
  });

  it('ends in order: the live one delivers what it has, and nothing is started any more', async () => {
    pair.delivered();
    const ending = pair.end();
    assert.deepEqual([encoders[0]?.ending, encoders[0]?.killed], [true, false]);
    assert.equal(encoders[0]?.sink, 'sink');
    encoders[0]?.exit(0);
    await ending;
    assert.equal(encoders[1]?.killed, true);
    await clock.pass(10_000);
    assert.equal(encoders.length, 2);
    assert.deepEqual(losses, []);
    assert.equal(clock.pending, 0);
  });

  it('has two more encoders at most deliver at the end what is owed', async () => {
    pair.delivered();
    const ending = pair.end(() => true);
    for (let i = 0; i < 3; i++) {
      await clock.settle();
      assert.deepEqual(
        [encoders.length, encoders[i]?.ending, encoders[i]?.sink],
        [i < 2 ? 2 : 3, true, 'sink'],
      );
      encoders[i]?.exit(1);
    }
    await ending;
    assert.deepEqual(promoted, encoders);
    await clock.pass(10_000);
    assert.equal(encoders.length, 3);
  });

  it('ends an encoder that hangs by force, after two seconds', async () => {
    let ended = false;
    const ending = pair.end().then(() => {
      ended = true;
    });
    await clock.pass(1999, 500);
    assert.deepEqual([encoders[0]?.killed, ended], [false, false]);
    await clock.pass(1, 1);
    await ending;
    assert.equal(encoders[0]?.killed, true);
  });

  it('kills all of them when it is disposed of', async () => {
    const start = () => {
      const encoder = new FakeEncoder<string>();
      encoders.push(encoder);
      return encoder;
    };
    pair.delivered();
    pair.startSuccessor(start);
    pair.succeed(start);
    pair.challenge();
    pair.startSuccessor(start);
    assert.deepEqual(
      [encoders[0]?.killed, pair.live, pair.rival, pair.successor],
      [false, encoders[2], encoders[3], encoders[4]],
    );
    pair.dispose();
    assert.deepEqual(
      encoders.map(({ killed }) => killed),
      [true, true, true, true, true],
    );
    await clock.pass(10_000);
    assert.equal(encoders.length, 5);
  });
});
