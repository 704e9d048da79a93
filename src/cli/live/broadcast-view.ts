import { defaultAddress } from '../../config/address.js';
import type { BroadcastState, NoticeParams, Status } from '../../protocol/control.js';
import type { CliContext } from '../cli-context.js';
import { type Colors, colorsFor } from '../colors.js';
import { printable } from '../printable.js';
import { actionList, answerHint } from '../question-text.js';
import { statusLine } from '../status-text.js';
import { Terminal } from './terminal.js';

/** Where nothing can be written over, one line in this time unless the state changes, ms. */
const PLAIN_INTERVAL_MS = 30_000;

/** What a streamer sees of a broadcast: its page's address, one status line, and notices above it. */
export class BroadcastView {
  private pageUrl: string | undefined;
  private plain: { state: BroadcastState; uptimeMs: number } | undefined;

  constructor(
    private readonly terminal: Terminal,
    private readonly colors: Colors,
    /** The control socket, where it is not the default one. */
    private readonly address?: string,
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

  showNotice({ severity, source, message, question, atMs }: NoticeParams): void {
    const paint = { info: this.colors.dim, warning: this.colors.yellow, error: this.colors.red }[severity];
    const time = new Date(atMs).toTimeString().slice(0, 8);
    this.print(`${this.colors.dim(time)} ${paint(`${printable(source)}: ${printable(message)}`)}`);
    if (question === undefined) return;
    const { id, actions } = question;
    this.print(`         ${actionList(actions)}   ${this.colors.dim(answerHint(id, this.address))}`);
  }

  finish(): void {
    this.terminal.finish();
  }
}

/** The view of a broadcast whose core is at the address. */
export function viewOf(address: string, { stdout, env }: CliContext): BroadcastView {
  return new BroadcastView(
    new Terminal(stdout),
    colorsFor(stdout, env),
    address === defaultAddress(env) ? undefined : address,
  );
}
