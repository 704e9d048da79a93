import { rm } from 'node:fs/promises';
import { checkValue } from '../../../base/check-value.js';
import { withDeadline } from '../../../base/with-deadline.js';
import * as z from '../../../base/zod.js';
import {
  AudioTracksSchema,
  RECORDING_FORMATS,
  RecordedFeedsSchema,
  RecordingNameSchema,
} from '../../../config/recording-schema.js';
import { ReplaySecondsSchema } from '../../../config/replay-schema.js';
import { showStateFile } from '../../../config/show-state.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import { replaceFile, setDamagedAside } from '../../disk/own-file.js';
import { type FileError, smallFiles } from '../../disk/small-files.js';
import type { KeptReplay } from '../../replay/replays.js';
import { type KeptChanges, KeptChangesSchema } from '../outputs/output-changes.js';
import { type KeptCollection, KeptCollectionSchema, NOTHING_KEPT, sizeOf } from './kept-collection.js';
import { type KeptSettings, KeptSettingsSchema } from './kept-settings.js';
import { type KeptUpgrades, KeptUpgradesSchema } from './kept-upgrades.js';

export const ShowState = Symbol('ShowState');

/** What was changed on air, and by upgrades of plugins. */
export interface ShowChanges {
  readonly outputs: KeptChanges;
  /** The scenes and sources. */
  readonly collection: KeptCollection;
  /** The settings of plugins. */
  readonly settings: KeptSettings;
  /** The upgrades of these settings. */
  readonly upgrades: KeptUpgrades;
  /** The recording that was begun by command and has not been ended; a core that follows goes on in another file. */
  readonly recording: KeptRecording | null;
  /** The replay that was saved last, and whether the replay buffer was turned on or off by command. */
  readonly replay: KeptReplay | null;
}

const KeptRecordingSchema = z.object({
  format: z.enum(RECORDING_FORMATS).optional(),
  name: RecordingNameSchema.optional(),
  also: RecordedFeedsSchema.optional(),
  audioTracks: AudioTracksSchema.optional(),
});
/** In place of what the configuration says. */
export type KeptRecording = z.output<typeof KeptRecordingSchema>;

const KeptReplaySchema = z.object({
  isOn: z.boolean().optional(),
  seconds: ReplaySecondsSchema.optional(),
  file: z.string().max(5000).optional(),
});

export const NO_CHANGES: ShowChanges = {
  ...{ outputs: [], collection: NOTHING_KEPT, settings: [], upgrades: [] },
  ...{ recording: null, replay: null },
};

/** Keeps what is changed on air, for each show. */
export interface ShowState {
  /** What was kept. Never rejects: what cannot be read is reported, and nothing is changed then. */
  read(show: string): Promise<{ readonly changes: ShowChanges; readonly problem?: BulkheadError }>;
  /** Keeps these besides those of other kinds. Resolves once they are on the disk. @throws BulkheadError `storage.failed` */
  write(show: string, changes: Partial<ShowChanges>): Promise<void>;
}

const WRITE_DEADLINE_MS = 5000;

/** A small file for each show, readable by its owner only: keys that were given on air are in it. */
export class ShowStateFiles implements ShowState {
  private writing: Promise<void> = Promise.resolve();
  /** As last read or written. */
  private last: { readonly show: string; readonly changes: ShowChanges } | undefined;

  /** @param fileOf where the file of a show is */
  constructor(private readonly fileOf: (show: string) => string) {}

  static forAddress(address: string): ShowStateFiles {
    return new ShowStateFiles((show) => showStateFile(show, address));
  }

  async read(show: string): Promise<{ readonly changes: ShowChanges; readonly problem?: BulkheadError }> {
    const path = this.fileOf(show);
    try {
      await withDeadline(this.writing, WRITE_DEADLINE_MS, () => {});
    } catch {
      // The disk does not respond; whether it can be read is seen next.
    }
    const read = await readChanges(path);
    this.last = { show, changes: read.changes };
    return read;
  }

  async write(show: string, changes: Partial<ShowChanges>): Promise<void> {
    const path = this.fileOf(show);
    const written = this.writing.then(async () => {
      const before = this.last?.show === show ? this.last.changes : (await readChanges(path)).changes;
      const all = { ...before, ...changes };
      this.last = { show, changes: all };
      await (isEmpty(all) ? rm(path, { force: true }) : replaceFile(path, textOf(show, all)));
    });
    this.writing = written.catch(() => {});
    try {
      await withDeadline(written, WRITE_DEADLINE_MS, () => {
        throw new Error('the disk does not respond');
      });
    } catch (error) {
      throw new BulkheadError(
        ErrorCodes.storageFailed,
        `what was changed on air cannot be kept: ${(error as Error).message}`,
        {
          where: path,
          remedy: 'It is lost when the core ends; see what is wrong with that folder.',
          cause: error,
        },
      );
    }
  }
}

async function readChanges(
  path: string,
): Promise<{ readonly changes: ShowChanges; readonly problem?: BulkheadError }> {
  try {
    const changes = parse(await smallFiles.read(path));
    if (changes !== undefined) return { changes };
    const keptAs = await setDamagedAside(path);
    return { changes: NO_CHANGES, problem: unread(path, `it is damaged; it was kept as ${keptAs}`) };
  } catch (error) {
    const { code, message } = error as FileError;
    if (code === 'ENOENT') return { changes: NO_CHANGES };
    return { changes: NO_CHANGES, problem: unread(path, message) };
  }
}

/** Layout of the file. Versions before scenes wrote the outputs alone. */
const FileSchema = z.object({
  outputs: KeptChangesSchema,
  collection: KeptCollectionSchema.default(NOTHING_KEPT),
  settings: KeptSettingsSchema.default([]),
  upgrades: KeptUpgradesSchema.default([]),
  recording: KeptRecordingSchema.nullable().default(null),
  replay: KeptReplaySchema.nullable().default(null),
});

function parse(text: string): ShowChanges | undefined {
  try {
    const checked = checkValue(FileSchema, JSON.parse(text));
    return checked.success ? checked.data : undefined;
  } catch {
    return undefined;
  }
}

function textOf(
  show: string,
  { outputs, collection, settings, upgrades, recording, replay }: ShowChanges,
): string {
  const written = {
    ...{ show, outputs },
    ...(sizeOf(collection) === 0 ? {} : { collection }),
    ...(settings.length === 0 ? {} : { settings }),
    ...(upgrades.length === 0 ? {} : { upgrades }),
    ...(recording === null ? {} : { recording }),
    ...(replay === null ? {} : { replay }),
  };
  return `${JSON.stringify(written, undefined, 2)}\n`;
}

function isEmpty({ outputs, collection, settings, upgrades, recording, replay }: ShowChanges): boolean {
  const count = outputs.length + sizeOf(collection) + settings.length + upgrades.length;
  return count === 0 && recording === null && replay === null;
}

function unread(path: string, reason: string): BulkheadError {
  return new BulkheadError(
    ErrorCodes.storageFailed,
    `the file with the changes made on air could not be read: ${reason}`,
    { where: path, remedy: 'The broadcast starts as the configuration says.' },
  );
}
