import { Emitter, type Event } from '../../../base/event.js';
import { printableLines } from '../../../base/printable.js';
import type { DevelopmentLogEntry } from '../../../protocol/plugin-development.js';
import type { Log } from '../../log/log.js';

/** A log whose entries are also sent to the author of a plugin in development. */
export class DevelopmentLog {
  private readonly emitter = new Emitter<DevelopmentLogEntry>();
  readonly onDidWrite: Event<DevelopmentLogEntry> = this.emitter.event;

  constructor(private readonly log: Log) {}

  /** The log for messages about this plugin. */
  of(plugin: string): Log {
    const writer =
      (level: keyof Log) =>
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
    return {
      trace: writer('trace'),
      debug: writer('debug'),
      info: writer('info'),
      warn: writer('warn'),
      error: writer('error'),
    };
  }

  dispose(): void {
    this.emitter.dispose();
  }
}
