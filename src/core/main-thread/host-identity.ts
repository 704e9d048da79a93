import * as z from 'zod';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { FromPlugin } from '../../protocol/extension-host.js';

/** What every message from a host has; the schemas of the messages extend it. */
export const FromPluginSchema = z.object({ plugin: z.string() });

/**
 * Who is at the other end of a host's channel. Whatever comes over it was written by a plugin: it is checked, and may
 * speak only for the plugins that the core gave that host.
 */
export class HostIdentity {
  constructor(private readonly plugins: ReadonlySet<string>) {}

  /** For people: the plugins' ids. */
  get name(): string {
    return [...this.plugins].join(', ');
  }

  /**
   * @returns the message, checked.
   * @throws `permission.denied` for another plugin's id, `plugin.failed` for a message that is not what it should be.
   */
  check<T extends FromPlugin>(schema: z.ZodType<T>, params: unknown): T {
    const result = schema.safeParse(params);
    const { name } = this;
    if (!result.success) {
      throw new BulkheadError(
        ErrorCodes.pluginFailed,
        `the host of ${name} sent a message that is not understood: ${z.prettifyError(result.error)}`,
        { where: name },
      );
    }
    const message = result.data;
    if (!this.plugins.has(message.plugin)) {
      throw new BulkheadError(
        ErrorCodes.permissionDenied,
        `the host of ${name} speaks for "${message.plugin}", which it does not hold`,
        { where: name },
      );
    }
    return message;
  }
}
