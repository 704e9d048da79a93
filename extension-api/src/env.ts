/** Where the plugin runs. */
export interface Environment {
  /** Version of this API that Bulkhead implements, for example `1.2.0`. */
  readonly apiVersion: string;
  /** Bulkhead's own version. */
  readonly appVersion: string;
  /** The operating system, as Node names it: `linux`, `darwin`, `win32` … */
  readonly platform: string;
}
