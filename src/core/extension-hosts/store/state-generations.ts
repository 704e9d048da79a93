import { readdir } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { checkValue } from '../../../base/check-value.js';
import * as z from '../../../base/zod.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import type { AppliedUpgrades, StateUpgrades, StoredTexts } from '../../main-thread/plugin-storage.js';
import type { TextFile } from './text-file.js';

const Generation = z.object({ generation: z.int().min(0), applied: z.int().min(0) });
/** What is known of a plugin's state: the current generation, and the one before that. */
const RecordSchema = Generation.extend({ first: z.int().min(0), before: Generation.optional() });
type GenerationRecord = z.output<typeof RecordSchema>;

/** Key of the record in its file, which holds nothing else: so it is replaced in one step. */
const KEY = 'state';

/** The files of a store. */
export interface StoreFiles {
  /** The same for each path. */
  open(path: string, name: string, plugin: string): TextFile;
  /** Paths of those that have been opened. */
  opened(): readonly string[];
  /** Deletes a file or a folder, with what has been read of it. */
  remove(path: string): Promise<void>;
}

/**
 * The state of plugins, in generations: an upgrade writes the next one, and a record of a few bytes, which is replaced atomically, says which one
 * counts. Generation 0 has the paths of before there were upgrades.
 */
export class StateGenerations implements StateUpgrades {
  private readonly records = new Map<string, Promise<GenerationRecord | undefined>>();
  /** Generations that are being written, by plugin, with the profiles that are in them. */
  private readonly begun = new Map<string, { readonly next: number; readonly profiles: readonly string[] }>();

  constructor(
    private readonly folder: string,
    private readonly files: StoreFiles,
  ) {}

  async applied(plugin: string, scripts: number): Promise<AppliedUpgrades> {
    const known = await this.record(plugin);
    if (known !== undefined) return known;
    const record = { generation: 0, applied: scripts, first: scripts };
    // A plugin runs on a full disk, too; the next time it is as new.
    await this.write(plugin, record).catch(() => {});
    return record;
  }

  async begin(plugin: string): Promise<readonly string[]> {
    const { generation, before } = await this.required(plugin);
    const next = Math.max(generation, before?.generation ?? 0) + 1;
    await this.removeGeneration(plugin, next);
    const profiles = await this.profiles(plugin, generation);
    this.begun.set(plugin, { next, profiles });
    return profiles;
  }

  /** Whether an upgrade is being written. */
  isBegun(plugin: string): boolean {
    return this.begun.has(plugin);
  }

  upgraded(plugin: string, profile?: string): StoredTexts {
    const begun = this.begun.get(plugin);
    // The name becomes part of a path.
    if (begun === undefined || (profile !== undefined && !begun.profiles.includes(profile)))
      throw notBegun(plugin);
    return this.file(plugin, begun.next, profile);
  }

  current(plugin: string, profile?: string): StoredTexts {
    return new LaterTexts(async () =>
      this.file(plugin, (await this.record(plugin))?.generation ?? 0, profile),
    );
  }

  async commit(plugin: string, applied: number): Promise<void> {
    const next = this.begun.get(plugin)?.next;
    if (next === undefined) throw notBegun(plugin);
    const { generation, applied: before, first } = await this.required(plugin);
    const record = { generation: next, applied, first, before: { generation, applied: before } };
    await this.write(plugin, record);
    this.begun.delete(plugin);
    await this.removeOthers(plugin, [next, generation]);
  }

  async goBack(plugin: string, scripts: number): Promise<number> {
    const { applied, first, before } = await this.required(plugin);
    if (before === undefined || before.applied > scripts) return applied;
    // What was stored since stays on the disk until the next upgrade.
    await this.write(plugin, { ...before, first });
    return before.applied;
  }

  /** The folder of the current `profileState`. */
  async profilesFolder(plugin: string): Promise<string> {
    return this.pathsOf(plugin, (await this.record(plugin))?.generation ?? 0).profiles;
  }

  /** Deletes all state of the plugin. */
  async purge(plugin: string): Promise<void> {
    await this.removeGeneration(plugin, 0);
    await this.files.remove(this.upgradesFolder(plugin));
    this.records.delete(plugin);
    this.begun.delete(plugin);
  }

  private record(plugin: string): Promise<GenerationRecord | undefined> {
    const known = this.records.get(plugin);
    if (known !== undefined) return known;
    const read = this.read(plugin);
    this.records.set(plugin, read);
    read.catch(() => this.records.delete(plugin));
    return read;
  }

  private async read(plugin: string): Promise<GenerationRecord | undefined> {
    const text = await this.recordFile(plugin).get(KEY);
    if (text === undefined) return undefined;
    const checked = checkValue(RecordSchema, parsed(text));
    if (checked.success) return checked.data;
    throw new BulkheadError(
      ErrorCodes.storageFailed,
      `what says which upgrades were applied to the state of "${plugin}" is damaged`,
      { where: this.recordPath(plugin), remedy: 'Delete that file: the state then counts as up to date.' },
    );
  }

  /** As `applied` has found or made it. */
  private async required(plugin: string): Promise<GenerationRecord> {
    const record = await this.record(plugin);
    if (record === undefined) throw notBegun(plugin);
    return record;
  }

  private async write(plugin: string, record: GenerationRecord): Promise<void> {
    await this.recordFile(plugin).set(KEY, JSON.stringify(record));
    this.records.set(plugin, Promise.resolve(record));
  }

  private file(plugin: string, generation: number, profile: string | undefined): TextFile {
    const { state, profiles } = this.pathsOf(plugin, generation);
    if (profile === undefined) return this.files.open(state, `state of the plugin "${plugin}"`, plugin);
    const name = `state of the plugin "${plugin}" for the profile "${profile}"`;
    return this.files.open(join(profiles, `${profile}.json`), name, plugin);
  }

  /** Those with stored values. */
  private async profiles(plugin: string, generation: number): Promise<string[]> {
    const { profiles: folder } = this.pathsOf(plugin, generation);
    const opened = this.files.opened().filter((path) => path.startsWith(folder + sep));
    const names = new Set([...opened.map((path) => basename(path)), ...(await namesIn(folder))]);
    const profiles = [...names].filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -5));
    const kept = await Promise.all(
      profiles.map(async (profile) => (await this.file(plugin, generation, profile).keys()).length > 0),
    );
    return profiles.filter((_, index) => kept[index]).sort();
  }

  private async removeGeneration(plugin: string, generation: number): Promise<void> {
    if (generation > 0) return this.files.remove(this.folderOf(plugin, generation));
    const { state, profiles } = this.pathsOf(plugin, generation);
    await this.files.remove(state);
    await this.files.remove(profiles);
  }

  /** What cannot be deleted now is in nobody's way. */
  private async removeOthers(plugin: string, kept: readonly number[]): Promise<void> {
    const names = await namesIn(this.upgradesFolder(plugin)).catch(() => []);
    const others = [0, ...names.filter((name) => /^\d+$/.test(name)).map(Number)].filter(
      (generation) => !kept.includes(generation),
    );
    for (const generation of others) await this.removeGeneration(plugin, generation).catch(() => {});
  }

  private pathsOf(plugin: string, generation: number): { readonly state: string; readonly profiles: string } {
    const name = encodeURIComponent(plugin);
    if (generation === 0) {
      return {
        state: join(this.folder, 'state', `${name}.json`),
        profiles: join(this.folder, 'profile-state', name),
      };
    }
    const own = this.folderOf(plugin, generation);
    return { state: join(own, 'state.json'), profiles: join(own, 'profile-state') };
  }

  private folderOf(plugin: string, generation: number): string {
    return join(this.upgradesFolder(plugin), String(generation));
  }

  private upgradesFolder(plugin: string): string {
    return join(this.folder, 'upgrades', encodeURIComponent(plugin));
  }

  private recordPath(plugin: string): string {
    return join(this.upgradesFolder(plugin), 'applied.json');
  }

  private recordFile(plugin: string): TextFile {
    return this.files.open(this.recordPath(plugin), `upgrades of the plugin "${plugin}"`, plugin);
  }
}

/** Texts in a file that is known only when they are used. */
class LaterTexts implements StoredTexts {
  constructor(private readonly file: () => Promise<StoredTexts>) {}

  async get(key: string): Promise<string | undefined> {
    return (await this.file()).get(key);
  }

  async keys(): Promise<string[]> {
    return (await this.file()).keys();
  }

  async all(): Promise<Readonly<Record<string, string>>> {
    return (await this.file()).all();
  }

  async usedBytes(): Promise<number> {
    return (await this.file()).usedBytes();
  }

  async set(key: string, value: string | null): Promise<void> {
    await (await this.file()).set(key, value);
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw new BulkheadError(ErrorCodes.storageFailed, `${folder} cannot be read: ${message}`, {
      where: folder,
      cause: error,
    });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notBegun(plugin: string): BulkheadError {
  return new BulkheadError(ErrorCodes.storageFailed, `no upgrade of the state of "${plugin}" has begun`, {
    where: plugin,
  });
}
