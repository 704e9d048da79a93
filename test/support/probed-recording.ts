import { spawnSync } from 'node:child_process';

export interface RecordedPacket {
  readonly stream: 'video' | 'audio';
  readonly ptsMs: number;
  readonly durationMs: number;
}

/** What ffprobe finds in a recording. Throws if it says that something is wrong with it. */
export function probeRecording(file: string): {
  readonly packets: readonly RecordedPacket[];
  readonly durationMs: number;
  readonly chapters: readonly { readonly startMs: number; readonly title: string }[];
} {
  const args = ['-v', 'error', '-show_packets', '-show_chapters', '-show_format', '-of', 'json', file];
  const { status, stdout, stderr } = spawnSync('ffprobe', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0 || stderr !== '') throw new Error(`ffprobe ${file}: ${stderr}`);
  const { packets, format, chapters } = JSON.parse(stdout) as {
    packets: { codec_type: 'video' | 'audio'; pts_time: string; duration_time?: string }[];
    format: { duration: string };
    chapters: { start_time: string; tags?: { title?: string } }[];
  };
  return {
    packets: packets.map(({ codec_type, pts_time, duration_time = '0' }) => ({
      stream: codec_type,
      ptsMs: Number(pts_time) * 1000,
      durationMs: Number(duration_time) * 1000,
    })),
    durationMs: Number(format.duration) * 1000,
    chapters: chapters.map(({ start_time, tags }) => ({
      startMs: Number(start_time) * 1000,
      title: tags?.title ?? '',
    })),
  };
}

/** Frames of sound that are missing or there twice, where each should follow the one before. */
export function soundFaults(
  packets: readonly RecordedPacket[],
  frameMs: number,
): { missing: number; repeated: number } {
  const times = packets.filter(({ stream }) => stream === 'audio').map(({ ptsMs }) => ptsMs);
  let [missing, repeated] = [0, 0];
  for (let index = 1; index < times.length; index++) {
    const steps = Math.round(((times[index] ?? 0) - (times[index - 1] ?? 0)) / frameMs);
    if (steps < 1) repeated++;
    else missing += steps - 1;
  }
  return { missing, repeated };
}
