import type { PartRole } from '../../protocol/lifecycle.js';
import type { PartLauncher } from './part-launcher.js';

export const PartLaunchers = Symbol('PartLaunchers');

/** How each part is started in this run mode: as a process, or inside the core. */
export type PartLaunchers = Readonly<Record<PartRole, PartLauncher>>;
