import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What V8 made of one module. */
export interface CompiledModule {
  /** Which source that was. */
  readonly source: string;
  readonly code: Buffer;
}

interface Entry {
  readonly path: string;
  readonly source: string;
  readonly bytes: number;
}

const WORD_BYTES = 4;

/**
 * The compiled modules of one program in one file: a checksum of all that follows, the length of the table, the table in JSON, and the
 * code of each of its entries. V8 trusts such code blindly, so a file that is not whole is not used.
 */
export class CompiledFile {
  private readonly path: string;

  /** @param program its name */
  constructor(
    private readonly folder: string,
    program: string,
  ) {
    this.path = join(folder, `${program}-${process.version}-${process.arch}`);
  }

  /** By the modules' paths; nothing if there is no such file, or it is damaged. */
  read(): Map<string, CompiledModule> {
    try {
      return parse(readFileSync(this.path));
    } catch {
      return new Map();
    }
  }

  /** Replaces the file as a whole. @throws if the folder cannot be written to */
  write(modules: ReadonlyMap<string, CompiledModule>): void {
    const table = [...modules].map(
      ([path, { source, code }]): Entry => ({ path, source, bytes: code.length }),
    );
    const head = Buffer.from(JSON.stringify(table));
    const code = [...modules.values()].map((module) => module.code);
    const file = Buffer.concat([Buffer.alloc(2 * WORD_BYTES), head, ...code]);
    file.writeUInt32LE(head.length, WORD_BYTES);
    file.writeUInt32LE(checksum(file));
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const unfinished = `${this.path}.${process.pid}`;
    writeFileSync(unfinished, file, { mode: 0o600 });
    renameSync(unfinished, this.path);
  }
}

/** @throws if it is damaged */
function parse(file: Buffer): Map<string, CompiledModule> {
  if (file.readUInt32LE() !== checksum(file)) return new Map();
  const headBytes = file.readUInt32LE(WORD_BYTES);
  let at = 2 * WORD_BYTES + headBytes;
  const table = JSON.parse(file.toString('utf8', 2 * WORD_BYTES, at)) as readonly Entry[];
  return new Map(
    table.map(({ path, source, bytes }) => {
      const code = file.subarray(at, at + bytes);
      at += bytes;
      return [path, { source, code }];
    }),
  );
}

/**
 * FNV-1a by words, of all but the first word, and of the length. Against disks and power cuts, not against people: those who can write the
 * cache can write the program. Loading Node's cryptography for it would take longer than all of the file.
 */
function checksum(file: Buffer): number {
  const words = new Uint32Array(file.buffer, file.byteOffset, file.length >>> 2);
  let hash = file.length;
  for (let i = 1; i < words.length; i++) hash = Math.imul(hash ^ (words[i] as number), 0x01000193);
  for (let i = words.length * WORD_BYTES; i < file.length; i++)
    hash = Math.imul(hash ^ (file[i] as number), 0x01000193);
  return hash >>> 0;
}
