/**
 * Exit codes of Bulkhead's own processes. `badSettings` and `versionMismatch` tell the supervisor that a restart
 * cannot help; any other code but `ok` is a crash.
 */
export const ExitCodes = {
  ok: 0,
  /** An unexpected error. */
  crash: 1,
  /** The command line, the configuration or an address is invalid (EX_USAGE of sysexits.h). */
  badSettings: 64,
  /** A plugin's tests could not be completed: the plugin crashed, hung or ended the process (EX_SOFTWARE). */
  testsBroken: 70,
  /** The parent speaks another protocol version (EX_PROTOCOL). */
  versionMismatch: 76,
  /** The parent's end of the control channel closed (EX_IOERR). */
  parentGone: 74,
  /** The broadcast could not go on air or stay there (EX_UNAVAILABLE). */
  unavailable: 69,
  /** Ended by Ctrl-C pressed twice (128 + SIGINT). */
  interrupted: 130,
} as const;
