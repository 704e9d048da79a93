import * as z from '../base/zod.js';

export const ID_MEANING =
  'A name of your own, shown in the status: letters, digits, "-" and "_", 64 at most.';

/** Of sources, scenes, outputs and so on. */
export const ID = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'expected letters, digits, "-" and "_"')
  .describe(ID_MEANING);

/** The output that publishes to the embedded live server. */
export const LIVE_SERVER_OUTPUT = 'live-server';

/** Of outputs that are configured. */
export const OUTPUT_ID = ID.refine(
  (id) => id !== LIVE_SERVER_OUTPUT,
  `expected another id: "${LIVE_SERVER_OUTPUT}" is the embedded live server's`,
);

/** A plugin's id: publisher and name, or the name of its package without npm's scope. */
export const PLUGIN_ID = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
/** Its most characters: a publisher and a package's name. */
export const MOST_PLUGIN_ID = 320;

/** A check for a list: each entry has an id of its own. */
export function uniqueIds(what: string) {
  return (entries: readonly { readonly id: string }[], context: z.RefinementCtx): void => {
    const ids = entries.map(({ id }) => id);
    for (const [index, id] of ids.entries()) {
      if (ids.indexOf(id) === index) continue;
      const message = `expected an id that no other ${what} has`;
      context.addIssue({ code: 'custom', path: [index, 'id'], input: id, message });
    }
  };
}
