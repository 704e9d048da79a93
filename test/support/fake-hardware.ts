import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The ffmpeg on the PATH, whose "h264_nvenc" is libx264 and can be broken. */
export interface FakeHardware {
  readonly path: string;
  /** What is in the command line of a process that encodes in this hardware. */
  readonly mark: string;
  break(): void;
  repair(): void;
}

const MARK = '-metadata encoded_in=hardware';

export function fakeHardware(folder: string): FakeHardware {
  const path = join(folder, 'ffmpeg-with-hardware');
  const broken = join(folder, 'broken');
  writeFileSync(
    path,
    `#!/bin/bash
# All options from "-c:v h264_nvenc" to the bitrate are NVENC's own.
arguments=()
for argument in "$@"; do
  if [ "$argument" = h264_nvenc ]; then
    hardware=1 own=1
    arguments+=(libx264 -preset ultrafast -tune zerolatency ${MARK})
  elif [ "$argument" = -b:v ]; then
    own=
  fi
  [ -z "$own" ] && arguments+=("$argument")
done
if [ -n "$hardware" ] && [ -e '${broken}' ]; then
  head -c 100000 >/dev/null
  echo '[h264_nvenc @ 0x1] [error] OpenEncodeSessionEx failed: no encode device (1)' >&2
  exit 1
fi
exec ffmpeg "\${arguments[@]}"
`,
  );
  chmodSync(path, 0o755);
  return {
    path,
    mark: MARK,
    break: () => writeFileSync(broken, ''),
    repair: () => rmSync(broken, { force: true }),
  };
}
