import type { TextSink } from '../cli-context.js';

const CLEAR_LINE = '\r\x1b[K';

/** Lines, and on a terminal one last line that is written over in place. */
export class Terminal {
  private lastLine = '';

  constructor(private readonly sink: TextSink) {}

  get isInteractive(): boolean {
    return this.sink.isTTY === true;
  }

  /** Characters that fit on one line: a longer one would wrap and could not be written over. A pty may report 0 columns. */
  get width(): number {
    return (this.sink.columns || 80) - 1;
  }

  /** Prints a line for good, above the one that changes. */
  print(line: string): void {
    this.sink.write(this.lastLine === '' ? `${line}\n` : `${CLEAR_LINE}${line}\n${this.lastLine}`);
  }

  /** Writes the line that changes. Only for a terminal. */
  update(line: string): void {
    if (line === this.lastLine) return;
    this.lastLine = line;
    this.sink.write(`${CLEAR_LINE}${line}`);
  }

  /** Leaves the line that changes as it is. */
  finish(): void {
    if (this.lastLine !== '') this.sink.write('\n');
    this.lastLine = '';
  }
}
