import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';

/** One entry of an archive, possibly invalid. */
export interface ArchiveEntry {
  readonly path: string;
  readonly text?: string;
  readonly type?:
    | 'File'
    | 'ContiguousFile'
    | 'SymbolicLink'
    | 'Link'
    | 'Directory'
    | 'GNUDumpDir'
    | 'CharacterDevice'
    | 'FIFO';
  readonly linkpath?: string;
  /** The size in the header, bytes; the actual one if undefined. */
  readonly size?: number;
}

/** Writes a `.tgz` with exactly these entries, valid or not. */
export function writeArchive(file: string, entries: readonly ArchiveEntry[]): string {
  const blocks = entries.flatMap(({ path, text = '', type = 'File', linkpath = '', size }) => {
    const body = Buffer.from(text);
    const header = new Header({ path, type, linkpath, size: size ?? body.length, mode: 0o777 });
    header.encode();
    const padding = Buffer.alloc((512 - (body.length % 512)) % 512);
    return [header.block ?? Buffer.alloc(512), body, padding];
  });
  writeFileSync(file, gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)])));
  return file;
}

/** The entries of a valid plugin. */
export function pluginEntries(manifest: object = {}): ArchiveEntry[] {
  const packageJson = {
    name: 'packed',
    version: '1.0.0',
    main: 'main.cjs',
    engines: { bulkhead: '^1.0.0' },
    ...manifest,
  };
  return [
    { path: 'package/package.json', text: JSON.stringify(packageJson) },
    { path: 'package/main.cjs', text: 'exports.activate = () => {};' },
  ];
}
