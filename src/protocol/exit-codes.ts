/**
 * Exit codes of Bulkhead's own processes. `badSettings` and `versionMismatch` tell a supervisor that starting the
 * process again cannot help; everything else that is not `ok` is a crash.
 */
export const ExitCodes = {
  ok: 0,
  /** An error nobody foresaw. */
  crash: 1,
  /** The command line, the configuration or an address is wrong (EX_USAGE of sysexits.h). */
  badSettings: 64,
  /** A plugin's tests could not be run to their end: it crashed, hung or ended their process (EX_SOFTWARE). */
  testsBroken: 70,
  /** The parent speaks another protocol version (EX_PROTOCOL). */
  versionMismatch: 76,
  /** The parent's end of the control channel closed (EX_IOERR). */
  parentGone: 74,
  /** The broadcast could not go, or stay, on air (EX_UNAVAILABLE). */
  unavailable: 69,
  /** Ended by Ctrl-C pressed twice (128 + SIGINT). */
  interrupted: 130,
} as const;
