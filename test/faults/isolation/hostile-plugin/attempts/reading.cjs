const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const own = path.dirname(__dirname);
const text = (file) => fs.readFileSync(file, 'utf8');

module.exports = {
  'read a file outside': ({ secret }) => text(secret),
  'read a file outside by promises': ({ secret }) => fs.promises.readFile(secret, 'utf8'),
  'read a file outside as a stream': async ({ secret }) => {
    let all = '';
    for await (const chunk of fs.createReadStream(secret)) all += chunk;
    return all;
  },
  'open a file outside': ({ secret }) => {
    const buffer = Buffer.alloc(100);
    return buffer.toString('utf8', 0, fs.readSync(fs.openSync(secret, 'r'), buffer));
  },
  'read a file outside by a path that climbs': ({ secret }) =>
    text(`${own}/${'../'.repeat(30)}${secret.slice(1)}`),
  'read a file outside by a path in bytes': ({ secret }) => text(Buffer.from(secret)),
  'read a file outside by bytes that climb': ({ secret }) =>
    text(Buffer.from(`${own}/${'../'.repeat(30)}${secret.slice(1)}`)),
  'read a file outside by an array of bytes': ({ secret }) => text(new TextEncoder().encode(secret)),
  'read a file outside by its URL': ({ secret }) => text(pathToFileURL(secret)),
  'read a file of a sibling whose name begins alike': () => text(`${own}-sibling/secret.json`),
  'list a folder outside': ({ outside }) => fs.readdirSync(outside).join(),
  'open a folder outside': ({ outside }) => fs.opendirSync(outside).readSync()?.name,
  'see whether a file is there': ({ secret }) => fs.existsSync(secret),
  'see the size of a file': ({ secret }) => fs.statSync(secret).size,
  'resolve a path outside': ({ secret }) => fs.realpathSync.native(secret),
  'require a file outside': ({ secret }) => require(secret).secret,
  'require by a resolver of another folder': ({ secret }) =>
    Module.createRequire(secret)('./secret.json').secret,
  'import a file outside': async ({ module }) => (await import(pathToFileURL(module).href)).secret,
  'load settings of the environment from outside': ({ outside }) => {
    process.loadEnvFile(path.join(outside, 'env'));
    return process.env.OUTSIDE_SECRET;
  },
  'read a file outside as a blob': async ({ secret }) => (await fs.openAsBlob(secret)).text(),
  'watch a folder outside': ({ outside }) => {
    fs.watch(outside).close();
    return 'watched';
  },
  'read through a link in the package': () => text(path.join(own, 'linked-file')),
  'read through a linked folder in the package': () => text(path.join(own, 'linked-folder', 'secret.json')),
  'require through a link in the package': () =>
    require(path.join(own, 'linked-folder', 'secret.json')).secret,
  'read through a link made at run time': ({ secret }) => {
    fs.symlinkSync(secret, path.join(own, 'made'));
    return text(path.join(own, 'made'));
  },
  'read through a hard link made at run time': ({ secret }) => {
    fs.linkSync(secret, path.join(own, 'hard'));
    return text(path.join(own, 'hard'));
  },
  'read through a link made in its storage': ({ secret, storage }) => {
    fs.symlinkSync(secret, path.join(storage, 'made'));
    return text(path.join(storage, 'made'));
  },
  'read through a relative link made in its storage': ({ secret, storage }) => {
    fs.symlinkSync(path.relative(storage, secret), path.join(storage, 'relative'));
    return text(path.join(storage, 'relative'));
  },
  'read through a linked folder made in its storage': ({ outside, storage }) => {
    fs.symlinkSync(outside, path.join(storage, 'folder'));
    return text(path.join(storage, 'folder', 'secret.json'));
  },
  'read through a link that was moved up in its storage': ({ secret, storage }) => {
    // So deep down that the link leads to something of its own when it is made.
    const target = path.relative(storage, secret);
    const deep = path.join(storage, ...target.split(path.sep).map((part) => (part === '..' ? 'deep' : '.')));
    fs.mkdirSync(deep, { recursive: true });
    fs.symlinkSync(target, path.join(deep, 'link'));
    fs.renameSync(path.join(deep, 'link'), path.join(storage, 'moved-link'));
    return text(path.join(storage, 'moved-link'));
  },
  'read through a hard link made in its storage': ({ secret, storage }) => {
    fs.linkSync(secret, path.join(storage, 'hard'));
    return text(path.join(storage, 'hard'));
  },
  'copy a file from outside into its storage': ({ secret, storage }) => {
    fs.cpSync(secret, path.join(storage, 'copied'));
    return text(path.join(storage, 'copied'));
  },
  'move a file from outside into its storage': ({ secret, storage }) => {
    fs.renameSync(secret, path.join(storage, 'moved'));
    return text(path.join(storage, 'moved'));
  },
  'read a file by a path that climbs out of its storage': ({ secret, storage }) =>
    text(`${storage}/${path.relative(storage, secret)}`),
  'list its neighbours by their storage': ({ storage }) => fs.readdirSync(path.dirname(storage)).join(),
  'copy a file from outside': ({ secret }) => {
    fs.cpSync(secret, path.join(own, 'copied'));
    return text(path.join(own, 'copied'));
  },
  'read /proc of itself': () => text('/proc/self/environ'),
  'read its own memory': () => {
    fs.openSync('/proc/self/mem', 'r');
    return 'opened';
  },
  'read a file through /proc/self/root': ({ secret }) => text(`/proc/self/root${secret}`),
  'read a file through /proc/self/cwd': ({ secret }) => text(`/proc/self/cwd${secret}`),
  "read the core's environment": ({ victim }) => text(`/proc/${victim}/environ`),
  "read a file through the core's /proc": ({ victim, secret }) => text(`/proc/${victim}/root${secret}`),
  "list the core's descriptors": ({ victim }) => fs.readdirSync(`/proc/${victim}/fd`).join(),
  'read an inherited descriptor': () => {
    for (let fd = 4; fd < 256; fd++) {
      try {
        const stats = fs.fstatSync(fd);
        if (stats.isFile() || stats.isDirectory()) return `descriptor ${fd}`;
      } catch {
        // None there.
      }
    }
  },
  "find the core's secrets in its own environment": () => process.env.BULKHEAD_TEST_KEY,
  'read a file after patching the permissions': ({ secret }) => {
    process.permission.has = () => true;
    return text(secret);
  },
  'read a file after patching the path module': ({ secret }) => {
    const { resolve, toNamespacedPath } = path;
    path.resolve = () => path.join(own, 'main.cjs');
    path.toNamespacedPath = () => secret;
    try {
      return text(path.join(own, 'package.json')).includes('outside') && 'read';
    } finally {
      Object.assign(path, { resolve, toNamespacedPath });
    }
  },
  'read a file by the bare binding': ({ secret }) => {
    const fd = process.binding('fs').open(secret, fs.constants.O_RDONLY, 0o600, undefined, {});
    return typeof fd === 'number' && `descriptor ${fd}`;
  },
};
