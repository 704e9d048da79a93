import { StringDecoder } from 'node:string_decoder';

/** Maximum length of a line, characters; the rest up to the next line break is dropped. */
const MAX_LINE_LENGTH = 8192;

/** Splits a byte stream into lines of bounded length. Chunks may end anywhere, even within a character. */
export class LineSplitter {
  private readonly decoder = new StringDecoder('utf8');
  private readonly onLine: (line: string) => void;
  private readonly maxLength: number;
  private partial = '';
  private skipping = false;

  constructor(onLine: (line: string) => void, maxLength = MAX_LINE_LENGTH) {
    this.onLine = onLine;
    this.maxLength = maxLength;
  }

  push(chunk: Buffer): void {
    this.take(this.decoder.write(chunk));
  }

  /** The bytes after the last line break are a line as well. */
  end(): void {
    this.take(this.decoder.end());
    this.emit(this.partial);
    this.partial = '';
    this.skipping = false;
  }

  private take(text: string): void {
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      const rest = text.slice(start, end);
      start = end + 1;
      if (this.skipping) this.skipping = false;
      else this.emit(this.partial + rest);
      this.partial = '';
    }
    if (this.skipping) return;
    this.partial += text.slice(start);
    if (this.partial.length > this.maxLength) {
      this.emit(this.partial);
      this.partial = '';
      this.skipping = true;
    }
  }

  private emit(line: string): void {
    const text = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (text === '') return;
    this.onLine(text.length > this.maxLength ? `${text.slice(0, this.maxLength)} … (cut)` : text);
  }
}
