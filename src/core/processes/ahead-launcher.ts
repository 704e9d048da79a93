import type { PartRole } from '../../protocol/lifecycle.js';
import { launch } from './failed-launch.js';
import type { PartInstance, PartLauncher } from './part-launcher.js';

/**
 * Launches its first instance when it is made, before anybody asks for one: a process gets ready while its parent still
 * does.
 */
export class AheadLauncher implements PartLauncher {
  private ahead: PartInstance | undefined;

  constructor(private readonly launcher: PartLauncher) {
    const instance = launch(launcher);
    this.ahead = instance;
    // Its exit would be told to nobody: the one who asks for it gets another.
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
