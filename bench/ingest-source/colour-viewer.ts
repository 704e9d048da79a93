import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A frame as a viewer has decoded it. */
export interface SeenFrame {
  /** Mean brightness, 0 to 255. */
  readonly luma: number;
  /** `performance.now()` when it was there. */
  readonly arrivedAtMs: number;
}

export interface ColourViewer {
  readonly last: SeenFrame | undefined;
  /** The first frame since then whose brightness is as asked for. */
  since(fromMs: number, is: (luma: number) => boolean): SeenFrame | undefined;
  stop(): Promise<void>;
}

/** Decodes a live stream as a viewer would, and sees how bright each frame is. */
export function watchColours(url: string): ColourViewer {
  const child = spawn(
    'ffmpeg',
    [
      ...['-nostdin', '-v', 'error', '-fflags', 'nobuffer', '-fpsprobesize', '0', '-threads', '1', '-i', url],
      ...['-map', '0:v', '-vf', 'scale=1:1:flags=area,format=gray', '-vsync', 'passthrough'],
      ...['-enc_time_base', '1:1000', '-flush_packets', '1', '-f', 'rawvideo', '-'],
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const closed = once(child, 'close');
  const frames: SeenFrame[] = [];
  child.stdout.on('data', (bytes: Buffer) => {
    const arrivedAtMs = performance.now();
    for (const luma of bytes) frames.push({ luma, arrivedAtMs });
  });
  return {
    get last() {
      return frames.at(-1);
    },
    since: (fromMs, is) => frames.find(({ luma, arrivedAtMs }) => arrivedAtMs >= fromMs && is(luma)),
    stop: async () => {
      child.kill('SIGKILL');
      await closed;
    },
  };
}
