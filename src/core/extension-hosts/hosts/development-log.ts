import { Emitter, type Event } from '../../../base/event.js';
import { printableLines } from '../../../base/printable.js';
import type { DevelopmentLogEntry } from '../../../protocol/plugin-development.js';
import type { Log } from '../../log/log.js';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;

/** A log that also tells the author of a plugin what is written to it. */
export class DevelopmentLog {
  private readonly emitter = new Emitter<DevelopmentLogEntry>();
  readonly onDidWrite: Event<DevelopmentLogEntry> = this.emitter.event;

  constructor(private readonly log: Log) {}

  /** The log for what concerns this plugin. */
  of(plugin: string): Log {
    const writer =
      (level: (typeof LEVELS)[number]) =>
      (message: string, details: object = {}) => {
        this.log[level](message, details);
        const { stack } = details as { readonly stack?: unknown };
        this.emitter.fire({
          plugin,
          level,
          message: printableLines(message),
          ...(typeof stack === 'string' ? { stack: printableLines(stack) } : {}),
        });
      };
    return Object.fromEntries(LEVELS.map((level) => [level, writer(level)])) as unknown as Log;
  }

  dispose(): void {
    this.emitter.dispose();
  }
}
