import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A fenced block of a Markdown document. */
export interface FencedBlock {
  /** What follows the fence: `jsonc`, `console fails`. Empty where nothing does. */
  readonly info: string;
  readonly body: readonly string[];
  /** Number of the line of its opening fence, from 1. */
  readonly line: number;
}

/** @throws where a block has no end. */
export function fencedBlocks(markdown: string): FencedBlock[] {
  const blocks: FencedBlock[] = [];
  const lines = markdown.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const [, fence, info = ''] = /^(`{3,})([^`]*)$/.exec(lines[at] ?? '') ?? [];
    if (fence === undefined) continue;
    const line = at + 1;
    const end = lines.indexOf(fence, line);
    if (end === -1) throw new Error(`line ${line}: the block has no end`);
    blocks.push({ info: info.trim(), body: lines.slice(line, end), line });
    at = end;
  }
  return blocks;
}

/** The document with its blocks emptied: line numbers stay. */
export function withoutBlocks(markdown: string): string {
  const lines = markdown.split('\n');
  for (const { body, line } of fencedBlocks(markdown)) lines.fill('', line - 1, line + body.length + 1);
  return lines.join('\n');
}

/** The anchors of the document's headings, as GitHub makes them. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of withoutBlocks(markdown).matchAll(/^#{1,6} (.*)$/gm)) {
    const anchor = heading
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
    let unique = anchor;
    for (let number = 1; anchors.has(unique); number++) unique = `${anchor}-${number}`;
    anchors.add(unique);
  }
  return anchors;
}

/** Paths of this repository's documents, from its root. */
export function documents(root: string): string[] {
  const within = (folder: string) =>
    existsSync(join(root, folder))
      ? readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
          join(folder, name),
        )
      : [];
  const samples = readdirSync(join(root, 'sample-plugins')).map((name) =>
    join('sample-plugins', name, 'README.md'),
  );
  return [
    ...readdirSync(root),
    ...within('docs'),
    ...samples,
    join('extension-api', 'README.md'),
    join('plugin-tools', 'README.md'),
  ].filter((path) => path.endsWith('.md') && existsSync(join(root, path)));
}
