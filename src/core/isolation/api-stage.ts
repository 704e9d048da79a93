import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Disposable } from 'vscode-jsonrpc';
import { API_PACKAGE, ownApiPackage } from './api-package.js';

/**
 * A folder of links in which Node finds the API package from a plugin that has none: `plugin` leads to it, and
 * `node_modules` beside it to Bulkhead's copy. For the Node versions whose only other way is a hook on a thread of its own,
 * which the permission model forbids. Nothing is written into the plugin's folder, and nothing is copied.
 */
export class ApiStage implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'bulkhead-plugin-'));

  constructor(plugin: string) {
    try {
      const api = join(this.path, 'node_modules', API_PACKAGE);
      mkdirSync(dirname(api), { recursive: true });
      symlinkSync(ownApiPackage(), api, 'junction');
      symlinkSync(plugin, join(this.path, 'plugin'), 'junction');
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** Never throws: an exit is reported after it. */
  dispose(): void {
    try {
      rmSync(this.path, { recursive: true, force: true });
    } catch {
      // A few links that stay in the folder for temporary files.
    }
  }
}
