import { ConfigError, type ConfigMistake } from './config-error.js';
import type { ConfigPath } from './config-path.js';
import { nearest } from './nearest.js';

/** Gathers what is wrong with names in a configuration, and says all of it at once. */
export class NameCheck {
  private readonly mistakes: ConfigMistake[] = [];

  /** @param where the position of a value in the file */
  constructor(private readonly where: (path: ConfigPath) => string) {}

  note(at: ConfigPath, message: string): void {
    this.mistakes.push({ where: this.where(at), message });
  }

  /** Whether one of these has the name. */
  expect(at: ConfigPath, name: string, what: string, named: readonly { readonly id: string }[]): void {
    const ids = named.map(({ id }) => id);
    if (ids.includes(name)) return;
    const similar = nearest(name, ids);
    this.note(at, `no ${what} "${name}"${similar === undefined ? '' : `; did you mean "${similar}"?`}`);
  }

  /** @throws ConfigError with every mistake noted */
  finish(): void {
    if (this.mistakes.length > 0) throw new ConfigError(this.mistakes);
  }
}
