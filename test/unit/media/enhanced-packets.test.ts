import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ordinaryAudio, ordinaryVideo } from '../../../src/media/enhanced-packets.js';
import { parseVideoPayload } from '../../../src/media/video-payload.js';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
// FourCCs.
const AVC1 = '61766331';
const HVC1 = '68766331';
const MP4A = '6d703461';
const OPUS = '4f707573';

describe('packets of Enhanced RTMP as ordinary ones', () => {
  // By Enhanced RTMP v2: the header's last four bits are the packet's type, 6 (video) and 5 (audio) for several tracks. Then four bits say
  // how many tracks and codecs, and four are the type again; a FourCC; and for each track its number and, where there are
  // several, 24 bits of size.
  const video: readonly [what: string, packet: string, ordinary: string][] = [
    ['a legacy packet is left as it is', '17 01 000000 aa', '17 01 000000 aa'],
    ['HEVC is left as it is', `91 ${HVC1} 000000 aa`, `91 ${HVC1} 000000 aa`],
    ["H.264's header", `90 ${AVC1} 0164001f`, '17 00 000000 0164001f'],
    ["H.264's frame with a composition time", `91 ${AVC1} 000042 aa`, '17 01 000042 aa'],
    ["H.264's frame without one", `a3 ${AVC1} aa`, '27 01 000000 aa'],
    ['one track, the first', `96 01 ${HVC1} 00 000000 aa`, `91 ${HVC1} 000000 aa`],
    ['one track, the first, of H.264', `96 01 ${AVC1} 00 000042 aa`, '17 01 000042 aa'],
    ['one track, the second', `96 01 ${AVC1} 01 000042 aa`, ''],
    ['two tracks of one codec', `96 13 ${AVC1} 00 000002 aabb 01 000001 cc`, '17 01 000000 aabb'],
    ['two tracks, the first one last', `96 13 ${AVC1} 01 000001 cc 00 000002 aabb`, '17 01 000000 aabb'],
    ['two tracks of two codecs', `96 23 ${HVC1} 01 000001 cc ${AVC1} 00 000002 aabb`, '17 01 000000 aabb'],
    ['the header of one track', `96 00 ${AVC1} 00 0164001f`, '17 00 000000 0164001f'],
    ['a modifier before a frame', `97 02 000001 01 ${HVC1} 000000 aa`, `91 ${HVC1} 000000 aa`],
    ['a long modifier', `97 ff 0001 aabb 01 ${HVC1} 000000 aa`, `91 ${HVC1} 000000 aa`],
    ['a modifier before a track', `97 00 aa 06 03 ${AVC1} 00 bb`, '17 01 000000 bb'],
    ['a size beyond the end', `96 13 ${AVC1} 00 000009 aabb`, ''],
    ['no track', `96 13 ${AVC1}`, ''],
    ['a modifier beyond the end', '97 09 aa', ''],
  ];
  for (const [what, packet, ordinary] of video) {
    it(`video: ${what}`, () =>
      assert.equal(ordinaryVideo(hex(packet)).toString('hex'), ordinary.replaceAll(' ', '')));
  }

  const audio: readonly [what: string, packet: string, ordinary: string][] = [
    ['a legacy packet is left as it is', 'af 01 aa', 'af 01 aa'],
    ['Opus is left as it is', `91 ${OPUS} aa`, `91 ${OPUS} aa`],
    ["AAC's header", `90 ${MP4A} 1190`, 'af 00 1190'],
    ["AAC's frame", `91 ${MP4A} aa`, 'af 01 aa'],
    ['one track, the first', `95 01 ${OPUS} 00 aa`, `91 ${OPUS} aa`],
    ['one track, the second', `95 01 ${MP4A} 01 aa`, ''],
    ['two tracks', `95 11 ${MP4A} 01 000001 cc 00 000002 aabb`, 'af 01 aabb'],
    ['two tracks of two codecs', `95 21 ${MP4A} 00 000002 aabb ${OPUS} 01 000001 cc`, 'af 01 aabb'],
  ];
  for (const [what, packet, ordinary] of audio) {
    it(`audio: ${what}`, () =>
      assert.equal(ordinaryAudio(hex(packet)).toString('hex'), ordinary.replaceAll(' ', '')));
  }

  it('takes any bytes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(0x96, 0x97, 0x91, 0x95),
        fc.uint8Array({ maxLength: 40 }),
        (first, rest) => {
          const payload = Buffer.from([first, ...rest]);
          assert.ok(ordinaryVideo(payload).length <= payload.length + 4);
          assert.ok(ordinaryAudio(payload).length <= payload.length + 4);
          parseVideoPayload(ordinaryVideo(payload));
        },
      ),
    );
  });
});
