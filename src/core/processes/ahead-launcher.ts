import type { PartRole } from '../../protocol/lifecycle.js';
import { launch } from './failed-launch.js';
import type { PartInstance, PartLauncher } from './part-launcher.js';

/**
 * Launches its first instance when it is created, before it is needed: the process starts up in parallel with its
 * parent.
 */
export class AheadLauncher implements PartLauncher {
  private ahead: PartInstance | undefined;

  constructor(private readonly launcher: PartLauncher) {
    const instance = launch(launcher);
    this.ahead = instance;
    // If it exits before it is needed, a new one is launched instead.
    instance.onDidExit(() => {
      if (this.ahead === instance) this.ahead = undefined;
    });
  }

  get role(): PartRole {
    return this.launcher.role;
  }

  get isolated(): boolean {
    return this.launcher.isolated;
  }

  launch(): PartInstance {
    const instance = this.ahead ?? launch(this.launcher);
    this.ahead = undefined;
    return instance;
  }
}
