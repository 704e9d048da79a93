import assert from 'node:assert/strict';
import { parseAacHeader, UNKNOWN_AUDIO } from '../../../src/media/aac.js';
import { audioCodecOf, parseAudioPayload } from '../../../src/media/audio-payload.js';
import { withDelimiter } from '../../../src/media/avc.js';
import { silentAacFrame } from '../../../src/media/silent-aac.js';
import {
  avcConfigOf,
  enhancedFrame,
  enhancedHeader,
  isLegacyAvc,
  parseVideoPayload,
  videoCodecOf,
  withCompositionTime,
} from '../../../src/media/video-payload.js';
import { AAC_HEADER, aacFrame, avcFrame, avcHeader } from '../../support/flv.js';

function nal(...bytes: number[]): Buffer {
  return Buffer.from([0, 0, 0, bytes.length, ...bytes]);
}

const interframe = (...nals: Buffer[]) => Buffer.concat([Buffer.from([0x27, 1, 0, 0, 0]), ...nals]);
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('parseVideoPayload', () => {
  const cases: [what: string, payload: Buffer, kind: string, compositionMs: number][] = [
    ['an AVC sequence header', avcHeader(1), 'header', 0],
    ['the end of an AVC sequence', hex('17 02 000000'), 'other', 0],
    ['an IDR frame', avcFrame('keyframe', 1, 67), 'keyframe', 67],
    ['a P frame', avcFrame('interframe', 1, 133), 'interframe', 133],
    ['a B frame that nothing refers to', avcFrame('disposable', 1, 0), 'disposable', 0],
    ['a negative composition time', avcFrame('interframe', 1, -33), 'interframe', -33],
    ['a frame of several slices', interframe(nal(6, 5), nal(0x01, 1), nal(0x01, 2)), 'disposable', 0],
    ['slices of which one is referred to', interframe(nal(0x01, 1), nal(0x21, 2)), 'interframe', 0],
    ['no slice', interframe(nal(6, 5)), 'interframe', 0],
    ['a NAL unit that is too long', interframe(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x41])), 'interframe', 0],
    ['a seek command', hex('57 01 000000 00'), 'other', 0],
    ['a Sorenson keyframe', hex('12 00 000000'), 'keyframe', 0],
    ['a disposable Sorenson frame', hex('32 00 000000'), 'disposable', 0],
    ['too few bytes', hex('17 01'), 'other', 0],
    ['nothing', Buffer.alloc(0), 'other', 0],
    ['an hvc1 sequence start', hex('90 68766331 01'), 'header', 0],
    ['an hvc1 keyframe', hex('91 68766331 000021 00'), 'keyframe', 33],
    ['an hvc1 frame without composition time', hex('a3 68766331 000021 00'), 'interframe', 0],
    ['an hvc1 frame that others refer to', hex('a1 68766331 000000 00000003 0201d0'), 'interframe', 0],
    ['an hvc1 frame that no other refers to', hex('a1 68766331 000021 00000003 0001d0'), 'disposable', 33],
    ['the same without composition time', hex('a3 68766331 00000003 0001d0'), 'disposable', 0],
    ['an av01 frame', hex('a1 61763031 000021 00'), 'interframe', 0],
    ['metadata of a colour space', hex('94 68766331 02'), 'other', 0],
  ];
  for (const [what, payload, kind, compositionMs] of cases) {
    it(`knows ${what}`, () => assert.deepEqual(parseVideoPayload(payload), { kind, compositionMs }));
  }

  it('sees a new composition time where it is written, and leaves the original alone', () => {
    const legacy = avcFrame('interframe', 1, -33);
    assert.equal(parseVideoPayload(withCompositionTime(legacy, 0)).compositionMs, 0);
    assert.equal(parseVideoPayload(legacy).compositionMs, -33);
    const enhanced = hex('91 68766331 ffffdf 00');
    assert.equal(parseVideoPayload(withCompositionTime(enhanced, 5)).compositionMs, 5);
    for (const without of [hex('a3 68766331 0000 21'), hex('a1 61763031 000021 00')])
      assert.deepEqual(withCompositionTime(without, 5), without);
  });
});

describe('bodies of Enhanced RTMP', () => {
  // Enhanced RTMP v2, "Enhanced Video": 1 bit, 3 of the frame's type, 4 of the packet's; FourCC; HEVC's composition time.
  it('are written as they are read', () => {
    const bytes = Buffer.from([1, 2]);
    assert.equal(enhancedHeader('av01', bytes).toString('hex'), '90617630310102');
    assert.equal(enhancedFrame('av01', true, 0, bytes).toString('hex'), '91617630310102');
    assert.equal(enhancedFrame('hvc1', false, -2, bytes).toString('hex'), 'a168766331fffffe0102');
  });
});

describe('withDelimiter', () => {
  it('marks where a keyframe begins, unless it says so itself', () => {
    const bare = avcFrame('keyframe', 1);
    const delimited = withDelimiter(bare, 5);
    assert.deepEqual(delimited.subarray(5, 11), Buffer.from([0, 0, 0, 2, 9, 0x10]));
    assert.deepEqual(delimited.subarray(11), bare.subarray(5));
    assert.equal(withDelimiter(delimited, 5), delimited);
    const withParameters = interframe(nal(0x67, 1), nal(0x65, 1));
    assert.equal(withDelimiter(withParameters, 5), withParameters);
  });
});

describe('parseAudioPayload', () => {
  const cases: [what: string, payload: Buffer, kind: string][] = [
    ['an AAC sequence header', AAC_HEADER, 'header'],
    ['an AAC frame', aacFrame(1), 'frame'],
    ['an MP3 frame', hex('2f fffb'), 'frame'],
    ['an enhanced sequence start', hex('90 4f707573'), 'header'],
    ['an enhanced frame', hex('91 4f707573 00'), 'frame'],
    ['the end of an enhanced sequence', hex('92 4f707573'), 'other'],
    ['nothing', Buffer.alloc(0), 'other'],
  ];
  for (const [what, payload, kind] of cases) {
    it(`knows ${what}`, () => assert.equal(parseAudioPayload(payload), kind));
  }
});

describe('parseAacHeader', () => {
  const stereo = 'af01 21000000001c';
  const cases: [what: string, header: Buffer, frameMs: number, silence: string | undefined][] = [
    ['AAC-LC at 48 kHz in stereo', AAC_HEADER, 1024 / 48, stereo],
    ['the same without an extension', hex('af00 1190'), 1024 / 48, stereo],
    ['44.1 kHz', hex('af00 1210'), 1024 / 44.1, stereo],
    ['one channel at 22.05 kHz', hex('af00 1388'), 1024 / 22.05, 'af01 00000007'],
    ['six channels', hex('af00 11b0'), 1024 / 48, 'af01 00000001080000000023000000000c000000e0'],
    ['channels that a later element describes', hex('af00 1180'), 1024 / 48, undefined],
    ['an encoder that says "mono, 5.5 kHz" in the tag', hex('a200 1190'), 1024 / 48, 'a201 21000000001c'],
    ['HE-AAC announced by an extension', hex('af00 1190 56e580'), 1024 / 48, undefined],
    ['frames of 960 samples', hex('af00 1194'), 20, stereo],
    ['a stream that depends on a core coder', hex('af00 1192'), 1024 / 48, undefined],
    // What follows the channels is the rate of SBR there: 16 kHz, whose first bit is set.
    ['HE-AAC that announces itself first', hex('af00 2d94 0800'), 1024 / 8, undefined],
  ];
  for (const [what, header, frameMs, silence] of cases) {
    it(`reads ${what}`, () => {
      const format = parseAacHeader(header);
      assert.deepEqual(
        { frameMs: format.frameMs, silence: format.silence },
        { frameMs, silence: silence === undefined ? undefined : hex(silence) },
      );
    });
  }

  it('says the sample rate and the channels, of HE-AAC those of the core stream', () => {
    const formatOf = (header: Buffer) => {
      const { sampleRate, channels } = parseAacHeader(header);
      return [sampleRate, channels];
    };
    assert.deepEqual(formatOf(hex('af00 1210')), [44_100, 2]);
    assert.deepEqual(formatOf(hex('af00 1188')), [48_000, 1]);
    assert.deepEqual(formatOf(hex('af00 1190 56e580')), [48_000, 2]);
    assert.deepEqual(formatOf(hex('af00 2d94 0800')), [8000, 2]);
    assert.deepEqual(formatOf(Buffer.alloc(0)), [undefined, undefined]);
  });

  it('assumes nothing of what it cannot read', () => {
    for (const header of [Buffer.alloc(0), hex('af00'), hex('af00 178f'), hex('af00 f949 9c'), aacFrame(1)])
      assert.equal(parseAacHeader(header), UNKNOWN_AUDIO);
  });
});

describe('the codec of a tag', () => {
  // FLV specification 10.1 E.4.2.1 and E.4.3.1, Enhanced RTMP v2 "FourCC values".
  const legacyVideo = { 2: 'h263', 3: undefined, 4: 'vp6', 5: 'vp6', 6: undefined, 7: 'h264', 12: 'hevc' };
  const enhancedVideo = {
    avc1: 'h264',
    hvc1: 'hevc',
    vvc1: 'vvc',
    av01: 'av1',
    vp08: 'vp8',
    vp09: 'vp9',
    mp4a: undefined,
  };
  const legacyAudio = {
    0: 'pcm',
    1: 'adpcm',
    2: 'mp3',
    3: 'pcm',
    4: undefined,
    10: 'aac',
    11: 'speex',
    14: 'mp3',
    15: undefined,
  };
  const enhancedAudio = {
    mp4a: 'aac',
    Opus: 'opus',
    '.mp3': 'mp3',
    fLaC: 'flac',
    'ac-3': 'ac3',
    'ec-3': 'eac3',
    avc1: undefined,
  };

  it('is known by its number', () => {
    for (const [id, codec] of Object.entries(legacyVideo))
      assert.equal(videoCodecOf(Buffer.from([0x10 | Number(id), 1, 0, 0, 0])), codec, `video ${id}`);
    for (const [id, codec] of Object.entries(legacyAudio))
      assert.equal(audioCodecOf(Buffer.from([(Number(id) << 4) | 0xf, 1])), codec, `audio ${id}`);
  });

  it('is known by its four characters', () => {
    for (const [fourCc, codec] of Object.entries(enhancedVideo))
      assert.equal(videoCodecOf(Buffer.from(`\x91${fourCc}`, 'latin1')), codec, fourCc);
    for (const [fourCc, codec] of Object.entries(enhancedAudio))
      assert.equal(audioCodecOf(Buffer.from(`\x91${fourCc}`, 'latin1')), codec, fourCc);
  });

  it('is not known of what is too short', () => {
    assert.equal(videoCodecOf(hex('17 01 0000')), undefined);
    assert.equal(audioCodecOf(hex('af')), undefined);
  });

  it('decides where H.264 is looked into', () => {
    assert.equal(isLegacyAvc(hex('17 01 000000 00')), true);
    assert.equal(isLegacyAvc(hex('17 01 000000')), false);
    assert.equal(isLegacyAvc(hex('1c 01 000000 00')), false);
    assert.equal(isLegacyAvc(hex('97 61766331 00')), false);
    assert.deepEqual(avcConfigOf(hex('17 00 000000 01')), hex('01'));
    assert.deepEqual(avcConfigOf(hex('90 61766331 01')), hex('01'));
    for (const other of ['17 01 000000 01', '1c 00 000000 01', '90 68766331 01'])
      assert.equal(avcConfigOf(hex(other)), undefined, other);
  });
});

describe('silentAacFrame', () => {
  const ELEMENTS = { 0: 'SCE', 1: 'CPE', 3: 'LFE' } as const;

  /** The elements of a frame without spectral data, each with its tag; ISO/IEC 14496-3 4.4.2.1. */
  function elementsOf(frame: Buffer): string[] {
    const bits = [...frame].flatMap((byte) => Array.from({ length: 8 }, (_, n) => (byte >> (7 - n)) & 1));
    let at = 0;
    const read = (count: number) => {
      const value = bits.slice(at, at + count).reduce((sum, bit) => sum * 2 + bit, 0);
      at += count;
      return value;
    };
    const zeros = (count: number) => assert.equal(read(count), 0);
    const elements: string[] = [];
    for (let id = read(3); id !== 7; id = read(3)) {
      const name = ELEMENTS[id as keyof typeof ELEMENTS];
      assert.ok(name, `an element of the type ${id}`);
      elements.push(`${name} ${read(4)}`);
      const common = name === 'CPE' && read(1) === 1;
      // Window and max_sfb, then ms_mask; of each channel the gain, and that neither pulse, TNS nor gain control is there.
      if (common) zeros(13);
      for (let channel = name === 'CPE' ? 2 : 1; channel > 0; channel--) zeros(common ? 11 : 22);
    }
    assert.ok(frame.length * 8 - at < 8, 'nothing follows the end');
    return elements;
  }

  // ISO/IEC 14496-3 table 1.19.
  const layouts = [
    ['SCE 0'],
    ['CPE 0'],
    ['SCE 0', 'CPE 0'],
    ['SCE 0', 'CPE 0', 'SCE 1'],
    ['SCE 0', 'CPE 0', 'CPE 1'],
    ['SCE 0', 'CPE 0', 'CPE 1', 'LFE 0'],
    ['SCE 0', 'CPE 0', 'CPE 1', 'CPE 2', 'LFE 0'],
  ];
  layouts.forEach((layout, index) => {
    it(`has the elements of channel configuration ${index + 1}, and silence in each`, () => {
      assert.deepEqual(elementsOf(silentAacFrame(index + 1)!), layout);
    });
  });

  it('is not known for other configurations', () => {
    assert.deepEqual([0, 8, 15].map(silentAacFrame), [undefined, undefined, undefined]);
  });
});
