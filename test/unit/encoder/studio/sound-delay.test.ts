import assert from 'node:assert/strict';
import { SoundDelay } from '../../../../src/encoder/tracks/sound-delay.js';
import { FakeClock } from '../../../support/fake-clock.js';

const HEADER = Buffer.from([0xaf, 0, 0x11, 0x90]);

describe('SoundDelay', () => {
  let clock: FakeClock;
  let written: string[];

  beforeEach(() => {
    clock = new FakeClock();
    written = [];
  });
  afterEach(() => clock.restore());

  function delayed(delayMs: number): SoundDelay {
    const sound = new SoundDelay({
      write: (carrier, timestampMs) => void written.push(`${carrier} ${timestampMs}`),
    });
    sound.delayMs = delayMs;
    return sound;
  }

  /** On air, after its first frame. */
  function begun(delayMs: number): SoundDelay {
    const sound = delayed(delayMs);
    sound.writeSound(0, HEADER);
    sound.writeFrame(1, Buffer.of(2));
    written = [];
    return sound;
  }

  it('begins with all of the sound, however late the first frame is', () => {
    const sound = delayed(0);
    sound.writeSound(0, HEADER);
    for (let ms = 0; ms < 5000; ms += 100) {
      sound.writeSound(1000 + ms, Buffer.of(1));
      clock.tick(100);
    }
    assert.deepEqual(written, []);
    sound.writeFrame(0, Buffer.of(2));
    sound.writeFrame(1100, Buffer.of(2));
    assert.deepEqual(written, ['audio 0', 'video 0', 'audio 1000', 'audio 1100', 'video 1100']);
    assert.equal(clock.pending, 0);
  });

  it('begins with the header of the sound, however late that is', () => {
    const sound = delayed(0);
    sound.writeFrame(0, Buffer.of(2));
    sound.writeFrame(1067, Buffer.of(2));
    clock.tick(2900);
    sound.writeFrame(3967, Buffer.of(2));
    assert.deepEqual(written, []);
    sound.writeSound(0, HEADER);
    assert.deepEqual(written, ['audio 0', 'video 0', 'video 1067', 'video 3967']);
  });

  it('begins without sound that cannot be encoded, after 3 s', () => {
    const sound = delayed(0);
    sound.writeFrame(0, Buffer.of(2));
    clock.tick(3000);
    sound.writeFrame(1067, Buffer.of(2));
    sound.writeFrame(1100, Buffer.of(2));
    assert.deepEqual(written, ['video 0', 'video 1067', 'video 1100']);
  });

  it('writes sound with the frame that belongs to it, without a timer', () => {
    const sound = begun(0);
    sound.writeSound(21, Buffer.of(1));
    sound.writeSound(43, Buffer.of(1));
    assert.deepEqual(written, []);
    sound.writeFrame(40, Buffer.of(2));
    assert.deepEqual(written, ['audio 21', 'video 40']);
    assert.equal(clock.pending, 0);
  });

  it('writes sound before the first frame that is not earlier', () => {
    const sound = delayed(1000);
    for (const ms of [0, 21, 43, 64]) sound.writeSound(ms, ms === 0 ? HEADER : Buffer.of(1));
    sound.writeFrame(0, Buffer.of(2));
    sound.writeFrame(43, Buffer.of(2));
    assert.deepEqual(written, ['audio 0', 'video 0', 'audio 21', 'audio 43', 'video 43']);
    sound.flush();
    assert.deepEqual(written.slice(5), ['audio 64']);
    sound.dispose();
    assert.equal(clock.pending, 0);
  });

  it('goes on with the sound after its delay, and 40 ms, where no frame comes', () => {
    const sound = begun(1000);
    const passed: string[] = [];
    for (let ms = 0; ms < 1100; ms += 20) {
      sound.writeSound(ms, Buffer.of(1));
      if (written.length > passed.length) passed.push(`${written.at(-1)} at ${ms}`);
      clock.tick(20);
    }
    assert.deepEqual(passed, ['audio 0 at 1040', 'audio 20 at 1060', 'audio 40 at 1080']);
    sound.dispose();
    sound.flush();
    assert.equal(written.length, 3);
  });

  it("writes a rendition's frame after the programme's of its slot, and none before the programme begins", () => {
    const sound = new SoundDelay({
      write: (_, timestampMs, __, rendition = 0) => void written.push(`${rendition} at ${timestampMs}`),
    });
    sound.writeRendition(3, 0, Buffer.of(1));
    sound.writeSound(0, HEADER);
    sound.writeFrame(0, Buffer.of(2));
    sound.writeRendition(3, 1066, Buffer.of(1));
    clock.tick(1000);
    sound.writeSound(1066, Buffer.of(3));
    assert.deepEqual(written, ['3 at 0', '0 at 0', '0 at 0'], 'headers only');
    sound.writeFrame(1066, Buffer.of(2));
    assert.deepEqual(written.slice(3), ['0 at 1066', '0 at 1066', '3 at 1066']);
    sound.writeRendition(3, 1100, Buffer.of(1));
    clock.tick(40);
    sound.writeSound(1200, Buffer.of(3));
    assert.deepEqual(written.slice(6), ['3 at 1100'], 'the programme is late');
    sound.writeRendition(3, 1133, Buffer.of(1));
    sound.flush();
    assert.deepEqual(written.slice(7), ['0 at 1200', '3 at 1133']);
  });

  it('keeps sound back for less time as soon as frames are', () => {
    const sound = begun(1000);
    sound.writeSound(0, Buffer.of(1));
    sound.delayMs = 0;
    clock.tick(40);
    sound.writeSound(21, Buffer.of(1));
    assert.deepEqual(written, ['audio 0']);
  });
});
