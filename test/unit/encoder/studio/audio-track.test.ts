import assert from 'node:assert/strict';
import type { AudioSink } from '../../../../src/encoder/tracks/audio-encoder.js';
import { AudioTrack } from '../../../../src/encoder/tracks/audio-track.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { FakeEncoder } from './fake-encoder.js';

const FORMAT = { sampleRate: 48_000, channels: 2 };
const SAMPLE_BYTES = 4;
const FRAME_BYTES = 1024 * SAMPLE_BYTES;

/** Its payload is the number of the frame's first sample, which each sample holds. */
class FakePcmEncoder extends FakeEncoder<AudioSink> {
  pcm = Buffer.alloc(0);
  private frames = -1;

  write(pcm: Buffer): void {
    this.pcm = Buffer.concat([this.pcm, pcm]);
  }

  /** Delivers what an AAC encoder does: a frame of priming, then each complete one. */
  deliver(): void {
    if (this.pcm.length === 0) return;
    if (this.frames === -1) {
      this.sink?.takeHeader(Buffer.from('header'));
      this.sink?.takeFrame(this.frames++, Buffer.from('priming'));
    }
    for (; (this.frames + 1) * FRAME_BYTES <= this.pcm.length; this.frames++)
      this.sink?.takeFrame(this.frames, this.pcm.subarray(this.frames * FRAME_BYTES).subarray(0, 4));
  }
}

describe('AudioTrack', () => {
  let clock: FakeClock;
  let encoders: FakePcmEncoder[];
  let tags: { timestampMs: number; payload: Buffer }[];
  let track: AudioTrack;
  let samples: number;

  beforeEach(() => {
    clock = new FakeClock();
    encoders = [];
    tags = [];
    samples = 0;
    track = new AudioTrack({
      format: FORMAT,
      start: () => {
        const encoder = new FakePcmEncoder();
        encoders.push(encoder);
        return encoder as never;
      },
      onLoss: () => {},
      onTag: (tag) => tags.push(tag),
    });
  });
  afterEach(() => {
    track.dispose();
    clock.restore();
  });

  const live = () => encoders.find(({ pid }) => pid === track.livePid) as FakePcmEncoder;
  /** Puts samples that hold their own number. */
  function put(count: number): void {
    const pcm = Buffer.alloc(count * SAMPLE_BYTES);
    for (let i = 0; i < count; i++) pcm.writeUInt32LE(samples++, i * SAMPLE_BYTES);
    track.put(pcm);
  }
  /** Checks that the frames are one grid, and hold the samples of their time. */
  function checkGrid(frames: number): void {
    const [header, priming, ...rest] = tags;
    assert.equal(header?.payload.toString(), 'header');
    assert.equal(priming?.payload.toString(), 'priming');
    assert.equal(priming?.timestampMs, (-1024 * 1000) / 48_000);
    assert.equal(rest.length, frames);
    for (const [index, { timestampMs, payload }] of rest.entries()) {
      assert.equal(timestampMs, (index * 1024 * 1000) / 48_000);
      assert.equal(payload.readUInt32LE(), index * 1024, `frame ${index}`);
    }
  }

  it('wakes nobody while its encoders wait for a start', async () => {
    await clock.pass(1000);
    assert.notEqual(track.heldPid, 0);
    assert.equal(clock.pending, 0);
  });

  it('has the frames of an encoder on a grid from 0, after its priming', () => {
    for (let slot = 0; slot < 60; slot++) {
      put(1600);
      live().deliver();
    }
    checkGrid(Math.floor((60 * 1600) / 1024));
  });

  it('continues with the next frame when the encoder dies, without the first ones of the next', async () => {
    for (const kills of [1, 2, 3]) {
      for (let slot = 0; slot < 20; slot++) {
        put(1600);
        if (slot < 15) live().deliver();
      }
      live().exit(1);
      await clock.settle();
      assert.equal(encoders.indexOf(live()), kills);
      live().deliver();
      checkGrid(Math.floor(samples / 1024));
      assert.ok(live().pcm.length < 15 * FRAME_BYTES, 'it gets little more than is owed');
    }
  });

  it('replaces an encoder that is silent for 700 ms while it has samples by one that delivers, and loses none', async () => {
    for (let slot = 0; slot < 10; slot++) put(1600);
    live().deliver();
    const first = live();
    for (let ms = 0; ms < 650; ms += 33) {
      put(1600);
      await clock.pass(33, 33);
    }
    const second = encoders[1];
    assert.equal(second?.pcm.length, 0);
    await clock.pass(200, 10);
    put(1600);
    assert.deepEqual([live(), first.killed], [first, false]);
    second?.deliver();
    assert.deepEqual([live(), first.killed], [second, true]);
    checkGrid(Math.floor(samples / 1024));
    first.deliver();
    checkGrid(Math.floor(samples / 1024));
  });

  it('keeps an encoder that was only slow', async () => {
    put(1600);
    live().deliver();
    const first = live();
    for (let slot = 0; slot < 10; slot++) put(1600);
    await clock.pass(800, 10);
    track.check();
    assert.ok((encoders[1]?.pcm.length ?? 0) > 0);
    first.deliver();
    assert.deepEqual([live(), first.killed, encoders[1]?.killed], [first, false, true]);
    checkGrid(Math.floor(samples / 1024));
  });

  it('hands over to an encoder of other settings at a frame, with no frame missing or twice', async () => {
    for (let slot = 0; slot < 10; slot++) put(1600);
    live().deliver();
    const first = live();
    const handover = track.handOver(() => {
      encoders.push(new FakePcmEncoder());
      return encoders.at(-1) as never;
    });
    const successor = encoders.at(-1) as FakePcmEncoder;
    for (let slot = 0; slot < 30; slot++) {
      put(1600);
      first.deliver();
    }
    assert.equal(live(), first);
    assert.ok(successor.pcm.length > 0 && successor.pcm.length < first.pcm.length);
    successor.deliver();
    assert.deepEqual(await handover, { kind: 'done' });
    assert.deepEqual([live(), first.ending], [successor, true]);
    put(1600);
    first.deliver();
    successor.deliver();
    checkGrid(Math.floor(samples / 1024));
  });

  it('goes on with the encoder before where the successor fails', async () => {
    const first = live();
    for (const fails of [
      { how: (successor: FakePcmEncoder) => successor.exit(1), end: 'exited' },
      { how: () => {}, end: 'silent' },
    ]) {
      const successor = new FakePcmEncoder();
      const handover = track.handOver(() => successor as never);
      for (let slot = 0; slot < 30; slot++) {
        put(1600);
        first.deliver();
      }
      fails.how(successor);
      for (let slot = 0; slot < 30; slot++) {
        put(1600);
        first.deliver();
        await clock.pass(34, 34);
      }
      assert.equal((await handover).kind, fails.end);
      put(1600);
      first.deliver();
      successor.deliver();
      assert.equal(live(), first);
      checkGrid(Math.floor(samples / 1024));
    }
  });

  it('lets an encoder rest that only keeps what it always keeps', async () => {
    put(10 * 1024);
    live().deliver();
    const first = live();
    put(2 * 1024);
    await clock.pass(5000);
    track.check();
    assert.equal(live(), first);
  });

  it('loses what is older than four seconds if there is no encoder', async () => {
    put(1600);
    while (live() !== undefined) {
      live().exit(1);
      await clock.settle();
    }
    for (let slot = 0; slot < 300; slot++) put(1600);
    for (let ms = 0; ms < 12_000 && live() === undefined; ms += 100) await clock.pass(100);
    live().deliver();
    const [first, second] = tags.filter(({ payload }) => payload.length === 4);
    assert.ok(first !== undefined && second !== undefined);
    const oldest = samples - 4 * 48_000;
    assert.ok(first.payload.readUInt32LE() >= oldest && first.payload.readUInt32LE() < oldest + 1024 * 3);
    assert.equal(first.timestampMs, (first.payload.readUInt32LE() * 1000) / 48_000);
    assert.equal(second.payload.readUInt32LE() - first.payload.readUInt32LE(), 1024);
  });
});
