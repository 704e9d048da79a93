import type { BroadcastConfigInput } from '../../src/config/schema.js';
import type { Status } from '../../src/protocol/control.js';
import { soundSourceOf, sourceOf } from '../support/studio-processes.js';

export const PIPELINES = ['direct', 'studio'] as const;
export type Pipeline = (typeof PIPELINES)[number];

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
  /** All of them in one file. */
  readonly joined: string;
  readonly sourceUrl: string;
}

/** A broadcast of one input. */
export interface Act {
  readonly name: string;
  /** Whether something publishes that input: to the `server`, or to the ingest. */
  readonly published: 'no' | 'to the server' | 'to the ingest';
  readonly config: (place: Place, pipeline: Pipeline) => BroadcastConfigInput;
  readonly victims: readonly Victim[];
}

export const INGEST_KEY = 'bench-show-run-key';

const video: Victim = {
  name: 'the video encoder',
  pid: ({ encoder }) => encoder.videoPid ?? encoder.ffmpegPid,
};
const audio: Victim = { name: 'the AAC encoder', pid: ({ encoder }) => encoder.audioPid };
/** In the direct pipeline there is none: the one ffmpeg reads and encodes. */
const source: Victim = { name: 'the source', pid: (status) => sourceOf(status) ?? status.encoder.ffmpegPid };
const soundSource: Victim = {
  name: "the source's sound",
  pid: (status) => (sourceOf(status) === undefined ? undefined : soundSourceOf(status)),
};
const encoderProcess: Victim = { name: 'the encoder process', pid: ({ encoder }) => encoder.pid };
const publisher: Victim = { name: 'the publisher', pid: (_status, pid) => pid };
const liveServer: Victim = { name: 'the live server', pid: ({ liveServer: server }) => server?.pid };

export const ACTS: readonly Act[] = [
  {
    name: 'two recordings',
    published: 'no',
    // The direct pipeline has no playlists.
    config: ({ files, joined }, pipeline) => ({
      input: pipeline === 'studio' ? { type: 'playlist', items: [...files] } : { type: 'file', path: joined },
    }),
    victims: [video, audio, source, soundSource, encoderProcess],
  },
  {
    name: 'a live RTMP source',
    published: 'to the server',
    // Nor has it sources that stand in for each other.
    config: ({ sourceUrl }, pipeline) =>
      pipeline === 'direct'
        ? { input: { type: 'url', url: sourceUrl } }
        : {
            input: { type: 'source', source: 'live' },
            sources: [
              { id: 'live', type: 'url', url: sourceUrl, fallback: 'soon-back' },
              { id: 'soon-back', type: 'colour' },
            ],
          },
    victims: [video, publisher, audio, source, encoderProcess],
  },
  {
    name: 'an ingest',
    published: 'to the ingest',
    config: () => ({ input: { type: 'ingest', key: 'env:BENCH_INGEST_KEY' } }),
    victims: [publisher, liveServer, encoderProcess],
  },
];
