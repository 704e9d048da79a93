import * as z from 'zod';

/** The only address that inspectors listen on: no other computer reaches it. */
export const INSPECTOR_HOST = '127.0.0.1';

/** Node's inspector in the process of a plugin in development, or of a plugin's tests. */
export const InspectorOptions = z.object({
  /** TCP port of {@link INSPECTOR_HOST}. */
  port: z.int().min(1).max(65535),
  /** Whether to wait for a debugger before anything of the plugin is loaded. */
  wait: z.boolean(),
});
export type InspectorOptions = z.infer<typeof InspectorOptions>;
