import { defaultAddress } from '../../config/address.js';
import { ingestKeyFile, readIngestKey } from '../../config/ingest-key-file.js';
import type { NoticeParams } from '../../protocol/control.js';
import type { IngestStatus } from '../../protocol/status/ingest-status.js';
import type { Status } from '../../protocol/status/status.js';
import type { CliContext } from '../cli-context.js';
import { actionList, answerHint } from '../question-text.js';
import { loopHint, problemText, statusLine } from '../status-text.js';
import type { Printer } from '../terminal/printer.js';
import { type Content, cyan, dim, red, styled, yellow } from '../terminal/styled.js';

/** If lines cannot be overwritten, one line in this interval unless something changes, ms. */
const PLAIN_INTERVAL_MS = 30_000;
/**
 * A part that fails and restarts changes several times a second: only states that last this long get a line, ms.
 */
const SETTLE_MS = 2000;

/** The display of a broadcast for the streamer: its page's address, one status line, and notices above it. */
export class BroadcastView {
  private pageUrl: string | undefined;
  /** The addresses that have been shown, by ingest id. */
  private readonly ingests = new Map<string, string>();
  private loopHint: string | undefined;
  private logFile: string | undefined;
  private plain: { readonly state: string; readonly problems: string; readonly uptimeMs: number } | undefined;

  constructor(
    private readonly printer: Printer,
    /** The control socket, if it is not the default one. */
    private readonly address?: string,
  ) {}

  print(line: Content): void {
    this.printer.line(line);
  }

  showStatus(status: Status): void {
    this.logFile = status.core.logFile;
    const pageUrl = status.liveServer?.pageUrl;
    if (pageUrl !== undefined && pageUrl !== this.pageUrl) {
      this.pageUrl = pageUrl;
      this.print(styled`Watch at ${cyan(pageUrl)}`);
    }
    for (const ingest of status.ingests) this.showIngest(ingest);
    const hint = loopHint(status);
    if (hint !== undefined && hint !== this.loopHint) {
      this.loopHint = hint;
      this.print(hint);
    }
    // The end has its own message.
    if (status.state === 'idle') return;
    if (this.printer.isInteractive) {
      this.printer.update(statusLine(status, this.printer.width));
      return;
    }
    const { state, uptimeMs } = status;
    const problems = problemText(status);
    if (this.plain !== undefined) {
      const sinceMs = Math.abs(uptimeMs - this.plain.uptimeMs);
      const sameProblems = problems === this.plain.problems || sinceMs < SETTLE_MS;
      if (state === this.plain.state && sameProblems && sinceMs < PLAIN_INTERVAL_MS) return;
    }
    this.plain = { state, problems, uptimeMs };
    this.print(statusLine(status));
  }

  /** What to enter in the publishing program. The key is only for the streamer, not for a log. */
  private showIngest({ id, url, hasMadeKey }: IngestStatus): void {
    if (url === '' || this.ingests.get(id) === url) return;
    this.ingests.set(id, url);
    this.print(styled`Publish to ${cyan(url)}`);
    if (!hasMadeKey) this.print(dim('  with the stream key of your configuration'));
    else if (!this.printer.isInteractive) this.print(dim(`  with the stream key in ${ingestKeyFile(id)}`));
    else this.print(styled`  with the stream key ${cyan(readIngestKey(id) ?? `in ${ingestKeyFile(id)}`)}`);
  }

  showNotice({ severity, source, message, question, atMs }: NoticeParams): void {
    const paint = { info: dim, warning: yellow, error: red }[severity];
    const time = new Date(atMs).toTimeString().slice(0, 8);
    this.print(styled`${dim(time)} ${paint(`${source}: ${message}`)}`);
    if (severity !== 'info' && /\bthe log\b/i.test(message)) this.showLogFile();
    if (question === undefined) return;
    const { actions } = question;
    const choices = actions.length === 0 ? '' : `${actionList(actions)}   `;
    this.print(styled`         ${choices}${dim(answerHint(question, this.address))}`);
  }

  /** Where the log is, for a message that refers to it. */
  showLogFile(): void {
    if (this.logFile !== undefined) this.print(dim(`The log: ${this.logFile}`));
  }

  finish(): void {
    this.printer.finish();
  }
}

/** The display of a broadcast whose core is at the address. */
export function viewOf(address: string, { stdout, env }: CliContext): BroadcastView {
  return new BroadcastView(stdout, address === defaultAddress(env) ? undefined : address);
}
