import { format } from 'node:util';
import { type MarkedLevel, markLines } from '../protocol/printed-lines.js';

/**
 * From now on what a plugin prints by `console` keeps its level in the log. It is still printed, at once, and not sent as
 * a message: so it is not lost when the plugin then hangs or crashes.
 */
export function keepConsoleLevels(): void {
  const print =
    (stream: NodeJS.WriteStream, level: MarkedLevel) =>
    (...args: unknown[]) => {
      stream.write(`${markLines(level, format(...args))}\n`);
    };
  const debug = print(process.stdout, 'debug');
  Object.assign(console, {
    error: print(process.stderr, 'error'),
    warn: print(process.stderr, 'warn'),
    debug,
    trace: (...args: unknown[]) => {
      const here: { readonly name: string; readonly message: string; stack?: string } = {
        name: 'Trace',
        message: format(...args),
      };
      Error.captureStackTrace(here, console.trace);
      debug(here.stack);
    },
  });
}
