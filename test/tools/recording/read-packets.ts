import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A packet as the demuxer gives it, in the file's order. */
export interface Packet {
  readonly ptsMs: number;
  readonly dtsMs: number;
  /** 0 if unknown. */
  readonly durationMs: number;
}

export interface Packets {
  readonly video: readonly Packet[];
  readonly audio: readonly Packet[];
}

/** Reads the packets of the first video and the first audio track with ffprobe. Rejects if the file can't be read. */
export async function readPackets(file: string): Promise<Packets> {
  const child = spawn(
    'ffprobe',
    [
      ...['-v', 'error', '-show_entries', 'stream=index,codec_type'],
      ...['-show_entries', 'packet=stream_index,pts_time,dts_time,duration_time'],
      ...['-of', 'compact', file],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-2000);
  });
  const byStream = new Map<string, Packet[]>();
  const first = new Map<string, string>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [section, ...fields] = line.split('|');
    const values = Object.fromEntries(fields.map((field) => field.split('=', 2) as [string, string]));
    if (section === 'stream') {
      const type = values['codec_type'] ?? '';
      if (!first.has(type)) first.set(type, values['index'] ?? '');
      return;
    }
    if (section !== 'packet') return;
    const stream = values['stream_index'] ?? '';
    const packets = byStream.get(stream) ?? [];
    byStream.set(stream, packets);
    const read = packet(values);
    // The cover of a song has no time.
    if (!Number.isNaN(read.ptsMs)) packets.push(read);
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${file} cannot be read: ${complaints.trim()}`);
  const track = (type: string) => byStream.get(first.get(type) ?? 'none') ?? [];
  return { video: track('video'), audio: track('audio') };
}

function packet(values: Record<string, string>): Packet {
  const ms = (name: string) => Number(values[name]) * 1000;
  const dtsMs = ms('dts_time');
  const ptsMs = ms('pts_time');
  const durationMs = ms('duration_time');
  return {
    dtsMs: Number.isNaN(dtsMs) ? ptsMs : dtsMs,
    ptsMs: Number.isNaN(ptsMs) ? dtsMs : ptsMs,
    durationMs: Number.isNaN(durationMs) ? 0 : durationMs,
  };
}
