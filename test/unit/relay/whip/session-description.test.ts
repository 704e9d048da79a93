import assert from 'node:assert/strict';
import { acceptedTracks, checkAccepted } from '../../../../src/relay/whip/session-description.js';

const OFFERED = { video: [96, 97], audio: [111] } as const;
const answer = (...lines: string[]) => ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', ...lines, ''].join('\r\n');

describe('the answer to an offer', () => {
  it('says what is taken, the best first', () => {
    const text = answer('m=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=recvonly', 'm=video 9 UDP/TLS/RTP/SAVPF 97 96');
    assert.deepEqual(acceptedTracks(text, OFFERED), { video: 97, audio: 111 });
  });

  it('refuses a track by its port, its direction, or without it', () => {
    const text = answer('m=video 0 UDP/TLS/RTP/SAVPF 96', 'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=inactive');
    assert.deepEqual(acceptedTracks(text, OFFERED), { video: undefined, audio: undefined });
    assert.deepEqual(acceptedTracks('anything', OFFERED), { video: undefined, audio: undefined });
    assert.deepEqual(acceptedTracks(answer('m=video 9 UDP/TLS/RTP/SAVPF 100'), OFFERED).video, undefined);
  });

  it('has to take both', () => {
    assert.equal(checkAccepted({ video: 96, audio: undefined }, false, 'h'), 96);
    assert.throws(
      () => checkAccepted({ video: 96, audio: undefined }, true, 'h'),
      /h does not take sound as Opus/,
    );
    assert.throws(() => checkAccepted({ video: undefined, audio: 111 }, true, 'h'), { code: 'output.codec' });
  });
});
