import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { removeFolder } from '../../disk/folders.js';
import { API_PACKAGE, ownApiPackage } from './api-package.js';

/**
 * A folder of links in which Node finds the API package from a plugin that has none: `plugin` leads to it, and
 * `node_modules` beside it to Bulkhead's copy. For the Node versions whose only other way is a hook on a thread of its own,
 * which the permission model forbids. Nothing is written into the plugin's folder, and nothing is copied.
 */
export class ApiStage {
  private constructor(readonly path: string) {}

  /** Rejects when there is no room for it. */
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

  /** The plugin's folder as it is reached here. */
  get plugin(): string {
    return join(this.path, 'plugin');
  }

  /** Whether it is still there: folders for temporary files are cleaned now and then. */
  get isThere(): boolean {
    return existsSync(this.path);
  }

  /** Never rejects. */
  async remove(): Promise<void> {
    await removeFolder(this.path);
  }
}
