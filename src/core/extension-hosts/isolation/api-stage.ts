import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { removeFolder } from '../../disk/folders.js';
import { API_PACKAGE, ownApiPackage } from './api-package.js';

/**
 * A folder of links through which Node finds the API package for a plugin that lacks it: `plugin` leads to the plugin, and
 * `node_modules` next to it to Bulkhead's copy. For Node versions whose only alternative is a hook on a separate thread,
 * which the permission model forbids. Nothing is copied or written into the plugin's folder.
 */
export class ApiStage {
  private constructor(readonly path: string) {}

  /** Rejects if the disk is full. */
  static async make(plugin: string): Promise<ApiStage> {
    const stage = new ApiStage(await mkdtemp(join(tmpdir(), 'bulkhead-plugin-')));
    try {
      const api = join(stage.path, 'node_modules', API_PACKAGE);
      await mkdir(dirname(api), { recursive: true });
      await symlink(ownApiPackage(), api, 'junction');
      await symlink(plugin, stage.plugin, 'junction');
      return stage;
    } catch (error) {
      await stage.remove();
      throw error;
    }
  }

  /** The plugin's folder, via the link. */
  get plugin(): string {
    return join(this.path, 'plugin');
  }

  /** Whether it still exists: temporary folders are cleaned from time to time. */
  get isThere(): boolean {
    return existsSync(this.path);
  }

  /** Never rejects. */
  async remove(): Promise<void> {
    await removeFolder(this.path);
  }
}
