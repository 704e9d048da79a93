/**
 * Exit codes of Bulkhead's commands and of its own processes. `badSettings` and `versionMismatch` tell a supervisor that
 * starting the process again cannot help; everything else that is not `ok` is a crash. `npm run docs` writes the table in
 * docs/status.md from the comments.
 */
export const ExitCodes = {
  /** Done; the broadcast was ended, or its input came to its end. */
  ok: 0,
  /** A bug in Bulkhead; of `plugin test`, tests that failed. */
  crash: 1,
  /** The command line, the configuration, a plugin or an address is wrong: the same command fails again (EX_USAGE). */
  badSettings: 64,
  /** The broadcast could not go, or stay, on air; no core runs; or a plugin is not active (EX_UNAVAILABLE). */
  unavailable: 69,
  /** A plugin's tests crashed, hung or ended their process (EX_SOFTWARE). */
  testsBroken: 70,
  /** Never a command's: a part of the core ended since the core's end of its control channel closed (EX_IOERR). */
  parentGone: 74,
  /** The parts of this installation have different versions (EX_PROTOCOL). */
  versionMismatch: 76,
  /** Interrupted by Ctrl-C before it was done; of `live`, by Ctrl-C pressed twice (128 + SIGINT). */
  interrupted: 130,
} as const;
