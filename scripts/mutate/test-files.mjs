// Which unit tests load a module: by the imports of what tsc has built, in which types are gone.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';

const IMPORT = /(?:\bfrom|\bimport\s*\(?)\s*'(\.[^']+\.js)'/g;
/** So many files of other rooms' tests are worth their time, the nearest. */
const MAX_OTHERS = 10;

/** All .js files in a folder of `root`, as paths from there. */
export function builtFiles(root, folder) {
  return readdirSync(join(root, folder), { recursive: true })
    .map((file) => `${folder}/${file.split(sep).join('/')}`)
    .filter((file) => file.endsWith('.js'))
    .sort();
}

export class TestFiles {
  /** Module → what imports it. */
  #importers = new Map();

  /** @param {string} root the folder with `dist` in it */
  constructor(root) {
    for (const folder of ['dist/src', 'dist/test']) {
      for (const file of builtFiles(root, folder)) {
        for (const [, path] of readFileSync(join(root, file), 'utf8').matchAll(IMPORT)) {
          const target = normalize(join(dirname(file), path))
            .split(sep)
            .join('/');
          this.#importers.set(target, [...(this.#importers.get(target) ?? []), file]);
        }
      }
    }
  }

  /**
   * The test files that load the module, directly or through others, the nearest first: those of the room, and a few of
   * other rooms.
   *
   * @returns {{ own: string[], others: string[] }}
   */
  of(module, room) {
    const steps = new Map([[module, 0]]);
    for (const [file, count] of steps) {
      for (const importer of this.#importers.get(file) ?? [])
        if (!steps.has(importer)) steps.set(importer, count + 1);
    }
    const tests = [...steps.keys()].filter((file) => /^dist\/test\/unit\/.*\.test\.js$/.test(file));
    const isOwn = (file) => file.startsWith(`dist/test/unit/${room}/`);
    return {
      own: tests.filter(isOwn),
      others: tests.filter((file) => !isOwn(file)).slice(0, MAX_OTHERS),
    };
  }
}
