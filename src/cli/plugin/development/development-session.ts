import type { Disposable } from 'vscode-jsonrpc';
import type { ControlClient } from '../../../control-client/control-client.js';
import type { PluginTools } from '../../../plugin-tools/plugin-tools.js';
import { BulkheadError } from '../../../protocol/errors.js';
import type { InspectorOptions } from '../../../protocol/inspector.js';
import type { DevelopedPlugin, DevelopmentLogEntry } from '../../../protocol/plugin-development.js';
import { formatError } from '../../report-failure.js';
import type { Printer } from '../../terminal/printer.js';
import { cyan, dim, green, red, styled, yellow } from '../../terminal/styled.js';
import { findingLines } from '../format-finding.js';

/**
 * Keeps one plugin in development, and prints what happens to it. Errors are printed, but do not end the
 * session.
 */
export class DevelopmentSession implements Disposable {
  private plugin: DevelopedPlugin | undefined;
  /** The last reload; one at a time, and one more for everything saved in the meantime. */
  private work: Promise<void> | undefined;
  private again = false;
  private readonly subscription: Disposable;

  constructor(
    private readonly client: ControlClient,
    private readonly folder: string,
    private readonly tools: Pick<PluginTools, 'findSyntaxErrors'>,
    private readonly out: Printer,
    private readonly inspector?: InspectorOptions,
  ) {
    this.subscription = client.development.onDidLog((entry) => this.printEntry(entry));
  }

  /** Loads the plugin, or reloads it. Resolves when the result has been printed. */
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
    const { client, folder, inspector, plugin: before } = this;
    const runsOn = before === undefined ? '' : ` "${before.id}" ${before.version} runs on.`;
    // What does not parse would take the place of what works.
    const mistakes = await this.tools.findSyntaxErrors(folder);
    if (mistakes.length > 0) {
      this.out.line(...mistakes.flatMap(findingLines), styled`Waiting for the next save.${runsOn}`);
      return;
    }
    try {
      this.plugin =
        before === undefined
          ? await client.development.develop(folder, inspector)
          : await client.development.reload(before.id);
      this.printState(this.plugin, before !== undefined);
    } catch (error) {
      if (client.closed) return;
      const text = formatError(BulkheadError.from(error).toData());
      this.out.line(red(text), styled`Waiting for the next save.${runsOn}`);
    }
  }

  private printState(plugin: DevelopedPlugin, again: boolean): void {
    const { id, version, state, elapsedMs, error, warnings } = plugin;
    const name = `"${id}" ${version}`;
    this.out.line(...warnings.map((warning) => yellow(`package.json: ${warning}`)));
    if (error !== undefined) {
      // The reason, with the stack, has been printed from the log.
      this.out.line(red(`${name} is not active. Waiting for the next save.`));
    } else if (state === 'active') {
      this.out.line(green(`${name} is active${again ? ' again' : ''} after ${elapsedMs} ms`));
    } else {
      this.out.line(styled`${name} waits for what activates it`);
    }
  }

  private printEntry({ level, message, stack }: DevelopmentLogEntry): void {
    const paint = { error: red, warn: yellow, info: cyan }[level as string] ?? dim;
    const [first = '', ...others] = message.split('\n');
    this.out.line(styled`${paint(level.padEnd(5))} ${first}`, ...others.map((line) => styled`      ${line}`));
    // It begins with the message; the causes follow.
    const lines = (stack ?? '').split('\n');
    const begin = lines.findIndex((line) => /^\s+at /.test(line));
    if (begin !== -1) this.out.line(...lines.slice(begin).map((line) => dim(line)));
  }

  dispose(): void {
    this.subscription.dispose();
  }
}
