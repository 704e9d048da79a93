import assert from 'node:assert/strict';
import { parseLogLine } from '../../../../src/encoder/log-line.js';
import { LateTracks } from '../../../../src/encoder/sources/late-tracks.js';
import { FakeClock } from '../../../support/fake-clock.js';

const AUDIO = parseLogLine('[warning] New audio stream 2:1 at pos:176156 and DTS:7.4s');
const VIDEO = parseLogLine('[warning] New video stream 2:1 at pos:176156 and DTS:7.4s');
const OTHER = parseLogLine('[warning] New audio stream 1:1 at pos:0 and DTS:0s');

describe('LateTracks', () => {
  let clock: FakeClock;
  beforeEach(() => {
    clock = new FakeClock();
  });
  afterEach(() => clock.restore());

  it('has an address opened again for a track that it lacked, and for no further one', () => {
    const calls = (line: typeof AUDIO, frames: number, sound: number) =>
      new LateTracks().calls(line, { frames, sound });
    assert.equal(calls(AUDIO, 200, 1), true);
    assert.equal(calls(AUDIO, 200, 200), false);
    assert.equal(calls(VIDEO, 1, 200), true);
    assert.equal(calls(VIDEO, 200, 200), false);
    assert.equal(calls(OTHER, 200, 1), false);
    assert.equal(calls(parseLogLine('[info] Stream #2:1: Audio: aac'), 200, 1), false);
  });

  it('takes up to two packets of a track for those that ffmpeg writes in its place', () => {
    const calls = (sound: number) => new LateTracks().calls(AUDIO, { frames: 200, sound });
    assert.deepEqual([calls(0), calls(2), calls(3)], [true, true, false]);
  });

  it('does so once a minute at most', async () => {
    const tracks = new LateTracks();
    const calls = () => tracks.calls(AUDIO, { frames: 9, sound: 1 });
    assert.deepEqual([calls(), calls()], [true, false]);
    await clock.pass(59_999, 10_000);
    assert.equal(calls(), false);
    await clock.pass(1);
    assert.deepEqual([calls(), calls()], [true, false]);
  });
});
