/**
 * The environment variable by which what a core has started is found again, directly or not: `RUN` for what runs inside the core,
 * `RUN.N` for its Nth child process. A process keeps the environment that it was started with, also when it leaves its process
 * group and session, and RUN cannot be guessed.
 */
export const RUN_MARK = 'BULKHEAD_RUN';
