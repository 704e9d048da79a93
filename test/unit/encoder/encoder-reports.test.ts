import assert from 'node:assert/strict';
import { EncoderReports, type ReportedRun } from '../../../src/encoder/encoder-reports.js';
import type { EncoderProgress } from '../../../src/protocol/encoder.js';
import { FakeClock } from '../../support/fake-clock.js';

describe('what an encoder reports of its pace', () => {
  let clock: FakeClock;
  beforeEach(() => {
    clock = new FakeClock();
  });
  afterEach(() => clock.restore());

  it('is that of the last second, so that a drop late in a broadcast is seen', async () => {
    const video = { deliveredFrames: 1, skippedSlots: 0, livePid: 1, heldPid: 2, owedFrames: 0 };
    const writer = { bytesWritten: 1000 };
    const sent: EncoderProgress[] = [];
    const reports = new EncoderReports(
      {
        sendNotification: (_type: unknown, params: unknown) => {
          sent.push(params as EncoderProgress);
          return true;
        },
      } as never,
      {
        ...{ fps: 30, sources: { status: () => [] }, programme: { repeatedFrames: 0 }, writer },
        tracks: {
          ...{ video, audio: { livePid: 3, heldPid: 4 }, preset: 'x' },
          renditions: { measure: () => [] },
          sources: { measure: () => [] },
          buses: { pids: [] },
        } as unknown as ReportedRun['tracks'],
      },
    );
    const second = async (frames: number, bytes: number) => {
      await clock.pass(1000);
      video.deliveredFrames += frames;
      writer.bytesWritten += bytes;
      reports.reportProgress();
    };
    for (let count = 0; count < 100; count++) await second(30, 250_000);
    await second(10, 25_000);
    await second(0, 0);
    assert.deepEqual(
      sent.slice(-3).map(({ fps, bitrateKbps }) => [fps, bitrateKbps]),
      [
        [30, 2000],
        [10, 200],
        [0, 0],
      ],
    );
  });
});
