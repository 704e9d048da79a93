import type { Disposable } from 'vscode-jsonrpc';
import type { ControlClient } from '../../../control-client/control-client.js';
import { BulkheadError } from '../../../protocol/errors.js';
import type { DevelopedPlugin, DevelopmentLogEntry } from '../../../protocol/plugin-development.js';
import type { TextSink } from '../../cli-context.js';
import type { Colors } from '../../colors.js';
import { formatError } from '../../report-failure.js';

export interface DevelopmentOutput {
  readonly out: TextSink;
  readonly colors: Colors;
}

/** Keeps one plugin in development, and says what becomes of it. Mistakes are printed, and end nothing. */
export class DevelopmentSession implements Disposable {
  private plugin: DevelopedPlugin | undefined;
  /** The last reload; one at a time, and one more for all that is saved meanwhile. */
  private work: Promise<void> | undefined;
  private again = false;
  private readonly subscription: Disposable;

  constructor(
    private readonly client: ControlClient,
    private readonly folder: string,
    private readonly output: DevelopmentOutput,
  ) {
    this.subscription = client.development.onDidLog((entry) => this.printEntry(entry));
  }

  /** Loads the plugin, or loads it anew. Resolves when it has been said what came of it. */
  load(): Promise<void> {
    if (this.work !== undefined) {
      this.again = true;
      return this.work;
    }
    this.work = this.loadUntilCurrent().finally(() => {
      this.work = undefined;
    });
    return this.work;
  }

  private async loadUntilCurrent(): Promise<void> {
    do {
      this.again = false;
      await this.loadOnce();
    } while (this.again);
  }

  private async loadOnce(): Promise<void> {
    const { client, folder, plugin: before } = this;
    try {
      this.plugin =
        before === undefined
          ? await client.development.develop(folder)
          : await client.development.reload(before.id);
      this.printState(this.plugin, before !== undefined);
    } catch (error) {
      if (client.closed) return;
      const text = formatError(BulkheadError.from(error).toData());
      const runsOn = before === undefined ? '' : ` "${before.id}" ${before.version} runs on.`;
      this.print(`${this.output.colors.red(text)}\nWaiting for the next save.${runsOn}`);
    }
  }

  private printState({ id, version, state, elapsedMs, error }: DevelopedPlugin, again: boolean): void {
    const { colors } = this.output;
    const name = `"${id}" ${version}`;
    if (error !== undefined) {
      // The log has told what, with its stack.
      this.print(colors.red(`${name} is not active. Waiting for the next save.`));
    } else if (state === 'active') {
      this.print(colors.green(`${name} is active${again ? ' again' : ''} after ${elapsedMs} ms`));
    } else {
      this.print(`${name} waits for what activates it`);
    }
  }

  private printEntry({ level, message, stack }: DevelopmentLogEntry): void {
    const { colors } = this.output;
    const paint =
      { error: colors.red, warn: colors.yellow, info: colors.cyan }[level as string] ?? colors.dim;
    this.print(`${paint(level.padEnd(5))} ${message}`);
    // Its first line has been said.
    const frames = stack?.split('\n').filter((line) => /^\s+at /.test(line));
    if (frames !== undefined && frames.length > 0) this.print(colors.dim(frames.join('\n')));
  }

  private print(text: string): void {
    this.output.out.write(`${text}\n`);
  }

  dispose(): void {
    this.subscription.dispose();
  }
}
