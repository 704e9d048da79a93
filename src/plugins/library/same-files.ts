import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Whether two folders hold files with the same paths and contents; false if one of them cannot be read. */
export function haveSameFiles(one: string, other: string): boolean {
  try {
    const paths = filesIn(one);
    const others = filesIn(other);
    return (
      paths.length === others.length &&
      paths.every((path, index) => path === others[index] && isSameFile(join(one, path), join(other, path)))
    );
  } catch {
    return false;
  }
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

function isSameFile(one: string, other: string): boolean {
  return statSync(one).size === statSync(other).size && readFileSync(one).equals(readFileSync(other));
}
