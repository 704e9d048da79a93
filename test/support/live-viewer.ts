import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { eventually } from './wait.js';

/** One packet as an independent viewer got it. */
export interface ViewedPacket {
  readonly stream: 'video' | 'audio';
  /** ms. */
  readonly ptsMs: number;
  readonly dtsMs: number;
  readonly keyframe: boolean;
  /** Bytes. */
  readonly size: number;
  /** `performance.now()` when the viewer had it. */
  readonly arrivedAtMs: number;
}

export interface ViewerReport {
  readonly videoPackets: number;
  readonly audioPackets: number;
  /** Longest time without a new frame, ms of wall clock. */
  readonly longestGapMs: number;
  /** Packets whose DTS is not above that of their track's packet before. */
  readonly backwards: number;
  /** Longest step between the DTS of two frames in a row, ms of media. */
  readonly longestStepMs: number;
  /** Length of the sound that came after the first frame, counted in AAC frames of 48 kHz, ms. */
  readonly soundMs: number;
  /** DTS of the last frame less that of the first, ms. */
  readonly frameMs: number;
}

/** A viewer that is not of this project: ffprobe reading the stream from the live server. */
export interface LiveViewer {
  readonly packets: readonly ViewedPacket[];
  /** Whether ffprobe still reads; it ends when the server ends the stream. */
  readonly watching: boolean;
  /** Waits for the packet, counting from the first one after the call. */
  next(what: (packet: ViewedPacket) => boolean, deadlineMs?: number): Promise<ViewedPacket>;
  /** Sums up the packets that arrived from `sinceMs` (`performance.now()`) on. */
  report(sinceMs?: number): ViewerReport;
  stop(): Promise<void>;
}

/**
 * Starts to watch. ffprobe prints each packet when it has it: `stdbuf` makes its output line-buffered, since a pipe would
 * hold 4 KiB back. It first looks until it knows video and audio, which with nginx-rtmp is the next keyframe; what
 * came until then arrives together, and from then on the time of arrival is that of the network. It must be allowed to
 * look for as long as a GOP may be: a stream that it does not find then, it never shows.
 */
export function watchLive(url: string): LiveViewer {
  const child = spawn(
    'stdbuf',
    [
      ...['-oL', 'ffprobe', '-loglevel', 'error'],
      ...['-probesize', '20000000', '-analyzeduration', '15000000', '-fpsprobesize', '0'],
      ...['-show_entries', 'packet=codec_type,pts_time,dts_time,size,flags'],
      ...['-of', 'compact=p=0', '-i', url],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const closed = once(child, 'close');
  const packets: ViewedPacket[] = [];
  let watching = true;
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-2000);
  });
  child.once('close', () => {
    watching = false;
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const packet = parse(line, performance.now());
    if (packet !== undefined) packets.push(packet);
  });

  return {
    packets,
    get watching() {
      return watching;
    },
    next: (what, deadlineMs) => {
      const from = packets.length;
      const probe = () => {
        const found = packets.slice(from).find(what);
        if (found === undefined && !watching) throw new Error(`the viewer has ended: ${complaints}`);
        return found;
      };
      return eventually(`the viewer of ${url} gets the packet`, probe, deadlineMs);
    },
    report: (sinceMs = 0) => summarize(packets.filter(({ arrivedAtMs }) => arrivedAtMs >= sinceMs)),
    stop: async () => {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

function parse(line: string, arrivedAtMs: number): ViewedPacket | undefined {
  const fields = new Map(line.split('|').map((field) => field.split('=', 2) as [string, string]));
  const stream = fields.get('codec_type');
  if (stream !== 'video' && stream !== 'audio') return undefined;
  const ms = (name: string) => Math.round(Number(fields.get(name)) * 1000);
  return {
    stream,
    ptsMs: ms('pts_time'),
    dtsMs: ms('dts_time'),
    keyframe: fields.get('flags')?.startsWith('K') === true,
    size: Number(fields.get('size')),
    arrivedAtMs,
  };
}

function summarize(packets: readonly ViewedPacket[]): ViewerReport {
  const video = packets.filter(({ stream }) => stream === 'video');
  const audio = packets.filter(({ stream }) => stream === 'audio');
  const firstMs = video[0]?.dtsMs ?? 0;
  return {
    videoPackets: video.length,
    audioPackets: audio.length,
    longestGapMs: Math.max(0, ...steps(video, ({ arrivedAtMs }) => arrivedAtMs)),
    backwards: [video, audio]
      .flatMap((track) => steps(track, ({ dtsMs }) => dtsMs))
      .filter((step) => step <= 0).length,
    longestStepMs: Math.max(0, ...steps(video, ({ dtsMs }) => dtsMs)),
    soundMs: (audio.filter(({ dtsMs }) => dtsMs >= firstMs).length * 1024) / 48,
    frameMs: (video.at(-1)?.dtsMs ?? firstMs) - firstMs,
  };
}

function steps(packets: readonly ViewedPacket[], of: (packet: ViewedPacket) => number): number[] {
  return packets.slice(1).map((packet, i) => of(packet) - of(packets[i] ?? packet));
}
