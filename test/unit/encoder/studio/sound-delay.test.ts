import assert from 'node:assert/strict';
import { SoundDelay } from '../../../../src/encoder/tracks/sound-delay.js';
import { FakeClock } from '../../../support/fake-clock.js';

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

  it('writes sound at once where frames are not kept back', () => {
    const sound = delayed(0);
    sound.writeSound(500, Buffer.of(1));
    sound.writeFrame(40, Buffer.of(2));
    assert.deepEqual(written, ['audio 500', 'video 40']);
    assert.equal(clock.pending, 0);
  });

  it('writes sound before the first frame that is not earlier', () => {
    const sound = delayed(1000);
    for (const ms of [0, 21, 43, 64]) sound.writeSound(ms, Buffer.of(1));
    sound.writeFrame(0, Buffer.of(2));
    sound.writeFrame(43, Buffer.of(2));
    assert.deepEqual(written, ['audio 0', 'video 0', 'audio 21', 'audio 43', 'video 43']);
    sound.flush();
    assert.deepEqual(written.slice(5), ['audio 64']);
    sound.dispose();
    assert.equal(clock.pending, 0);
  });

  it('goes on with the sound after its delay where no frame comes', async () => {
    const sound = delayed(1000);
    sound.writeSound(0, Buffer.of(1));
    await clock.pass(400, 10);
    sound.writeSound(21, Buffer.of(1));
    await clock.pass(590, 10);
    assert.deepEqual(written, []);
    await clock.pass(10, 10);
    assert.deepEqual(written, ['audio 0']);
    await clock.pass(400, 10);
    assert.deepEqual(written, ['audio 0', 'audio 21']);
    sound.writeSound(43, Buffer.of(1));
    sound.dispose();
    await clock.pass(2000, 10);
    assert.equal(written.length, 2);
  });

  it('keeps none back any more where frames are not', () => {
    const sound = delayed(1000);
    sound.writeSound(0, Buffer.of(1));
    sound.delayMs = 0;
    sound.writeSound(21, Buffer.of(1));
    assert.deepEqual(written, ['audio 0', 'audio 21']);
    sound.dispose();
  });
});
