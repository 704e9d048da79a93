import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const NAME = /^broadcast-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.html$/;

/** Reports of the last broadcasts, one file each. */
export class ReportFolder {
  private writing: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly folder: string,
    private readonly kept = 10,
  ) {}

  /**
   * Writes the report of the broadcast started at this time, replacing its earlier report, and deletes those of the
   * oldest broadcasts. Resolves with its path.
   *
   * @param startedAtMs since 1970.
   */
  write(startedAtMs: number, text: string): Promise<string> {
    const written = this.writing.then(() => this.replace(nameOf(startedAtMs), text));
    this.writing = written.catch(() => {});
    return written;
  }

  private async replace(name: string, text: string): Promise<string> {
    const path = join(this.folder, name);
    const unfinished = `${path}.new`;
    await mkdir(this.folder, { recursive: true });
    await writeFile(unfinished, text);
    await rename(unfinished, path);
    const names = (await readdir(this.folder)).filter((name) => NAME.test(name)).sort();
    for (const old of names.slice(0, -this.kept)) await rm(join(this.folder, old), { force: true });
    return path;
  }
}

function nameOf(startedAtMs: number): string {
  const time = new Date(startedAtMs)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-');
  return `broadcast-${time}.html`;
}
