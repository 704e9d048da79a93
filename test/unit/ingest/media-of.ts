import type { PassThrough as Pipe } from 'node:stream';
import type { PublisherMedia } from '../../../src/core/ingest/publisher-session.js';

/** What is written to the pipe, as a media socket gives it. */
export function mediaOf(pipe: Pipe): PublisherMedia {
  return {
    read: (onChunk, onEnd) => {
      pipe.on('data', onChunk);
      pipe.once('close', onEnd);
    },
    retire: () => pipe.destroy(),
  };
}
