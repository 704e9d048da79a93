import type { BroadcastConfigInput } from '../../src/config/schema.js';
import type { Status } from '../../src/protocol/control.js';
import { descendantsOf } from '../../test/support/children.js';

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

const encoders = ({ encoder }: Status) => [
  encoder.videoPid,
  encoder.audioPid,
  encoder.heldVideoPid,
  encoder.heldAudioPid,
];

const video: Victim = {
  name: 'the video encoder',
  pid: ({ encoder }) => encoder.videoPid ?? encoder.ffmpegPid,
};
const audio: Victim = { name: 'the AAC encoder', pid: ({ encoder }) => encoder.audioPid };
/** In the direct pipeline there is none: the one ffmpeg reads and encodes. */
const source: Victim = {
  name: 'the source',
  pid: (status) =>
    status.encoder.videoPid === undefined
      ? status.encoder.ffmpegPid
      : descendantsOf(status.encoder.pid)
          .filter(({ pid, command }) => !encoders(status).includes(pid) && command.includes('ffmpeg'))
          .map(({ pid }) => pid)
          .sort((a, b) => a - b)[0],
};
const encoderProcess: Victim = { name: 'the encoder process', pid: ({ encoder }) => encoder.pid };
const publisher: Victim = { name: 'the publisher', pid: (_status, pid) => pid };
const liveServer: Victim = { name: 'the live server', pid: ({ liveServer: server }) => server?.pid };

export const ACTS: readonly Act[] = [
  {
    name: 'two recordings',
    published: 'no',
    input: ({ file }) => ({ type: 'file', path: file }),
    victims: [video, audio, source, encoderProcess],
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
