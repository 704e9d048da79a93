import type {
  Container,
  ContainerSink,
  ContainerWriter,
  ScannedFile,
} from '../../src/media/containers/container.js';
import type { StreamTag } from '../../src/media/stream-tag.js';

interface Scanned extends ScannedFile {
  readonly lines: readonly string[];
}

/** A container for tests: a line for each tag, such as `keyframe 40`, and `end`. It writes what comes with each flush. */
export const textContainer: Container = {
  extension: '.mkv',
  begin: (sink) => new TextWriter(sink, []),
  scan: async (file) => {
    const text = (await file.read(0, file.size)).toString();
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    const lines = whole.split('\n').slice(0, -1);
    if (lines.length === 0) return undefined;
    const isComplete = lines.at(-1) === 'end';
    const kept = isComplete ? lines.slice(0, -1) : lines;
    const wholeBytes = kept.reduce((sum, line) => sum + line.length + 1, 0);
    const times = kept
      .filter((line) => /^(keyframe|interframe|audio) /.test(line))
      .map((line) => Number(line.split(' ')[1]));
    const [startMs = 0] = times;
    const found: Scanned = {
      wholeBytes,
      isComplete,
      startMs,
      endMs: (times.at(-1) ?? 0) - startMs,
      tracks: [],
      lines: kept,
    };
    return found;
  },
  resume: (sink, scanned) => new TextWriter(sink, (scanned as Scanned).lines),
};

class TextWriter implements ContainerWriter {
  private held: string[] = [];
  private readonly seen: Set<string>;
  private header: string | undefined;
  private isOther = false;

  constructor(
    private readonly sink: ContainerSink,
    lines: readonly string[],
  ) {
    this.seen = new Set(lines);
    this.header = lines.find((line) => line.startsWith('video-header'))?.split(' ')[1];
  }

  accepts(tag: StreamTag): boolean {
    return !this.isOther || tag.kind !== 'keyframe';
  }

  write({ kind, timestampMs, payload }: StreamTag): void {
    if (kind === 'video-header') {
      this.isOther = this.header !== undefined && this.header !== payload.toString();
      if (this.header !== undefined) return;
      this.header = payload.toString();
      this.add(`${kind} ${this.header}`);
    } else if (kind === 'keyframe' || kind === 'interframe' || kind === 'audio')
      this.add(`${kind} ${timestampMs}`);
  }

  chapter(timestampMs: number, title: string): void {
    this.add(`chapter ${timestampMs} ${title}`);
  }

  flush(): void {
    if (this.held.length > 0) this.sink.append(Buffer.from(`${this.held.join('\n')}\n`));
    this.held = [];
  }

  end(): void {
    this.flush();
    this.sink.append(Buffer.from('end\n'));
  }

  private add(line: string): void {
    if (this.seen.has(line)) return;
    this.seen.add(line);
    this.held.push(line);
  }
}
