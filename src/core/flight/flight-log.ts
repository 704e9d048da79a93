import { printableValue, shorten } from '../../base/printable.js';
import type { OpenLog } from '../log/log.js';

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/** Of a line, characters: a stack may be long. */
const MOST_TEXT = 2000;

/** The same log, whose lines are noted as well, whatever its level: no key is in them. */
export function notedLog(log: OpenLog, note: (kind: string, details: object) => void): OpenLog {
  const noted = (level: Level) => (message: string, details?: object) => {
    const text = details === undefined ? undefined : JSON.stringify(printableValue(details));
    note('log', {
      ...{ level, message: shorten(message, MOST_TEXT) },
      ...(text === undefined ? {} : { details: shorten(text, MOST_TEXT) }),
    });
    log[level](message, details);
  };
  return {
    trace: (message, details) => log.trace(message, details),
    debug: noted('debug'),
    info: noted('info'),
    warn: noted('warn'),
    error: noted('error'),
    close: (deadlineMs) => log.close(deadlineMs),
  };
}
