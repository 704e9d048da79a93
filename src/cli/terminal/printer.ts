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
/** Sets colours and nothing else (SGR, ECMA-48 8.3.117). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape that colours begin with
const COLOR = /(\x1b\[[\d;]*m)/;

/**
 * The one way to standard output and standard error. Everything is made printable here, whoever wrote it; the only escape
 * sequences that leave are the printer's own.
 */
export class Printer {
  private readonly colors: ReturnType<typeof pc.createColors>;
  /** The line that {@link update} writes over; empty where there is none. */
  private lastLine = '';

  /** Colours for a terminal, none for anything else or where NO_COLOR (no-color.org) is set. */
  constructor(
    private readonly sink: TextSink,
    env: NodeJS.ProcessEnv,
  ) {
    const isColored = sink.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
    this.colors = pc.createColors(isColored);
  }

  /** Whether a line can be written over in place. */
  get isInteractive(): boolean {
    return this.sink.isTTY === true;
  }

  get hasColors(): boolean {
    return this.colors.isColorSupported;
  }

  /** Characters that fit on one line: a longer one would wrap and could not be written over. A pty may report 0 columns. */
  get width(): number {
    return (this.sink.columns || 80) - 1;
  }

  /** Undefined for anything but a terminal. */
  get columns(): number | undefined {
    return this.sink.columns;
  }

  /** Prints lines above the one that changes. A string may hold several. */
  line(...contents: readonly Content[]): void {
    const text = contents.map((content) => `${this.rendered(content)}\n`).join('');
    this.sink.write(this.lastLine === '' ? text : `${CLEAR_LINE}${text}${this.lastLine}`);
  }

  /** JSON for scripts, in which nothing is lost: what is not printable is escaped. */
  json(value: unknown, indent?: number): void {
    this.sink.write(`${printableJson(value, indent)}\n`);
  }

  /** Prints a piece of the output of another program, which may end anywhere in a line; its colours are kept on a terminal. */
  piece(text: string): void {
    const parts = text.split(COLOR).map((part, index) => {
      if (index % 2 === 0) return printableLines(part);
      return this.hasColors ? part : '';
    });
    this.sink.write(parts.join(''));
  }

  /** Writes the line that changes. Only for a terminal. */
  update(content: Styled): void {
    const line = this.rendered(content);
    if (line === this.lastLine) return;
    this.lastLine = line;
    this.sink.write(`${CLEAR_LINE}${line}`);
  }

  /** Leaves the line that changes as it is. */
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
