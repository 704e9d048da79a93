import type { Status } from '../../src/protocol/status/status.js';
import { childrenOf } from '../../test/support/children.js';

/** Process id of the source on air: of the ffmpeg that reads its frames. Undefined while none runs. */
export function sourceOf({ sources }: Status): number | undefined {
  return sources[0]?.pid || undefined;
}

/** Process id of the ffmpeg that reads the sound of a file: the encoder process's child that is nothing else. */
export function soundSourceOf(status: Status): number | undefined {
  const { encoder, sources } = status;
  const others = [
    ...[encoder.videoPid, encoder.audioPid, encoder.heldVideoPid, encoder.heldAudioPid],
    ...sources.map(({ pid }) => pid),
  ];
  return childrenOf(encoder.pid)
    .filter(({ pid, command }) => !others.includes(pid) && command.includes('ffmpeg'))
    .map(({ pid }) => pid)
    .sort((a, b) => a - b)[0];
}
