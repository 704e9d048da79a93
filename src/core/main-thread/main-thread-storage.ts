import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import * as z from '../../base/zod.js';
import { STORAGE_MB } from '../../plugins/manifest.js';
import { MAX_PIECE_CHARACTERS } from '../../protocol/channel-limits.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import {
  ProfileNotification,
  ReadProfileStateRequest,
  ReadStateRequest,
  StageStateRequest,
  StorageUsageRequest,
  UpdateStateRequest,
} from '../../protocol/plugin-storage.js';
import { CallRates } from './call-rates.js';
import { FromPluginSchema, type HostChannel } from './host-channel.js';
import type { MainThreadNamespace, ServedHost } from './main-thread-namespace.js';
import { PluginStorage, STATE_QUOTA_BYTES, type StoredTexts } from './plugin-storage.js';

/**
 * Maximum length of a value's text, characters: the quota applies to the file; this rejects values that could not fit
 * in any case.
 */
const MAX_TEXT = 2 * STATE_QUOTA_BYTES;
/** Maximum number of values that one host may be sending in pieces at a time. */
const MAX_TRANSFERS = 4;

const MB = 1024 * 1024;

const Piece = z.string().max(MAX_PIECE_CHARACTERS);
const Staged = FromPluginSchema.extend({ transfer: z.int(), piece: Piece });
const Update = FromPluginSchema.extend({
  profile: z.string().max(100).optional(),
  key: z.string().min(1).max(1000),
  value: Piece.nullable(),
  transfer: z.int().optional(),
  upgraded: z.literal(true).optional(),
});

/** Stores plugins' state. Its pairs in the host are `ExtHostStorage` and `ExtHostProfile`. */
@injectable()
export class MainThreadStorage implements MainThreadNamespace {
  constructor(@inject(PluginStorage) private readonly storage: PluginStorage) {}

  serve({ channel, plugins }: ServedHost): Disposable {
    const rates = new CallRates();
    channel.serve(StorageUsageRequest.type, FromPluginSchema, ({ plugin }) => {
      rates.other(plugin);
      const { storageMb = STORAGE_MB } = plugins.find(({ id }) => id === plugin) ?? {};
      return this.storage.usage(plugin, storageMb * MB);
    });
    return new HostStorage(channel, this.storage);
  }
}

/** The state of one host's plugins. */
class HostStorage implements Disposable {
  private readonly subscription: Disposable;
  /** Values received in part, by plugin and transfer. */
  private readonly staged = new Map<string, string>();

  constructor(
    channel: HostChannel,
    private readonly storage: PluginStorage,
  ) {
    channel.serve(ReadStateRequest.type, FromPluginSchema, ({ plugin }) => storage.state(plugin).all());
    channel.serve(ReadProfileStateRequest.type, FromPluginSchema, async ({ plugin }) => {
      const { profile } = storage;
      return { profile, values: await storage.profileState(plugin).all() };
    });
    channel.serve(StageStateRequest.type, Staged, (piece) => {
      this.stage(piece);
      return null;
    });
    channel.serve(UpdateStateRequest.type, Update, async (update) => {
      await this.update(update);
      return null;
    });
    const send = (profile: string) => channel.sendNotification(ProfileNotification.type, { profile });
    send(storage.profile);
    this.subscription = storage.onDidChangeProfile(send);
  }

  private stage({ plugin, transfer, piece }: z.infer<typeof Staged>): void {
    const id = transferId(plugin, transfer);
    const text = (this.staged.get(id) ?? '') + piece;
    this.staged.delete(id);
    if (text.length > MAX_TEXT || this.staged.size >= MAX_TRANSFERS) {
      throw new BulkheadError(
        ErrorCodes.storageQuota,
        'a value is larger than the whole storage of a plugin',
        {
          where: plugin,
        },
      );
    }
    this.staged.set(id, text);
  }

  private async update(update: z.infer<typeof Update>): Promise<void> {
    const { plugin, profile, key, value, transfer, upgraded } = update;
    let before = '';
    if (transfer !== undefined) {
      const id = transferId(plugin, transfer);
      before = this.staged.get(id) ?? '';
      this.staged.delete(id);
    }
    const texts =
      upgraded === true
        ? this.storage.upgrades.upgraded(plugin, profile)
        : textsFor(this.storage, plugin, profile);
    await texts.set(key, value === null ? null : before + value);
  }

  dispose(): void {
    this.subscription.dispose();
    this.staged.clear();
  }
}

/** Unique per plugin, so that plugins of one host cannot access each other's transfers. */
function transferId(plugin: string, transfer: number): string {
  return `${transfer} ${plugin}`;
}

/** A plugin sends a profile only to say which one it took for the current one. */
function textsFor(storage: PluginStorage, plugin: string, profile: string | undefined): StoredTexts {
  if (profile === undefined) return storage.state(plugin);
  if (profile === storage.profile) return storage.profileState(plugin);
  throw new BulkheadError(
    ErrorCodes.storageFailed,
    `the profile is "${storage.profile}" now: nothing was written for "${profile.slice(0, 64)}"`,
    { where: plugin, remedy: 'Write again after env.onDidChangeProfile.' },
  );
}
