import { injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import { printable, printableLines } from '../../base/printable.js';
import type { NoticeParams } from '../../protocol/control.js';
import type { NoticeSink } from './notice-sink.js';

/** How many past notices a client gets when it connects. */
const KEPT = 50;

/** Notices for the streamer, sent to connected clients and to those that connect later. */
@injectable()
export class Notices implements NoticeSink, Disposable {
  private readonly emitter = new Emitter<NoticeParams>();
  private readonly kept: NoticeParams[] = [];
  readonly onNotice: Event<NoticeParams> = this.emitter.event;

  notice(params: Omit<NoticeParams, 'atMs'>): void {
    const { source, message } = params;
    const notice = {
      ...params,
      source: printable(source),
      message: printableLines(message),
      atMs: Date.now(),
    };
    this.kept.push(notice);
    if (this.kept.length > KEPT) this.kept.shift();
    this.emitter.fire(notice);
  }

  /** The last notices, oldest first. */
  recent(): readonly NoticeParams[] {
    return this.kept;
  }

  dispose(): void {
    this.emitter.dispose();
  }
}
