import { gzipSync } from 'node:zlib';
import { type ArchiveEntry, pluginEntries } from './archive.js';

/** A package that Bulkhead has to refuse, and its message. */
export interface HostilePackage {
  readonly what: string;
  readonly entries: readonly ArchiveEntry[];
  readonly message: RegExp;
}

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const files = (...paths: string[]): ArchiveEntry[] => [
  ...pluginEntries(),
  ...paths.map((path) => ({ path, text: 'x' })),
];
const manifest = (what: string, keys: object, message: RegExp): HostilePackage => ({
  what: `a manifest with ${what}`,
  entries: pluginEntries(keys),
  message,
});
const link = (type: NonNullable<ArchiveEntry['type']>, linkpath = ''): HostilePackage => ({
  what: `a ${type}`,
  entries: [...pluginEntries(), { path: 'package/odd', type, linkpath }],
  message: /"package\/odd" is neither a file nor a folder but /,
});
const path = (what: string, name: string, message: RegExp): HostilePackage => ({
  what: `a path ${what}`,
  entries: files(name),
  message,
});

/** Folders `depth` deep that no other file is in. */
const ownFolders = (index: number, depth: number) =>
  `package/${times(depth, (level) => `${index.toString(36)}${level}`).join('/')}/f`;

/** Each is refused because of the package or its manifest, and leaves nothing behind. */
export const HOSTILE_PACKAGES: readonly HostilePackage[] = [
  {
    what: '15,000 files 101 folders deep',
    entries: files(...times(15_000, (index) => ownFolders(index, 101).slice(0, 99))),
    message: /folders deep$/,
  },
  {
    what: '1000 files with 20 folders of their own each',
    entries: files(...times(1000, (index) => ownFolders(index, 20))),
    message: /holds more than 10000 files and folders$/,
  },
  {
    what: '10,000 empty folders',
    entries: [
      ...pluginEntries(),
      ...times(10_000, (index) => ({ path: `package/${index}/`, type: 'Directory' as const })),
    ],
    message: /holds more than 10000 files and folders$/,
  },
  {
    what: '64 MB of nothing in 64 kB',
    entries: [...pluginEntries(), { path: 'package/zeros', text: '\0'.repeat(63 * 1024 * 1024) }],
    message: /expands to more than 200 times its size/,
  },
  {
    what: 'a file of 2 GB by its header',
    entries: [...pluginEntries(), { path: 'package/bomb', size: 2 * 1024 ** 3, text: 'x' }],
    message: /is larger than a file may be: 2048 MB of 64 MB$/,
  },
  {
    what: 'a file that is there twice',
    entries: files('package/a', 'package/a'),
    message: /the path "package\/a" appears more than once$/,
  },
  {
    what: 'a file that is there twice, in two outer folders',
    entries: files('package/a', 'other/a'),
    message: /the path "other\/a" appears more than once$/,
  },
  {
    what: 'a file that is a folder as well',
    entries: files('package/a', 'package/a/b'),
    message: /the path "package\/a\/b" appears more than once$/,
  },
  {
    what: 'files that differ in case',
    entries: files('package/main.JS', 'package/main.js'),
    message: /the path "package\/main\.js" differs from "main\.JS" only in case or accents$/,
  },
  {
    what: 'folders that differ in accents',
    entries: files('package/caf\u00e9/a', 'package/cafe\u0301/b'),
    message: /only in case or accents$/,
  },
  link('SymbolicLink', '/etc'),
  link('SymbolicLink', '../../..'),
  link('Link', 'package/main.cjs'),
  link('Link', '/etc/passwd'),
  link('CharacterDevice'),
  link('FIFO'),
  path('up', 'package/../../out', /points outside the package$/),
  path('from the root', '/etc/out', /points outside the package$/),
  path('with a backslash', 'package\\..\\..\\out', /points outside the package$/),
  path('on a drive', 'C:/out', /points outside the package$/),
  path('with an escape sequence', 'package/\x1b[2Ja', /holds characters that cannot be printed$/),
  path('with a line break', 'package/a\nb', /holds characters that cannot be printed$/),
  path('written from right to left', 'package/\u202etxt.js', /holds characters that cannot be printed$/),
  path('with a zero-width space', 'package/main\u200b.js', /holds characters that cannot be printed$/),
  path('with a stream of Windows', 'package/main.js:hidden', /has a name that Windows does not take/),
  path('named as a device', 'package/aux.js', /has a name that Windows does not take/),
  path('that ends in a dot', 'package/a.', /has a name that Windows does not take/),
  path('without a name', 'package/a//b', /has a part without a name$/),
  path('of its own folder', 'package/./a', /has a part without a name$/),
  manifest(
    'a range of 20,000 alternatives',
    { engines: { bulkhead: times(20_000, (index) => `^1.${index}.0`).join('||') } },
    /expected at most 65536 bytes/,
  ),
  manifest(
    'a range of 5000 alternatives',
    { engines: { bulkhead: times(5000, (index) => `^1.${index}`).join('||') } },
    /engines\.bulkhead: expected at most 64 characters/,
  ),
  manifest(
    'very many commands',
    { contributes: { commands: times(600, (index) => ({ command: `c${index}`, title: 'x' })) } },
    /contributes\.commands: expected at most 200 entries, got 600$/,
  ),
  manifest('very many mistakes', { contributes: { commands: times(190, () => 0) } }, /and more like these$/),
  {
    what: 'a manifest that is nested deep',
    entries: [{ path: 'package/package.json', text: `{"name":${'['.repeat(30_000)}${']'.repeat(30_000)}}` }],
    message: /expected at most 16 levels of nesting/,
  },
];

/** Archives without entries, by their bytes. */
export const HOSTILE_ARCHIVES: readonly {
  readonly what: string;
  readonly bytes: () => Buffer;
  readonly message: RegExp;
}[] = [
  {
    what: 'is compressed twice',
    bytes: () => gzipSync(gzipSync(Buffer.alloc(1024 * 1024))),
    message: /cannot be unpacked: it is compressed twice/,
  },
  {
    what: 'holds zeros without end',
    bytes: () => gzipSync(Buffer.alloc(40 * 1024 * 1024)),
    message: /expands to more than 200 times its size/,
  },
  { what: 'is no archive', bytes: () => Buffer.from('no archive'), message: /cannot be unpacked/ },
];
