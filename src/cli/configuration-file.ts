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
import { setTimeout as delay } from 'node:timers/promises';
import type { Disposable } from 'vscode-jsonrpc';
import type { EntryEdit } from '../config/edit-entries.js';
import { checkConfigText, readConfigText } from '../config/load-config.js';
import { takeProcessLock } from '../config/process-lock.js';
import { savedKeyFile } from '../config/show-state.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { DEFAULT_SHOW, type OutputSettingsChange } from '../protocol/outputs.js';

/** How long others may take to save, and how often it is looked whether they have, ms. */
const LOCK_DEADLINE_MS = 10_000;
const LOCK_LOOK_MS = 20;

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
    checkConfigText(this.path, before);
    const bom = before.startsWith('\uFEFF') ? '\uFEFF' : '';
    const after = bom + edit(before.slice(bom.length));
    try {
      checkConfigText(this.path, after);
    } catch (error) {
      const reason = BulkheadError.from(error, ErrorCodes.configInvalid).message;
      throw new BulkheadError(ErrorCodes.configInvalid, `it cannot be saved, since then: ${reason}`, {
        where: '--save',
        remedy: 'What it needs has to be in the configuration, and what needs it must not be.',
        cause: error,
      });
    }
    return { before, after };
  }

  /**
   * What others save at the same time stays.
   *
   * @throws BulkheadError `config.invalid`, `storage.failed`; the file is then as it was
   */
  async save(edit: TextEdit): Promise<void> {
    const path = realpathSync(this.path);
    const lock = await this.lock(path);
    try {
      const { before, after } = this.edited(edit);
      if (after !== before) replace(path, after, statSync(path).mode & 0o777);
    } catch (error) {
      throw isInvalid(error) ? notSaved(error) : error;
    } finally {
      lock.dispose();
    }
  }

  private async lock(path: string): Promise<Disposable> {
    const endMs = performance.now() + LOCK_DEADLINE_MS;
    for (;;) {
      const lock = await takeProcessLock(path);
      if (lock !== undefined) return lock;
      if (performance.now() >= endMs) {
        throw new BulkheadError(
          ErrorCodes.storageFailed,
          'another command keeps the configuration file locked',
          {
            where: path,
            remedy: 'The change is on air, and is not saved.',
          },
        );
      }
      await delay(LOCK_LOOK_MS);
    }
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
export function wholeOutput(id: string, settings: OutputSettingsChange): EntryEdit {
  const none = {
    ...{ type: null, platform: null, url: null, folder: null, mode: null, passphrase: null },
    ...{ backup: null, backupUrl: null, backupKey: null },
    ...{ key: null, username: null, password: null, tlsCaFile: null, multitrack: null },
  };
  return {
    kind: 'put',
    id,
    settings: { ...(settings.url === undefined ? {} : { url: settings.url }), ...none, ...settings },
  };
}

function isInvalid(error: unknown): error is BulkheadError {
  return error instanceof BulkheadError && error.code === ErrorCodes.configInvalid;
}

function notSaved({ code, message, where, cause }: BulkheadError): BulkheadError {
  const remedy = 'The change is on air, and is not saved.';
  return new BulkheadError(code, message, { ...(where === undefined ? {} : { where }), remedy, cause });
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
