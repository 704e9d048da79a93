import { setTimeout as wait } from 'node:timers/promises';
import { FfmpegChild } from '../../encoder/ffmpeg-child.js';
import { explainFfmpegExit, type FfmpegExit } from '../../encoder/ffmpeg-errors.js';
import { findFfmpeg } from '../../encoder/ffmpeg-resolver.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { CliContext } from '../cli-context.js';
import type { JsonOptions } from '../options.js';
import { StopSignals } from '../stop-signals.js';
import { type Latency, LatencyMeter } from './latency-meter.js';

/** How long a server may take to the first bytes, ms. */
const START_MS = 15_000;
/** How long frames may come that do not say when they were taken, ms: as of another encoder before this one. */
const UNMARKED_MS = 5000;
const LOOK_MS = 50;

export interface LatencyOptions extends JsonOptions {
  readonly seconds: number;
}

/** `bulkhead latency`: reads a stream as a viewer does, and prints how late its frames arrive. */
export async function latency(
  url: string,
  { seconds, json }: LatencyOptions,
  context: CliContext,
): Promise<number> {
  const meter = new LatencyMeter();
  const stop = new StopSignals(context);
  const path = findFfmpeg(undefined, { environment: context.env });
  const ffmpeg = new FfmpegChild({
    path,
    // Any container that keeps frames whole; its probing is as short as it can be for a stream of H.264 or HEVC.
    args: [
      ...['-fflags', 'nobuffer', '-analyzeduration', '1000000', '-i', url],
      ...['-map', '0:v:0', '-c', 'copy', '-flush_packets', '1', '-f', 'nut', 'pipe:1'],
    ],
    stdin: 'ignore',
    stdout: 'pipe',
    ownProcessGroup: false,
    onLog: () => {},
  });
  let dataSinceMs: number | undefined;
  const reading = ffmpeg.read((bytes) => {
    dataSinceMs ??= performance.now();
    meter.push(bytes, Date.now());
  });
  try {
    const startMs = performance.now();
    const isOver = () => {
      const now = performance.now();
      if (meter.firstAtMs !== undefined) return Date.now() >= meter.firstAtMs + seconds * 1000;
      return now >= (dataSinceMs === undefined ? startMs + START_MS : dataSinceMs + UNMARKED_MS);
    };
    let exit: FfmpegExit | undefined;
    void reading.then((end) => {
      exit = end;
    });
    while (exit === undefined && !stop.requested.aborted && !isOver())
      await wait(LOOK_MS, undefined, { signal: stop.requested }).catch(() => {});
    if (exit !== undefined && dataSinceMs === undefined)
      throw explainFfmpegExit(exit, { type: 'url', url }, path);
  } finally {
    stop.dispose();
    ffmpeg.kill();
    await reading;
  }
  const result = meter.latency;
  if (result === undefined) throw noTimestamps(meter, dataSinceMs !== undefined);
  if (json === true) context.stdout.json(result, 2);
  else context.stdout.line(...latencyLines(result));
  return ExitCodes.ok;
}

function noTimestamps(meter: LatencyMeter, hasData: boolean): BulkheadError {
  if (meter.firstAtMs !== undefined) {
    return new BulkheadError(ErrorCodes.inputUnreachable, 'the stream ended before anything was measured', {
      remedy: 'Measure for a longer time, with --seconds.',
    });
  }
  const message = hasData
    ? 'the frames of this stream do not say when they were taken'
    : `nothing came within ${START_MS / 1000} s`;
  return new BulkheadError(hasData ? ErrorCodes.mediaInvalid : ErrorCodes.inputUnreachable, message, {
    remedy: hasData
      ? 'Set "precisionTimestamps": true in "video" of the configuration. A server that encodes the stream again removes them.'
      : 'Check the address.',
  });
}

/** As people read it. */
export function latencyLines({ frames, leastMs, medianMs, p95Ms, mostMs }: Latency): string[] {
  const ms = (value: number) => `${value} ms`.padStart(9);
  return [
    `median ${ms(medianMs)}`,
    `95 %   ${ms(p95Ms)}`,
    `least  ${ms(leastMs)}`,
    `most   ${ms(mostMs)}`,
    `of ${frames} frames`,
    ...(leastMs < 0
      ? ["A frame cannot arrive before it was taken: this computer's clock is behind the broadcaster's."]
      : []),
  ];
}
