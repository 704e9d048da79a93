// The descriptors that the core gives to a part's process, besides its log. Number 4 is bubblewrap's, which reports a process id on it.

export const CONTROL_FD = 3;
/** Takes frames of plugins to the core; only for their host. */
export const FRAMES_FD = 5;
