import type { BroadcastConfigInput } from '../../src/config/schema.js';
import type { Status } from '../../src/protocol/status/status.js';
import { soundSourceOf, sourceOf } from '../support/studio-processes.js';

/** Something below the core, or what it reads, that is killed. */
export interface Victim {
  readonly name: string;
  /** Undefined while it does not run. */
  readonly pid: (status: Status, publisherPid: number | undefined) => number | undefined;
}

/** What an act can play. */
export interface Place {
  /** Recordings with marks; the numbers of each continue those of the one before. */
  readonly files: readonly string[];
  readonly sourceUrl: string;
}

/** A broadcast of one input. */
export interface Act {
  readonly name: string;
  /** Whether something publishes that input: to the `server`, or to the ingest. */
  readonly published: 'no' | 'to the server' | 'to the ingest';
  readonly config: (place: Place) => BroadcastConfigInput;
  readonly victims: readonly Victim[];
}

export const INGEST_KEY = 'bench-show-run-key';

const video: Victim = { name: 'the video encoder', pid: ({ encoder }) => encoder.videoPid };
const audio: Victim = { name: 'the AAC encoder', pid: ({ encoder }) => encoder.audioPid };
const source: Victim = { name: 'the source', pid: (status) => sourceOf(status) };
const soundSource: Victim = { name: "the source's sound", pid: (status) => soundSourceOf(status) };
const encoderProcess: Victim = { name: 'the encoder process', pid: ({ encoder }) => encoder.pid };
const publisher: Victim = { name: 'the publisher', pid: (_status, pid) => pid };
const liveServer: Victim = { name: 'the live server', pid: ({ liveServer: server }) => server?.pid };

export const ACTS: readonly Act[] = [
  {
    name: 'two recordings',
    published: 'no',
    config: ({ files }) => ({ input: { type: 'playlist', items: [...files] } }),
    victims: [video, audio, source, soundSource, encoderProcess],
  },
  {
    name: 'a live RTMP source',
    published: 'to the server',
    config: ({ sourceUrl }) => ({
      input: { type: 'source', source: 'live' },
      sources: [
        { id: 'live', type: 'url', url: sourceUrl, fallback: 'soon-back' },
        { id: 'soon-back', type: 'colour' },
      ],
    }),
    victims: [video, publisher, audio, source, encoderProcess],
  },
  {
    name: 'an ingest',
    published: 'to the ingest',
    config: () => ({ input: { type: 'ingest', key: 'env:BENCH_INGEST_KEY' } }),
    victims: [publisher, liveServer, encoderProcess],
  },
];
