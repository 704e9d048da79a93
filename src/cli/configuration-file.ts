import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { OutputEdit } from '../config/edit-outputs.js';
import { parseConfig, readConfigText } from '../config/load-config.js';
import { savedKeyFile } from '../config/show-state.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { DEFAULT_SHOW, type OutputSettingsChange } from '../protocol/outputs.js';

/** Makes the new text of a configuration file of the one before. */
export type TextEdit = (text: string) => string;

/**
 * Writes what has been changed into the configuration file: its comments, order and formatting stay, its mode too, and a link to
 * it remains one.
 */
export class ConfigurationFile {
  /**
   * @param path the real path
   */
  private constructor(readonly path: string) {}

  /** @throws BulkheadError `config.notFound` where the broadcast has none */
  static of(show: string): ConfigurationFile {
    if (show !== DEFAULT_SHOW) return new ConfigurationFile(show);
    throw new BulkheadError(
      ErrorCodes.configNotFound,
      'the broadcast was started without a configuration file, so that --save has nothing to write to',
      {
        where: '--save',
        remedy:
          'Leave --save out: the change is on air until the broadcast ends. To keep it, write a configuration, and start with "bulkhead live CONFIG".',
      },
    );
  }

  /**
   * What the file would become. It is read again each time, since it may have been edited.
   *
   * @throws ConfigError where it is wrong, before or after the edit
   */
  edited(edit: TextEdit): { readonly before: string; readonly after: string } {
    const before = readConfigText(this.path, this.path);
    parseConfig(this.path, before);
    const bom = before.startsWith('\uFEFF') ? '\uFEFF' : '';
    const after = bom + edit(before.slice(bom.length));
    parseConfig(this.path, after);
    return { before, after };
  }

  /** @throws BulkheadError `storage.failed`; the file is then as it was */
  save(edit: TextEdit): void {
    const { before, after } = this.edited(edit);
    if (after === before) return;
    const path = realpathSync(this.path);
    replace(path, after, statSync(path).mode & 0o777);
  }

  /** Keeps a key that has no other place, for its user alone. @returns the reference to write in its place */
  keepKey(id: string, key: string): string {
    const path = savedKeyFile(this.path, id);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    replace(path, `${key}\n`, 0o600);
    return `file:${path}`;
  }
}

/** What `output add` writes: all settings, so that none stays of an output that had the id before. */
export function wholeOutput(id: string, settings: OutputSettingsChange): OutputEdit {
  const none = { key: null, username: null, password: null, tlsCaFile: null, multitrack: null };
  return { kind: 'put', id, settings: { url: settings.url, ...none, ...settings } };
}

function replace(path: string, text: string, mode: number): void {
  const temporary = `${path}.${randomUUID()}`;
  try {
    const file = openSync(temporary, 'wx', mode);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    chmodSync(temporary, mode);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new BulkheadError(ErrorCodes.storageFailed, `cannot write ${path}: ${(error as Error).message}`, {
      where: path,
      remedy: 'The change is on air, and is not saved.',
      cause: error,
    });
  }
}
