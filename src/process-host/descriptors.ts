import type { PartRole } from '../protocol/lifecycle.js';

// The descriptors that the core gives to a part's process, besides its log. Number 4 is bubblewrap's, which reports a process id on it.

export const CONTROL_FD = 3;
/** Takes frames of plugins from their host to the core, or media from the core to a relay. */
export const FRAMES_FD = 5;
/** Those that are given that descriptor. */
export const ROLES_WITH_FRAMES: ReadonlySet<PartRole> = new Set(['extension-host', 'relay']);
