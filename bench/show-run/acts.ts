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

/** A broadcast of one input. */
export interface Act {
  readonly name: string;
  /** Whether something publishes that input: to the `server`, or to the ingest. */
  readonly published: 'no' | 'to the server' | 'to the ingest';
  readonly input: (place: { file: string; sourceUrl: string }) => BroadcastConfigInput['input'];
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
    input: ({ file }) => ({ type: 'file', path: file }),
    victims: [video, audio, source, soundSource, encoderProcess],
  },
  {
    name: 'a live RTMP source',
    published: 'to the server',
    input: ({ sourceUrl }) => ({ type: 'url', url: sourceUrl }),
    victims: [video, publisher, audio, source, encoderProcess],
  },
  {
    name: 'an ingest',
    published: 'to the ingest',
    input: () => ({ type: 'ingest', key: 'env:BENCH_INGEST_KEY' }),
    victims: [publisher, liveServer, encoderProcess],
  },
];
