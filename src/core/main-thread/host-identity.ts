import { z } from 'zod';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';

/**
 * Who is at the other end of a host's channel. Whatever comes over it was written by a plugin: it is checked, and may
 * speak only for the plugins that the core gave that host.
 */
export class HostIdentity {
  constructor(private readonly plugins: ReadonlySet<string>) {}

  /**
   * @returns the message, checked.
   * @throws `permission.denied` for another plugin's id, `plugin.failed` for a message that is not what it should be.
   */
  check<T extends z.ZodType>(schema: T, params: unknown): z.output<T> & FromKnownPlugin {
    const result = z.object({ plugin: z.string() }).and(schema).safeParse(params);
    const names = [...this.plugins].join(', ');
    if (!result.success) {
      throw new BulkheadError(
        ErrorCodes.pluginFailed,
        `the host of ${names} sent a message that is not understood: ${z.prettifyError(result.error)}`,
        { where: names },
      );
    }
    const message = result.data as z.output<T> & FromKnownPlugin;
    if (!this.plugins.has(message.plugin)) {
      throw new BulkheadError(
        ErrorCodes.permissionDenied,
        `the host of ${names} speaks for "${message.plugin}", which it does not hold`,
        { where: names },
      );
    }
    return message;
  }
}

interface FromKnownPlugin {
  readonly plugin: string;
}
