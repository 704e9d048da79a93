import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { eventually } from './wait.js';

/** One packet as received by an independent viewer. */
export interface ViewedPacket {
  readonly stream: 'video' | 'audio';
  /** ms. */
  readonly ptsMs: number;
  readonly dtsMs: number;
  readonly keyframe: boolean;
  /** Bytes. */
  readonly size: number;
  /** `performance.now()` when it was received. */
  readonly arrivedAtMs: number;
}

export interface ViewerReport {
  readonly videoPackets: number;
  readonly audioPackets: number;
  /** Longest time without a new frame, ms of wall clock. */
  readonly longestGapMs: number;
  /** Packets whose DTS is not greater than that of the previous packet of their track. */
  readonly backwards: number;
  /** Longest step between the DTS of two consecutive frames, ms of media. */
  readonly longestStepMs: number;
  /** Duration of the sound received after the first frame, counted in AAC frames of 48 kHz, ms. */
  readonly soundMs: number;
  /** DTS of the last frame minus that of the first, ms. */
  readonly frameMs: number;
}

/** An independent viewer: ffprobe reading the stream from the live server. */
export interface LiveViewer {
  readonly packets: readonly ViewedPacket[];
  /** Whether ffprobe is still reading; it exits when the server ends the stream. */
  readonly watching: boolean;
  /** Waits for the packet, counting from the first one after the call. */
  next(what: (packet: ViewedPacket) => boolean, deadlineMs?: number): Promise<ViewedPacket>;
  /** Summarizes the packets received since `sinceMs` (`performance.now()`). */
  report(sinceMs?: number): ViewerReport;
  stop(): Promise<void>;
}

export interface ViewerOptions {
  /** Of ffprobe, for the input. */
  readonly options?: readonly string[];
  /** Words to put before the command, such as those that run it in a network namespace. */
  readonly within?: readonly string[];
}

/**
 * Starts watching. ffprobe prints each packet when it receives it: `stdbuf` makes its output line-buffered, since a pipe
 * would buffer 4 KiB. It first analyses the stream until it knows video and audio, which with nginx-rtmp is at the next
 * keyframe; the packets until then are printed together, and later ones when they arrive. The analysis must be allowed to
 * take as long as a GOP: ffprobe never shows streams that it has not found by then.
 */
export function watchLive(url: string, { options = [], within = [] }: ViewerOptions = {}): LiveViewer {
  const [program = '', ...words] = [...within, 'stdbuf'];
  const child = spawn(
    program,
    [
      ...[...words, '-oL', 'ffprobe', '-loglevel', 'error'],
      ...['-probesize', '20000000', '-analyzeduration', '15000000', '-fpsprobesize', '0'],
      ...['-show_entries', 'packet=codec_type,pts_time,dts_time,size,flags'],
      ...['-of', 'compact=p=0', ...options, '-i', url],
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
