import { type EntryEdit, editEntry } from '../../config/edit-entries.js';
import { neededSettings, parseEntry } from '../../config/parse-entry.js';
import { filesOf, findPathProblem, withAbsoluteElements, withAbsolutePath } from '../../config/paths.js';
import type { ElementConfig, OverlayConfig } from '../../config/schema.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { OverlayList, OverlayManagement } from '../../protocol/overlays.js';
import type { CliContext } from '../cli-context.js';
import { editOnAir, type SaveOptions } from '../edit-on-air.js';
import { jsonArgument } from '../json-argument.js';
import type { AddressOptions, JsonOptions } from '../options.js';

type Common = AddressOptions & JsonOptions;
export type EditOptions = SaveOptions & { readonly element?: string; readonly at?: number };

const OVERLAY_EXAMPLE = '{ "elements": [{ "id": "text", "type": "text", "text": "Welcome" }] }';
const ELEMENT_EXAMPLE = '{ "type": "text", "text": "Welcome" }';
/** As much of a text as is listed. */
const LISTED = 40;

/** `bulkhead overlay list`. */
export function listOverlays(options: Common, context: CliContext): Promise<number> {
  return editOnAir(options, context, {
    ask: (client) => client.overlays.list(),
    lines: ({ overlays }) => overlays.map(lineOf),
  });
}

/** `bulkhead overlay add`: an overlay, or an element of one. */
export function addToOverlays(
  id: string,
  json: string,
  options: EditOptions,
  context: CliContext,
): Promise<number> {
  const { element, at } = options;
  if (element !== undefined) {
    const given = { ...jsonArgument(json, ELEMENT_EXAMPLE), id: element };
    const added = withAbsolutePath(given, context.cwd) as unknown as ElementConfig;
    const done = `The element "${element}" was added to the overlay "${id}".`;
    return edited(id, done, options, context, (overlays) =>
      overlays.addElement({ overlay: id, element: added, at }),
    );
  }
  const given = { ...jsonArgument(json, OVERLAY_EXAMPLE), id };
  const overlay = withAbsoluteElements(parseEntry('overlays', given, `overlays.${id}`), context.cwd);
  checkFiles(overlay);
  return edited(id, `The overlay "${id}" was added.`, options, context, (overlays) =>
    overlays.add({ overlay, at }),
  );
}

/** `bulkhead overlay set`: settings of an overlay, or of an element. */
export function setInOverlays(
  id: string,
  json: string | undefined,
  options: EditOptions,
  context: CliContext,
): Promise<number> {
  const { element, at } = options;
  const example = element === undefined ? '{ "x": 40 }' : '{ "text": "Welcome" }';
  const change = jsonArgument(json ?? (at === undefined ? '' : '{}'), example);
  if (element === undefined)
    return edited(id, `The overlay "${id}" was changed.`, options, context, (overlays) =>
      overlays.set({ id, change: withAbsoluteElements(change, context.cwd), at }),
    );
  const done = `The element "${element}" of the overlay "${id}" was changed.`;
  return edited(id, done, options, context, (overlays) =>
    overlays.setElement({ overlay: id, id: element, change: withAbsolutePath(change, context.cwd), at }),
  );
}

/** `bulkhead overlay remove`: an overlay, or an element of one. */
export function removeFromOverlays(id: string, options: EditOptions, context: CliContext): Promise<number> {
  const { element } = options;
  return element === undefined
    ? edited(id, `The overlay "${id}" was removed.`, options, context, (overlays) => overlays.remove({ id }))
    : edited(
        id,
        `The element "${element}" was removed from the overlay "${id}".`,
        options,
        context,
        (overlays) => overlays.removeElement({ overlay: id, id: element }),
      );
}

/** `bulkhead overlay show` and `hide`. */
export function showOverlay(
  id: string,
  visible: boolean,
  options: EditOptions,
  context: CliContext,
): Promise<number> {
  const done = `The overlay "${id}" is ${visible ? 'shown' : 'hidden'}.`;
  return edited(id, done, options, context, (overlays) => overlays.set({ id, change: { visible } }));
}

function edited(
  id: string,
  done: string,
  options: EditOptions,
  context: CliContext,
  change: (overlays: OverlayManagement) => Promise<OverlayList>,
): Promise<number> {
  return editOnAir(options, context, {
    ask: (client) => change(client.overlays),
    lines: () => [done],
    saved: {
      ...{ list: 'overlays', id },
      edit: (text, now) => (now === undefined ? text : editEntry(text, 'overlays', editOf(id, now.overlays))),
    },
  });
}

function editOf(id: string, overlays: readonly OverlayConfig[]): EntryEdit {
  const overlay = overlays.find((one) => one.id === id);
  if (overlay === undefined) return { kind: 'remove', id };
  const { id: _, ...settings } = overlay;
  const { id: __, ...needed } = neededSettings('overlays', overlay) as OverlayConfig;
  return { kind: 'put', id, settings, needed };
}

function lineOf({ id, visible, elements }: OverlayConfig): string {
  const shown = elements.map((element) => {
    if (element.type !== 'text') return element.type;
    const { text } = element;
    return JSON.stringify(text.length > LISTED ? `${text.slice(0, LISTED)}…` : text);
  });
  return `${visible ? '●' : ' '} ${id}${shown.length === 0 ? '' : `  ${shown.join(', ')}`}`;
}

/** @throws BulkheadError for the first file that is missing */
function checkFiles(overlay: OverlayConfig): void {
  for (const [path, file] of filesOf(overlay)) {
    const problem = findPathProblem(file, 'file');
    if (problem === undefined) continue;
    throw new BulkheadError(ErrorCodes.inputNotFound, problem, {
      where: `overlays.${overlay.id}.${path.join('.')}`,
    });
  }
}
