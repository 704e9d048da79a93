import { stripVTControlCharacters } from 'node:util';
import type { BroadcastState, NoticeParams, Status } from '../../protocol/control.js';
import type { Colors } from '../colors.js';
import { statusLine } from '../status-text.js';
import type { Terminal } from './terminal.js';

/** Where nothing can be written over, one line in this time unless the state changes, ms. */
const PLAIN_INTERVAL_MS = 30_000;

/** What a streamer sees of a broadcast: its page's address, one status line, and notices above it. */
export class BroadcastView {
  private pageUrl: string | undefined;
  private plain: { state: BroadcastState; uptimeMs: number } | undefined;

  constructor(
    private readonly terminal: Terminal,
    private readonly colors: Colors,
  ) {}

  print(line: string): void {
    this.terminal.print(line);
  }

  showStatus(status: Status): void {
    const pageUrl = status.liveServer?.pageUrl;
    if (pageUrl !== undefined && pageUrl !== this.pageUrl) {
      this.pageUrl = pageUrl;
      this.print(`Watch at ${this.colors.cyan(pageUrl)}`);
    }
    // The end is told in words.
    if (status.state === 'idle') return;
    if (this.terminal.isInteractive) {
      this.terminal.update(statusLine(status, this.colors, this.terminal.width));
      return;
    }
    const { state, uptimeMs } = status;
    const due = this.plain === undefined || Math.abs(uptimeMs - this.plain.uptimeMs) >= PLAIN_INTERVAL_MS;
    if (!due && state === this.plain?.state) return;
    this.plain = { state, uptimeMs };
    this.print(statusLine(status, this.colors));
  }

  showNotice({ severity, source, message, atMs }: NoticeParams): void {
    const paint = { info: this.colors.dim, warning: this.colors.yellow, error: this.colors.red }[severity];
    const time = new Date(atMs).toTimeString().slice(0, 8);
    this.print(`${this.colors.dim(time)} ${paint(`${printable(source)}: ${printable(message)}`)}`);
  }

  finish(): void {
    this.terminal.finish();
  }
}

/** Notices may come from plugins: they get no say over the terminal. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is taken out
  return stripVTControlCharacters(text).replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
}
