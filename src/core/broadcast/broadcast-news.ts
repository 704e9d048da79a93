import type { Disposable } from 'vscode-jsonrpc';
import { DisposableStore } from '../../base/disposable-store.js';
import type { NoticeParams } from '../../protocol/control.js';
import type { BulkheadError } from '../../protocol/errors.js';
import type { Log } from '../log/log.js';
import type { NoticeSink } from '../streamer/notice-sink.js';
import type { EncoderStub } from '../stubs/encoder-stub.js';
import { isOfInput } from '../stubs/input-watch.js';
import type { LiveServerStub } from '../stubs/live-server-stub.js';

/** What the encoder says that changes nothing for the broadcast. */
type EncoderNews = Pick<
  EncoderStub,
  'onDidCrash' | 'onDidRecoverInput' | 'onDidFallBehind' | 'onDidCatchUp' | 'onDidHaveProblem'
>;

/** What happens during a broadcast, for the streamer and the log. */
export class BroadcastNews implements Disposable {
  private readonly watching: DisposableStore;

  constructor(
    encoder: EncoderNews,
    liveServer: Pick<LiveServerStub, 'onDidLoseAddress'>,
    private readonly notices: NoticeSink,
    private readonly log: Pick<Log, 'info' | 'warn' | 'error'>,
  ) {
    const ofEncoder = (error: BulkheadError) =>
      this.report('warning', isOfInput(error) ? 'input' : 'encoder', error);
    this.watching = new DisposableStore([
      encoder.onDidCrash(ofEncoder),
      encoder.onDidHaveProblem(ofEncoder),
      encoder.onDidRecoverInput((lostMs) => {
        const seconds = Math.max(1, Math.round(lostMs / 1000));
        this.tell('info', 'input', `It delivers, after ${seconds} s without a frame.`);
      }),
      encoder.onDidFallBehind((error) => this.report('warning', 'encoder', error)),
      encoder.onDidCatchUp((message) => this.tell('info', 'encoder', message)),
      liveServer.onDidLoseAddress((error) => this.report('warning', 'live-server', error)),
    ]);
  }

  report(severity: 'warning' | 'error', source: string, error: BulkheadError): void {
    this.tell(severity, source, error.sentence, error.code);
  }

  tell(severity: NoticeParams['severity'], source: string, message: string, code?: string): void {
    this.notices.notice({ severity, source, message });
    const level = severity === 'warning' ? 'warn' : severity;
    this.log[level](`${source}: ${message}`, code === undefined ? {} : { code });
  }

  dispose(): void {
    this.watching.dispose();
  }
}
