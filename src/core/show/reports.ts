import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { DisposableStore } from '../../base/disposable-store.js';
import { BulkheadError } from '../../protocol/errors.js';
import type { KeptReport, PartReport } from '../../protocol/report.js';
import type { Status } from '../../protocol/status/status.js';
import { Broadcast, type BroadcastEnd } from '../broadcast/broadcast.js';
import { CoreOptions } from '../core-options.js';
import { ExtensionHosts } from '../extension-hosts/hosts/extension-hosts.js';
import { Log } from '../log/log.js';
import { ReportFiles } from './report-files.js';

type Hosts = Status['extensionHosts'];

/** Restarts by part, when a broadcast began. */
interface Before {
  readonly encoder: number;
  readonly hosts: ReadonlyMap<string, number>;
}

/** Makes a report of each broadcast when it ends, and keeps it in a file. */
@injectable()
export class Reports implements Disposable {
  private before: Before = { encoder: 0, hosts: new Map() };
  private made: KeptReport | undefined;
  private writing: Promise<void> = Promise.resolve();
  private readonly watching: DisposableStore;

  constructor(
    @inject(CoreOptions) private readonly options: Pick<CoreOptions, 'version'>,
    @inject(Broadcast)
    private readonly broadcast: Pick<Broadcast, 'status' | 'onDidChangeState' | 'onWillEnd'>,
    @inject(ExtensionHosts) private readonly extensionHosts: Pick<ExtensionHosts, 'status'>,
    @inject(ReportFiles) private readonly files: Pick<ReportFiles, 'write'>,
    @inject(Log) private readonly log: Pick<Log, 'info' | 'warn'>,
  ) {
    this.watching = new DisposableStore([
      broadcast.onDidChangeState((state) => {
        if (state === 'starting') this.before = this.restarts();
      }),
      broadcast.onWillEnd((end) => this.make(end)),
    ]);
  }

  /** Of the last broadcast; null if there was none. Resolves once its file is written, or cannot be. */
  async last(): Promise<KeptReport | null> {
    await this.writing;
    return this.made ?? null;
  }

  private make({ recorderRestarts, ...ended }: BroadcastEnd): void {
    const { version } = this.options;
    const report = { version, ...ended, endedAtMs: Date.now(), parts: this.parts(recorderRestarts) };
    this.made = { report };
    this.writing = this.files.write(report).then(
      (file) => {
        if (this.made?.report === report) this.made = { report, file };
        this.log.info(`the report of the broadcast: ${file}`);
      },
      (error) => {
        const { sentence, code } = BulkheadError.from(error);
        this.log.warn(sentence, { code });
      },
    );
  }

  private restarts(): Before {
    const hosts = this.extensionHosts.status();
    return {
      encoder: this.broadcast.status().encoder.restarts,
      hosts: new Map(hosts.map((host) => [keyOf(host), host.restarts])),
    };
  }

  private parts(recorderRestarts: number): PartReport[] {
    const { before } = this;
    const since = (now: number, then = 0) => (now < then ? now : now - then);
    const hosts = this.extensionHosts.status().map((host): PartReport => {
      const restarts = since(host.restarts, before.hosts.get(keyOf(host)));
      return { part: 'plugins', plugins: host.plugins, restarts };
    });
    return [
      { part: 'encoder', restarts: since(this.broadcast.status().encoder.restarts, before.encoder) },
      ...hosts,
      { part: 'recorder', restarts: recorderRestarts },
    ];
  }

  dispose(): void {
    this.watching.dispose();
  }
}

function keyOf({ plugins }: Hosts[number]): string {
  return plugins.join(' ');
}
