import type { PartRole } from '../../protocol/lifecycle.js';
import type { PartLauncher } from './part-launcher.js';

export const PartLaunchers = Symbol('PartLaunchers');

/** How each part is started in this run mode: as a process, or inside the core. Plugins' hosts have launchers of their own. */
export type PartLaunchers = Readonly<Record<Exclude<PartRole, 'extension-host'>, PartLauncher>>;
