import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type EntryEdit, type EntrySettings, editEntry } from '../../config/edit-entries.js';
import { neededSettings, parseEntry } from '../../config/parse-entry.js';
import { findPathProblem, withAbsolutePath } from '../../config/paths.js';
import type { NamedSource } from '../../config/schema.js';
import { ControlClient } from '../../control-client/control-client.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { SourceList, SourceManagement } from '../../protocol/sources.js';
import type { CliContext } from '../cli-context.js';
import { editOnAir, type SaveOptions } from '../edit-on-air.js';
import { jsonArgument } from '../json-argument.js';
import type { AddressOptions, JsonOptions } from '../options.js';

type Common = AddressOptions & JsonOptions;
export type EditOptions = SaveOptions;

const EXAMPLE = '{ "type": "file", "path": "talk.mp4" }';

/** `bulkhead source list`. */
export function listSources(options: Common, context: CliContext): Promise<number> {
  return changed(options, context, { ask: (sources) => sources.list(), lines: linesOf });
}

/** `bulkhead source add`. */
export function addSource(
  id: string,
  json: string,
  options: EditOptions,
  context: CliContext,
): Promise<number> {
  const given = { ...jsonArgument(json, EXAMPLE), id };
  const source = withAbsolutePath(parseEntry('sources', given, `sources.${id}`), context.cwd);
  checkFiles(source);
  const { id: _, ...needed } = neededSettings('sources', source) as NamedSource;
  return changed(options, context, {
    ask: (sources) => sources.add({ source }),
    lines: () => [`The source "${id}" was added.`],
    edit: { kind: 'put', id, settings: needed },
  });
}

/** `bulkhead source set`. */
export function setSource(
  id: string,
  json: string,
  options: EditOptions,
  context: CliContext,
): Promise<number> {
  const change = withAbsolutePath(jsonArgument(json, '{ "path": "other.mp4" }'), context.cwd);
  checkFiles({ id, ...change });
  return changed(options, context, {
    ask: (sources) => sources.set({ id, change }),
    lines: () => [`The source "${id}" was changed.`],
    edit: { kind: 'put', id, settings: change },
  });
}

/** `bulkhead source remove`. */
export function removeSource(id: string, options: EditOptions, context: CliContext): Promise<number> {
  return changed(options, context, {
    ask: (sources) => sources.remove({ id }),
    lines: () => [`The source "${id}" was removed.`],
    edit: { kind: 'remove', id },
  });
}

/** `bulkhead source restart`. */
export function restartSource(id: string, options: Common, context: CliContext): Promise<number> {
  return changed(options, context, {
    ask: (sources) => sources.restart({ id }),
    lines: () => [`The source "${id}" was opened anew.`],
  });
}

/** `bulkhead source play`. */
export function playSource(id: string, options: Common, context: CliContext): Promise<number> {
  return changed(options, context, {
    ask: (sources) => sources.play({ id }),
    lines: () => [`The source "${id}" is played.`],
  });
}

/** `bulkhead source snapshot`. */
export async function snapshotSource(
  id: string,
  file: string | undefined,
  { address, json }: Common,
  { stdout, cwd }: CliContext,
): Promise<number> {
  const path = resolve(cwd, file ?? `${id}.jpg`);
  const client = await ControlClient.connect(address);
  try {
    const { data } = await client.sources.snapshot({ id });
    const image = Buffer.from(data, 'base64');
    try {
      writeFileSync(path, image);
    } catch (error) {
      throw new BulkheadError(ErrorCodes.storageFailed, `cannot write ${path}: ${(error as Error).message}`);
    }
    if (json === true) stdout.json({ file: path, bytes: image.length }, 2);
    else stdout.line(`What the source "${id}" shows is in ${path}.`);
    return ExitCodes.ok;
  } finally {
    client.dispose();
  }
}

interface Change {
  readonly ask: (sources: SourceManagement) => Promise<SourceList>;
  readonly lines: (list: SourceList) => readonly string[];
  readonly edit?: EntryEdit;
}

function changed(options: EditOptions, context: CliContext, { ask, lines, edit }: Change): Promise<number> {
  const saved = edit && {
    ...{ list: 'sources' as const, id: edit.id },
    edit: (text: string) => editEntry(text, 'sources', edit),
  };
  return editOnAir(options, context, {
    ask: (client) => ask(client.sources),
    lines,
    ...(saved === undefined ? {} : { saved }),
  });
}

function linesOf({ sources }: SourceList): string[] {
  return sources.map(({ id, type, name, scenes }) => {
    const shown = scenes.length === 0 ? 'in no scene' : `in ${scenes.join(', ')}`;
    return `${id}  ${type === name ? type : `${type}, ${name}`}, ${shown}`;
  });
}

/** @throws BulkheadError for the first file that is missing */
function checkFiles(source: EntrySettings): void {
  const { path, items, filters } = source;
  const { lut } = Object(filters);
  for (const file of [path, lut, ...(Array.isArray(items) ? items : [])]) {
    const problem = typeof file === 'string' ? findPathProblem(file, 'file') : undefined;
    if (problem === undefined) continue;
    throw new BulkheadError(ErrorCodes.inputNotFound, problem, { where: `sources.${source['id']}` });
  }
}
