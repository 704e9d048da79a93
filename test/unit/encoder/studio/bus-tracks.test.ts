import assert from 'node:assert/strict';
import type { AudioSink } from '../../../../src/encoder/tracks/audio-encoder.js';
import { BusTracks } from '../../../../src/encoder/tracks/bus-tracks.js';
import { extraAudio } from '../../../../src/media/enhanced-packets.js';
import { FakeEncoder } from './fake-encoder.js';

const FORMAT = { sampleRate: 48_000, channels: 2 };
const SLOT = 1600;
const pcm = Buffer.alloc(SLOT * 4);

class FakePcmEncoder extends FakeEncoder<AudioSink> {
  written = 0;

  write(pcm: Buffer): void {
    this.written += pcm.length;
  }
}

describe('Buses', () => {
  let encoders: FakePcmEncoder[];
  let tags: { ms: number; track: number | undefined; kind: string | undefined }[];
  let buses: BusTracks;

  beforeEach(() => {
    encoders = [];
    tags = [];
    buses = new BusTracks({
      format: FORMAT,
      start: () => {
        const encoder = new FakePcmEncoder();
        encoders.push(encoder);
        return encoder;
      },
      onLoss: () => {},
      onTag: (ms, payload) => {
        const [{ track, kind } = {}] = extraAudio(payload);
        tags.push({ ms: Math.round(ms), track, kind });
      },
    });
  });
  afterEach(() => buses.dispose());

  const live = () => encoders.filter(({ sink, killed }) => sink !== undefined && !killed);

  it('are tracks from 1 on, on the grid of the programme', () => {
    buses.set(2);
    buses.put([pcm, pcm], SLOT);
    for (const { sink } of live()) {
      sink?.takeHeader(Buffer.from([0xaf, 0, 0x11, 0x90]));
      sink?.takeFrame(0, Buffer.from([0xaf, 1, 9]));
      sink?.takeFrame(1, Buffer.from([0xaf, 1, 9]));
    }
    assert.deepEqual(
      tags.map(({ ms, track, kind }) => `${track} ${kind} ${ms}`),
      [1, 2].flatMap((track) => [
        `${track} extra-audio-header 0`,
        `${track} extra-audio 0`,
        `${track} extra-audio 21`,
      ]),
    );
  });

  it('are announced with the header of the programme, whichever is there first', () => {
    buses.set(1);
    buses.announce(Buffer.from([0xaf, 0, 0x11, 0x90]));
    buses.set(2);
    assert.deepEqual(
      tags,
      [1, 2].map((track) => ({ ms: 0, track, kind: 'extra-audio-header' })),
    );
  });

  it('are placed where they begin, when they are added later, and end when they are removed', () => {
    for (let slot = 0; slot < 30; slot++) buses.put([], SLOT);
    buses.put([pcm], SLOT);
    const [encoder] = live();
    assert.equal(encoder?.written, pcm.length);
    encoder?.sink?.takeFrame(0, Buffer.from([0xaf, 1, 9]));
    assert.deepEqual(tags, [{ ms: 1000, track: 1, kind: 'extra-audio' }]);
    buses.put([], SLOT);
    assert.ok(encoders.every(({ killed }) => killed));
    assert.deepEqual(buses.pids, []);
  });
});
