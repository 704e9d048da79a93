import pc from 'picocolors';
import { printableJson, printableLines } from '../../base/printable.js';
import { type Content, Styled } from './styled.js';

/** A terminal, a pipe or a file. */
export interface TextSink {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const CLEAR_LINE = '\r\x1b[K';
/** Matches colour sequences only (SGR, ECMA-48 8.3.117). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: colour sequences begin with an escape
const COLOR = /(\x1b\[[\d;]*m)/;

/**
 * The only writer to standard output and standard error. All text is made printable here, whatever its origin; the printer's
 * own escape sequences are the only ones written.
 */
export class Printer {
  private readonly colors: ReturnType<typeof pc.createColors>;
  /** The line that {@link update} overwrites; empty if there is none. */
  private lastLine = '';

  /** Uses colours on a terminal, unless NO_COLOR (no-color.org) is set. */
  constructor(
    private readonly sink: TextSink,
    env: NodeJS.ProcessEnv,
  ) {
    const isColored = sink.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
    this.colors = pc.createColors(isColored);
  }

  /** Whether a line can be overwritten in place. */
  get isInteractive(): boolean {
    return this.sink.isTTY === true;
  }

  get hasColors(): boolean {
    return this.colors.isColorSupported;
  }

  /** Columns available on one line: a longer line would wrap and could not be overwritten. A pty may report 0 columns. */
  get width(): number {
    return (this.sink.columns || 80) - 1;
  }

  /** Undefined if it is not a terminal. */
  get columns(): number | undefined {
    return this.sink.columns;
  }

  /** Prints lines above the status line. A string may contain several. */
  line(...contents: readonly Content[]): void {
    const text = contents.map((content) => `${this.rendered(content)}\n`).join('');
    this.sink.write(this.lastLine === '' ? text : `${CLEAR_LINE}${text}${this.lastLine}`);
  }

  /** JSON for scripts, without loss: characters that are not printable are escaped. */
  json(value: unknown, indent?: number): void {
    this.sink.write(`${printableJson(value, indent)}\n`);
  }

  /** Prints a piece of another program's output, which may end anywhere in a line; its colours are kept on a terminal. */
  piece(text: string): void {
    const parts = text.split(COLOR).map((part, index) => {
      if (index % 2 === 0) return printableLines(part);
      return this.hasColors ? part : '';
    });
    this.sink.write(parts.join(''));
  }

  /** Writes the status line. Only for a terminal. */
  update(content: Styled): void {
    const line = this.rendered(content);
    if (line === this.lastLine) return;
    this.lastLine = line;
    this.sink.write(`${CLEAR_LINE}${line}`);
  }

  /** Leaves the status line as it is. */
  finish(): void {
    if (this.lastLine !== '') this.sink.write('\n');
    this.lastLine = '';
  }

  private rendered(content: Content): string {
    return content instanceof Styled
      ? content.render((text, style) => this.colors[style](text))
      : printableLines(content);
  }
}
