import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Disposable } from 'vscode-jsonrpc';
import type { BroadcastConfig } from '../../config/schema.js';
import { BulkheadError } from '../../protocol/errors.js';
import { withAskedSecrets } from '../ask-secrets.js';
import type { CliContext } from '../cli-context.js';
import { readBroadcast } from '../load-broadcast.js';
import type { ConfigOptions } from '../options.js';
import { formatError } from '../report-failure.js';
import { FileWatch } from './file-watch.js';

/** A file that is wrong may be half-written: how long it has to stay so, ms. */
const SETTLED_MS = 500;

/** What reads the file each time it is saved. */
export interface WatchOptions {
  /** As it was given on the command line, and the flags beside it, which go on overriding it. */
  readonly file: string;
  readonly options: ConfigOptions;
  readonly context: Pick<CliContext, 'cwd'>;
  /** It is another valid configuration now, or at least another text of one. */
  readonly onDidChange: (config: BroadcastConfig) => void;
  /** It cannot be used: a line for each mistake, with its place. */
  readonly onDidFail: (lines: readonly string[]) => void;
}

/** Reads the configuration file again when it has been saved. */
export class ConfigurationWatch implements Disposable {
  private readonly path: string;
  private readonly watch: FileWatch;
  /** Of the file that was read last, valid or not; undefined where it was gone. */
  private text: string | undefined;
  private timer: NodeJS.Timeout | undefined;
  private disposed = false;

  constructor(private readonly options: WatchOptions) {
    this.path = resolve(options.context.cwd, options.file);
    this.text = this.read();
    this.watch = new FileWatch(this.path, () => void this.saved());
  }

  private async saved(): Promise<void> {
    clearTimeout(this.timer);
    const text = this.read();
    if (text === this.text || this.disposed) return;
    const { file, options, context, onDidChange } = this.options;
    try {
      const loaded = await readBroadcast(file, options, context.cwd);
      // The terminal shows the broadcast: nothing is asked there now.
      const config = await withAskedSecrets(loaded.config, undefined);
      if (this.disposed) return;
      this.text = text;
      onDidChange(config);
    } catch (error) {
      this.timer = setTimeout(() => this.failed(text, error), SETTLED_MS);
    }
  }

  private failed(text: string | undefined, error: unknown): void {
    if (this.disposed || this.read() !== text) return;
    this.text = text;
    this.options.onDidFail([
      ...formatError(BulkheadError.from(error).toData()).split('\n'),
      'The broadcast goes on as it is: nothing was changed.',
    ]);
  }

  private read(): string | undefined {
    try {
      return readFileSync(this.path, 'utf8');
    } catch {
      return undefined;
    }
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
    this.watch.dispose();
  }
}
