import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { fileURLToPath } from 'node:url';

/** A place in a file; lines begin with 1, columns with 0. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Finds the places of a compiled script in its sources, by its source map, and the other way round. */
export class SourcePositions {
  private readonly map: SourceMap;
  private readonly files: ReadonlyMap<string, string>;

  /** @param mapUrl What its `sourceMappingURL` says. */
  constructor(scriptUrl: string, mapUrl: string) {
    const url = new URL(mapUrl, scriptUrl);
    const [, base64 = ''] = /^data:.*;base64,(.*)$/.exec(url.href) ?? [];
    const text = base64 === '' ? readFileSync(url, 'utf8') : Buffer.from(base64, 'base64').toString();
    const payload = JSON.parse(text) as SourceMapPayload;
    this.map = new SourceMap(payload);
    const base = payload.sourceRoot || (base64 === '' ? url : scriptUrl);
    this.files = new Map(payload.sources.map((source) => [source, fileURLToPath(new URL(source, base))]));
  }

  /** @param line @param column Both begin with 0, as the debugger's protocol has them. */
  original(line: number, column: number): Place | undefined {
    const entry = this.map.findEntry(line, column);
    if (!('originalSource' in entry)) return undefined;
    const file = this.files.get(entry.originalSource);
    return file === undefined
      ? undefined
      : { file, line: entry.originalLine + 1, column: entry.originalColumn };
  }

  /** Where the script has this place of a source, or what is behind it in the line; undefined if it is not in it. */
  generated(
    { file, line, column }: Place,
    script: string,
  ): { lineNumber: number; columnNumber: number } | undefined {
    for (const [lineNumber, text] of script.split('\n').entries()) {
      for (let columnNumber = 0; columnNumber < text.length; columnNumber += 1) {
        const entry = this.map.findEntry(lineNumber, columnNumber);
        if (!('generatedLine' in entry) || entry.generatedLine !== lineNumber) continue;
        const found = this.original(lineNumber, columnNumber);
        if (found?.file === file && found.line === line && found.column >= column)
          return { lineNumber, columnNumber };
      }
    }
    return undefined;
  }
}
