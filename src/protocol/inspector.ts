/** The only address that inspectors listen on: no other computer reaches it. */
export const INSPECTOR_HOST = '127.0.0.1';

/** Node's inspector in the process of a plugin in development, or of a plugin's tests. */
export interface InspectorOptions {
  /** TCP port of {@link INSPECTOR_HOST}. */
  readonly port: number;
  /** Whether to wait for a debugger before anything of the plugin is loaded. */
  readonly wait: boolean;
}
