import assert from 'node:assert/strict';
import { readFlight } from '../../../src/core/flight/flight-file.js';
import { FlightRecorder } from '../../../src/core/flight/flight-recorder.js';
import { Timeline } from '../../../src/core/timeline/timeline.js';
import { FLV_PREAMBLE, flvTag } from '../../../src/media/flv-writer.js';
import type { StreamTag } from '../../../src/media/stream-tag.js';
import { AAC_HEADER, aacFrame, avcFrame, avcHeader } from '../../support/flv.js';
import { airOf, replayFlight } from '../../support/replayed-flight.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe('a flight record', () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('replayed');
  });

  afterEach(() => folder.dispose());

  it('has what the timeline needs to do the same again: two encoders, one after the other', async () => {
    let path = '';
    const flight = new FlightRecorder({
      folder: folder.path,
      version: '1',
      onWritten: (written) => {
        path = written;
      },
      onFailed: (error) => assert.fail(error),
    });
    const timeline = new Timeline();
    const aired: StreamTag[] = [];
    timeline.onTag((tag) => {
      aired.push(tag);
      flight.push(tag);
    });
    const atMs = performance.now();
    for (const [run, frames] of [40, 60].entries()) {
      const epoch = timeline.beginEpoch({ onTag: (tag) => flight.packet(epoch.number, tag) });
      const startMs = atMs + run * 1600;
      const send = (carrier: 'audio' | 'video', ms: number, payload: Buffer) =>
        epoch.write(flvTag(carrier, ms, payload), startMs + ms);
      epoch.write(FLV_PREAMBLE, startMs);
      send('video', 0, avcHeader(run));
      send('audio', 0, AAC_HEADER);
      for (let frame = 0; frame < frames; frame++) {
        send('video', frame * 40, avcFrame(frame % 25 === 0 ? 'keyframe' : 'interframe', frame));
        send('audio', frame * 40 + 3, aacFrame(frame));
      }
      epoch.end();
    }
    timeline.dispose();
    flight.crashed('encoder', 'killed');
    await flight.settle(10_000);
    flight.dispose();
    const record = await readFlight(path);
    const again = replayFlight(record);
    assert.deepEqual(
      again.map(({ kind, timestampMs, payload }) => [kind, timestampMs, payload.toString('base64')]),
      aired.map(({ kind, timestampMs, payload }) => [kind, timestampMs, payload.toString('base64')]),
    );
    assert.deepEqual(
      airOf(record),
      aired.map(({ kind, timestampMs }) => `${kind} ${timestampMs}`),
    );
  });
});
