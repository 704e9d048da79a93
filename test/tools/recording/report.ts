import type { RecordingCheck } from './check-recording.js';

/** The measurements in lines of text, the faults last. */
export function describeRecording(
  { file, decodeErrors, video, audio, av }: RecordingCheck,
  faults: readonly string[],
): string {
  const lines = [file];
  if (video !== undefined) {
    const { order } = video;
    lines.push(
      `  video: ${video.frames} frames of ${video.frameMs.toFixed(2)} ms, ${span(video)}, ${video.missingSlots} missing by timestamp, ` +
        `${video.stepsBack} timestamps back, longest gap ${ms(video.longestGapMs)}, longest still ${ms(video.longestStillMs)}`,
    );
    if (order !== undefined)
      lines.push(
        `  numbers: ${video.firstNumber} to ${video.lastNumber}, ${order.missing} missing, ${order.repeated} repeated, ` +
          `${order.outOfOrder} out of order, ${order.unreadable} unreadable, ${order.seams} seams, longest freeze ${ms(order.longestFreezeMs)}`,
      );
  }
  if (audio !== undefined)
    lines.push(
      `  sound: ${audio.packets} packets, ${span(audio)}, ${audio.beeps} beeps, ${audio.stepsBack} timestamps back, ` +
        `longest gap ${ms(audio.longestGapMs)}, longest silence ${ms(audio.longestSilenceMs)}`,
    );
  if (av !== undefined)
    lines.push(
      `  sound − frames: median ${ms(av.medianMs)}, worst ${ms(av.worstMs)} of ${av.readings.length} readings; ` +
        `start ${ms(av.startMs)}, end ${ms(av.endMs)}`,
    );
  lines.push(`  decode errors: ${decodeErrors.length}`);
  lines.push(...(faults.length === 0 ? ['  clean'] : faults.map((fault) => `  FAULT: ${fault}`)));
  return lines.join('\n');
}

function span({ firstMs, endMs }: { firstMs: number; endMs: number }): string {
  return `${(firstMs / 1000).toFixed(3)} to ${(endMs / 1000).toFixed(3)} s`;
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}
