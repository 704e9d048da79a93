import * as z from '../base/zod.js';

/** The embedded live server. */
export const LiveServerSchema = z.strictObject({
  enabled: z
    .boolean()
    .optional()
    .describe(
      'Whether the embedded live server serves the broadcast, with its viewer page. By default, only if there are no outputs.',
    ),
  rtmpPort: z
    .int()
    .min(1)
    .max(65535)
    .default(1935)
    .describe(
      'TCP port of RTMP. If it is in use, the next free one is taken; with an ingest it is an error.',
    ),
  httpPort: z
    .int()
    .min(1)
    .max(65535)
    .default(8000)
    .describe('TCP port of the viewer page. If it is in use, the next free one is taken.'),
  host: z
    .union([z.ipv4(), z.ipv6()], 'expected an IP address, such as "127.0.0.1" or "0.0.0.0"')
    .default('127.0.0.1')
    .describe(
      'IP address on which the viewer page listens. "0.0.0.0" lets the local network watch, by a link with a token.',
    ),
  rtmpHost: z
    .union([z.ipv4(), z.ipv6()], 'expected an IP address, such as "127.0.0.1" or "0.0.0.0"')
    .default('127.0.0.1')
    .describe(
      'IP address on which RTMP listens. "0.0.0.0" lets programs in the local network publish with an ingest\'s key, and players play with the token of "host". The key is not encrypted on the way.',
    ),
});
