const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const v8 = require('node:v8');

const own = path.dirname(__dirname);

/** Whether the attempt left a file shows from outside: the test looks. */
module.exports = {
  'write a file outside': ({ drop }) => fs.writeFileSync(drop, 'dropped'),
  'write a file outside by promises': ({ drop }) => fs.promises.writeFile(drop, 'dropped'),
  'write a file outside as a stream': ({ drop }) =>
    new Promise((resolve, reject) =>
      fs.createWriteStream(drop).on('error', reject).on('finish', resolve).end('x'),
    ),
  'make a folder outside': ({ drop }) => fs.mkdirSync(drop),
  'make a link outside': ({ drop }) => fs.symlinkSync('/', drop),
  'append to a file outside': ({ prey }) => fs.appendFileSync(prey, 'changed'),
  'empty a file outside': ({ prey }) => fs.truncateSync(prey, 0),
  'remove a file outside': ({ prey }) => fs.rmSync(prey),
  'rename a file outside': ({ prey, drop }) => fs.renameSync(prey, drop),
  'change the rights of a file outside': ({ prey }) => fs.chmodSync(prey, 0o777),
  'change the times of a file outside': ({ prey }) => fs.utimesSync(prey, 1, 1),
  'change its own package': () => {
    fs.writeFileSync(path.join(own, 'package.json'), '{}');
    return 'changed';
  },
  'write through a linked folder in the package': () =>
    fs.writeFileSync(path.join(own, 'linked-folder', 'dropped'), 'dropped'),
  'write through a link made in its storage': ({ drop, storage }) => {
    fs.symlinkSync(drop, path.join(storage, 'dangling'));
    fs.writeFileSync(path.join(storage, 'dangling'), 'dropped');
  },
  'write through a linked folder made in its storage': ({ outside, storage }) => {
    fs.symlinkSync(outside, path.join(storage, 'way-out'));
    fs.writeFileSync(path.join(storage, 'way-out', 'dropped'), 'dropped');
  },
  'move a file out of its storage': ({ drop, storage }) => {
    fs.writeFileSync(path.join(storage, 'file'), 'dropped');
    fs.renameSync(path.join(storage, 'file'), drop);
  },
  'write beside its storage': ({ storage }) => {
    fs.writeFileSync(`${storage}-beside`, 'dropped');
    return 'written';
  },
  'put a link in the place of its storage': ({ outside, storage }) => {
    fs.renameSync(storage, path.join(storage, '..', 'away'));
    fs.symlinkSync(outside, storage);
    return 'linked';
  },
  'make a temporary folder': () => fs.mkdtempSync(path.join(os.tmpdir(), 'hostile-')),
  'write a report': ({ drop }) => process.report.writeReport(drop),
  'have reports written elsewhere': ({ drop }) => {
    process.report.directory = path.dirname(drop);
    return process.report.writeReport(path.basename(drop));
  },
  'write a heap snapshot': ({ drop }) => v8.writeHeapSnapshot(drop),
  "write V8's log": ({ drop }) => {
    v8.setFlagsFromString(`--logfile=${drop}`);
    v8.setFlagsFromString('--log-all');
    require('node:vm').runInNewContext('1 + 1');
    return fs.existsSync(drop);
  },
  "write V8's traces": ({ drop }) => {
    v8.setFlagsFromString(`--trace-turbo-path=${path.dirname(drop)}`);
    v8.setFlagsFromString('--trace-turbo');
    for (let i = 0; i < 1e5; i++) Math.sqrt(i);
  },
  'make an SQLite database': ({ drop }) => {
    const { DatabaseSync } = require('node:sqlite');
    new DatabaseSync(drop).exec('CREATE TABLE t (x)');
  },
  'open an SQLite database of others': ({ prey }) => {
    const { DatabaseSync } = require('node:sqlite');
    new DatabaseSync(':memory:').exec(`ATTACH '${prey}' AS other; CREATE TABLE other.t (x)`);
  },
};
