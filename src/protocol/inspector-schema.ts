import * as z from '../base/zod.js';
import type { InspectorOptions } from './inspector.js';

/** Apart from its type: a plugin's process, which checks nothing, would pay for zod. */
export const InspectorSchema: z.ZodType<InspectorOptions> = z.object({
  port: z.int().min(1).max(65535),
  wait: z.boolean(),
});
