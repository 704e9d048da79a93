import assert from 'node:assert/strict';
import { parseLogLine } from '../../../src/encoder/log-line.js';
import type { FfmpegTarget } from '../../../src/protocol/relay.js';
import { explainRelayEnd } from '../../../src/relay/explain-relay-end.js';

const SRT: FfmpegTarget = { kind: 'srt', host: '::1', port: 9000, mode: 'caller', latencyMs: 120 };
const UDP: FfmpegTarget = { kind: 'udp', host: 'hall', port: 5 };
const HLS: FfmpegTarget = { kind: 'hls', folder: '/web', segmentSeconds: 4, playlistSegments: 6 };

describe('why a relay has ended', () => {
  const explain = (target: FfmpegTarget, lines: readonly string[], wasOpen = false, ended: object = {}) => {
    const exit = { code: 1, signal: null, spawnError: undefined, log: lines.map(parseLogLine), ...ended };
    const { code, message, remedy } = explainRelayEnd(exit, target, wasOpen);
    assert.ok(remedy);
    return `${code} ${message}`;
  };

  // As ffmpeg 5.1 and the build of December 2018 write it.
  for (const [target, line, expected] of [
    [
      SRT,
      '[srt @ 0x1] [error] Connection to srt://[::1]:9000?mode=caller failed: Input/output error',
      'output.unreachable Nothing answers at [::1]:9000, or it refuses the passphrase.',
    ],
    [
      SRT,
      "[fatal] /dev/fd/3: Invalid option or argument: 'passphrase=***",
      'ffmpeg.unsupported This ffmpeg cannot send by SRT.',
    ],
    [SRT, '[error] srt://h:1: Protocol not found', 'ffmpeg.unsupported This ffmpeg cannot send by SRT.'],
    [
      UDP,
      '[udp @ 0x1] [error] Failed to resolve hostname hall: Name or service not known',
      'output.unreachable The host of hall:5 is not known.',
    ],
    [UDP, '[error] udp://hall:5: Network is unreachable', 'output.unreachable hall:5 cannot be reached.'],
    [
      HLS,
      '[hls @ 0x1] [error] failed to write: No space left on device',
      'storage.failed The disk of the folder /web is full.',
    ],
    [
      HLS,
      "[hls @ 0x1] [error] Failed to open file '/web/segment-1.ts.tmp': Permission denied",
      'storage.failed the folder /web cannot be written to.',
    ],
    [UDP, '[error] something new', 'output.unreachable ffmpeg could not send to hall:5: something new'],
  ] as const) {
    it(`is that ${expected.replace(/^\S+ /, '')}`, () => assert.equal(explain(target, [line]), expected));
  }

  it('is the signal, or the other side', () => {
    assert.match(
      explain(UDP, [], true, { code: null, signal: 'SIGKILL' }),
      /^process\.failed .*ended by SIGKILL$/,
    );
    assert.equal(explain(SRT, [], true), 'output.closed [::1]:9000 closed the connection');
    assert.equal(
      explain(UDP, []),
      'output.unreachable ffmpeg could not send to hall:5: it ended with code 1',
    );
    assert.match(
      explain(UDP, [], false, { spawnError: new Error('ENOENT') }),
      /^ffmpeg\.failedToStart .*ENOENT/,
    );
  });
});
