const childProcess = require('node:child_process');
const os = require('node:os');

const inThread = (source, options) =>
  new Promise((resolve, reject) => {
    const { Worker } = require('node:worker_threads');
    const worker = new Worker(source, { eval: true, ...options });
    worker.on('message', resolve);
    worker.on('error', reject);
  });

const signalled = async (pid, signal) => {
  process.kill(pid, signal);
  // It takes a moment to show.
  await new Promise((resolve) => setTimeout(resolve, 300));
  return 'sent';
};

/** Signals are judged from outside: the test sees what became of the victim. */
module.exports = {
  'run a program': () => childProcess.execFileSync('/bin/echo', ['ran'], { encoding: 'utf8' }),
  'run a shell': () => childProcess.execSync('echo ran', { encoding: 'utf8' }),
  'run a program without waiting': () =>
    new Promise((resolve, reject) => {
      childProcess
        .spawn('/bin/echo')
        .on('error', reject)
        .on('exit', () => resolve('ran'));
    }),
  'fork another Node': () =>
    new Promise((resolve, reject) => {
      childProcess
        .fork(__filename)
        .on('error', reject)
        .on('exit', () => resolve('forked'));
    }),
  'fork by the cluster module': () =>
    new Promise((resolve, reject) => {
      const cluster = require('node:cluster');
      cluster.setupPrimary({ exec: __filename });
      cluster
        .fork()
        .on('error', reject)
        .on('exit', () => resolve('forked'));
    }),
  'run a program by the bare binding': () => {
    const { spawn } = process.binding('spawn_sync');
    const { pid } = spawn({ file: '/bin/echo', args: ['echo'], stdio: [] });
    return pid && `process ${pid}`;
  },
  'start a thread': () => inThread('require("node:worker_threads").parentPort.postMessage("ran")'),
  'start a thread with other flags': ({ secret }) =>
    inThread(
      'require("node:worker_threads").parentPort.postMessage(require("node:fs").readFileSync(workerData, "utf8"))',
      { workerData: secret, execArgv: [] },
    ),
  'load an addon': ({ addon }) => {
    process.dlopen({ exports: {} }, addon);
    return 'loaded';
  },
  'require an addon of its own package': () => require('../addon.node') && 'loaded',
  'reach files by WASI': ({ outside }) => {
    const { WASI } = require('node:wasi');
    const wasi = new WASI({ version: 'preview1', preopens: { '/': outside } });
    return wasi.wasiImport && 'preopened';
  },
  'open its own inspector': () => {
    require('node:inspector').open(0);
    return require('node:inspector').url();
  },
  'debug itself': ({ secret }) => {
    const { Session } = require('node:inspector');
    const session = new Session();
    session.connect();
    let got;
    const expression = `process.mainModule.require('node:fs').readFileSync(${JSON.stringify(secret)}, 'utf8')`;
    session.post('Runtime.evaluate', { expression }, (_error, answer) => {
      got = answer?.result?.subtype === 'error' ? undefined : answer?.result?.value;
    });
    return got;
  },
  "reach Node's insides by debugging itself": () => {
    const { Session } = require('node:inspector');
    const session = new Session();
    session.connect();
    session.post('Debugger.enable');
    return 'debugging';
  },
  "open the core's inspector": async ({ victim }) => {
    process.kill(victim, 'SIGUSR1');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const answer = await fetch('http://127.0.0.1:9229/json');
    return answer.text();
  },
  "open the core's inspector as debuggers do": async ({ victim }) => {
    process._debugProcess(victim);
    await new Promise((resolve) => setTimeout(resolve, 300));
    return (await fetch('http://127.0.0.1:9229/json')).text();
  },
  "take the core's priority": ({ victim }) => {
    os.setPriority(victim, 19);
    return 'slowed';
  },
  'stop the core': ({ victim }) => signalled(victim, 'SIGSTOP'),
  'end the core': ({ victim }) => signalled(victim, 'SIGKILL'),
};
