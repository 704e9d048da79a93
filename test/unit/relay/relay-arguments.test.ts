import assert from 'node:assert/strict';
import type { FfmpegTarget } from '../../../src/protocol/relay.js';
import { hiddenOptions, relayArguments } from '../../../src/relay/relay-arguments.js';

const SRT: FfmpegTarget = { kind: 'srt', host: '::1', port: 9000, mode: 'caller', latencyMs: 120 };
const SEGMENTS = { segmentSeconds: 4, playlistSegments: 6 };

/** The last argument: where to. */
const place = (target: FfmpegTarget) => relayArguments(target, false).at(-1);

describe('the arguments of a relay', () => {
  it('name where to send, with what is not secret', () => {
    assert.equal(
      place(SRT),
      'srt://[::1]:9000?mode=caller&latency=120000&pkt_size=1316&connect_timeout=5000',
    );
    assert.match(
      place({ ...SRT, host: '0.0.0.0', mode: 'listener' }) ?? '',
      /^srt:\/\/0\.0\.0\.0:9000\?mode=listener&.*listen_timeout=-1$/,
    );
    assert.match(
      place({ kind: 'udp', host: '239.0.0.1', port: 5, ttl: 3 }) ?? '',
      /^udp:\/\/239\.0\.0\.1:5\?.*&ttl=3$/,
    );
    assert.equal(
      place({ kind: 'rist', host: 'h', port: 5, profile: 'main', bufferMs: 700 }),
      'rist://h:5?buffer=700',
    );
    assert.equal(place({ kind: 'hls', folder: '/web', ...SEGMENTS }), '/web/stream.m3u8');
  });

  it('escape a folder that looks like a pattern of numbers', () => {
    const args = relayArguments({ kind: 'hls', folder: '/50%d', ...SEGMENTS }, true);
    assert.equal(args[args.indexOf('-hls_segment_filename') + 1], '/50%%d/segment-%d.ts');
  });

  it('copy, and read options from the file that they are given', () => {
    const args = relayArguments(SRT, false, '/dev/fd/3').join(' ');
    assert.match(args, / -c copy /);
    assert.match(args, / -fpre \/dev\/fd\/3 /);
    assert.doesNotMatch(relayArguments(SRT, false).join(' '), /-fpre/);
  });

  it('have a place for secrets, of those protocols that have them', () => {
    const secrets = {
      passphrase: 'a passphrase',
      streamId: '#!::r=a,m=publish',
      url: 'u',
      authorization: 'b',
    };
    assert.deepEqual(hiddenOptions('srt', secrets), [
      ['passphrase', 'a passphrase'],
      ['streamid', '#!::r=a,m=publish'],
    ]);
    assert.deepEqual(hiddenOptions('rist', secrets), [
      ['secret', 'a passphrase'],
      ['encryption', '128'],
    ]);
    for (const kind of ['udp', 'hls', 'hls-push'] as const)
      assert.deepEqual(hiddenOptions(kind, secrets), []);
  });
});
