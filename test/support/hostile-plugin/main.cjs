// A plugin without any permission that attacks the core by what it sends. Each attack is a command, `PLUGIN.ATTACK`.
const { writeSync } = require('node:fs');
const { commands, window } = require('@bulkhead/extension-api');

const CHANNEL = 3;
const { name: NAME } = require('./package.json');
const MB = 1024 * 1024;
const pause = new Int32Array(new SharedArrayBuffer(4));

/** Writes all of it, as fast as it is read. */
function write(bytes) {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(CHANNEL, bytes, at, Math.min(bytes.length - at, 64 * 1024));
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}

function frame(text) {
  const body = Buffer.from(text);
  const header = Buffer.alloc(4);
  header.writeUInt32BE(body.length);
  return Buffer.concat([header, body]);
}

const raw = (text) => write(frame(text));
const message = (method, params, id) =>
  JSON.stringify({ jsonrpc: '2.0', ...(id === undefined ? {} : { id }), method, params });
const nested = (depth) => '['.repeat(depth) + ']'.repeat(depth);
const zeros = (count) => `[${'0,'.repeat(count - 1)}0]`;
const registration = (list) =>
  `{"jsonrpc":"2.0","id":1,"method":"client/registerCapability","params":{"plugin":"${NAME}","registrations":` +
  `[{"id":"a","method":"workspace/executeCommand","registerOptions":{"commands":${list}}}]}}`;

/** Runs `step` again and again for some time; the event loop turns between. */
function during(ms, step) {
  const end = Date.now() + ms;
  return new Promise((resolve) => {
    const turn = () => {
      if (Date.now() >= end) resolve('done');
      else {
        step();
        setImmediate(turn);
      }
    };
    turn();
  });
}

/** A generator of numbers in [0, 1) that a seed determines (mulberry32). */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const METHODS = [
  ['client/registerCapability', { registrations: [] }],
  ['client/unregisterCapability', { unregisterations: [{ id: 'a', method: 'b' }] }],
  ['workspace/executeCommand', { command: `${NAME}.ok`, arguments: [] }],
  ['commands/list', {}],
  ['plugin/error', { fatal: false, message: 'a', stack: 'b' }],
  ['window/showMessage', { type: 1, message: 'a' }],
  ['window/showMessageRequest', { type: 1, message: 'a', actions: [{ title: 'b' }] }],
  ['window/logMessage', { type: 1, message: 'a', channel: 'b' }],
  ['$/progress', { token: 'a', value: { kind: 'begin', title: 'b' } }],
  ['statusItems/open', { id: 'shown' }],
  ['statusItems/didChange', { id: 'shown', text: 'a' }],
  ['storage/read', {}],
  ['storage/readProfile', {}],
  ['storage/stage', { transfer: 1, piece: 'a' }],
  ['storage/update', { key: 'a', value: '1' }],
  ['secrets/get', { key: 'a' }],
  ['secrets/store', { key: 'a', value: 'b' }],
  ['secrets/list', {}],
  ['broadcast/addMarker', { label: 'a' }],
  ['broadcast/start', {}],
  ['broadcast/stop', {}],
  ['$/cancelRequest', { id: 1 }],
  ['$/log', { level: 'info', message: 'a' }],
  ['initialize', {}],
  ['exit', {}],
];

/** A frame that is a message with something wrong in it, or bytes that are none. */
function randomFrame(next) {
  const pick = (list) => list[Math.floor(next() * list.length)];
  const size = () => Math.floor(2 ** (next() * 17.5));
  const value = (depth) => {
    const kind = Math.floor(next() * (depth > 4 ? 6 : 9));
    if (kind === 0) return null;
    if (kind === 1) return next() < 0.5;
    if (kind === 2) return (next() - 0.5) * 10 ** Math.floor(next() * 300);
    if (kind === 3)
      return pick(['', NAME, 'x', '\u001b[31m', '\u202e', '\ud800', '__proto__', 'constructor']);
    if (kind === 4) return pick(['x', 'é', '"', '\\', '\u0000']).repeat(size());
    if (kind === 5) return Math.floor(next() * 100);
    if (kind === 6) return Array.from({ length: Math.floor(next() * 20) }, () => value(depth + 1));
    if (kind === 7)
      return Object.fromEntries(
        Array.from({ length: Math.floor(next() * 8) }, (_, i) => [`k${i}`, value(depth + 1)]),
      );
    return Array(Math.min(3000, size())).fill(0);
  };
  const [method, params] = pick(METHODS);
  const mutated = { plugin: NAME, ...params };
  const keys = Object.keys(mutated);
  for (let i = 0; i <= next() * 2; i++) {
    const key = pick(keys);
    if (next() < 0.2) delete mutated[key];
    else mutated[key] = value(0);
  }
  const id = next() < 0.5 ? Math.floor(next() * 1e6) : undefined;
  if (next() < 0.02) return message(value(0), mutated, id);
  if (next() < 0.02) return JSON.stringify(value(0));
  if (next() < 0.02) return `{"x":${nested(size())}}`;
  if (next() < 0.02) return zeros(Math.max(2, size()));
  if (next() < 0.02)
    return `[${Array(1 + Math.floor(next() * 200))
      .fill(message(method, mutated, id))
      .join()}]`;
  return message(method, mutated, id);
}

const attacks = {
  ok: () => 'ok',
  deep: (depth = 6000, prefix = '{"x":') => raw(`${prefix}${nested(depth)}}`),
  zeros: (count = 7_300_000) => raw(registration(zeros(count))),
  manyZeros: (ms = 1500) => during(ms, () => raw(registration(zeros(9000)))),
  batch: (count = 5_000_000) => raw(`[${'{},'.repeat(count - 1)}{}]`),
  smallBatches: (ms = 1500) =>
    during(ms, () => raw(`[${`${message('commands/list', { plugin: NAME }, 1)},`.repeat(80)}{}]`)),
  deepArguments: (depth = 7_000_000) =>
    raw(
      `{"jsonrpc":"2.0","id":1,"method":"workspace/executeCommand","params":{"plugin":"${NAME}","command":"${NAME}.ok","arguments":${nested(depth)}}}`,
    ),
  largeCalls: (ms = 1500) =>
    during(ms, () => commands.executeCommand(`${NAME}.never`, 'x'.repeat(200 * 1024)).catch(() => {})),
  calls: (ms = 1500) =>
    during(ms, () => {
      for (let i = 0; i < 100; i++) commands.executeCommand(`${NAME}.ok`).catch(() => {});
    }),
  statusItems: (ms = 1500) =>
    during(ms, () =>
      raw(message('statusItems/didChange', { plugin: 'x'.repeat(200_000), id: 'shown', text: 'a' })),
    ),
  stderr: (ms = 1500) => during(ms, () => process.stderr.write(`${'y'.repeat(8000)}\n`)),
  logs: (ms = 1500) => during(ms, () => window.showErrorMessage('z'.repeat(8000))),
  lists: (ms = 15_000) =>
    during(ms, () =>
      write(
        Buffer.concat(
          Array.from({ length: 300 }, (_, i) => frame(message('commands/list', { plugin: NAME }, i))),
        ),
      ),
    ),
  half: () => write(frame('{"jsonrpc":"2.0"}').subarray(0, 9)),
  escapes: () => {
    window.showErrorMessage('\u001b]0;title\u0007\u001b[2J\u202eevil');
    raw(message('statusItems/didChange', { plugin: NAME, id: 'shown', text: '\u001b[31mred\u202e' }));
  },
  random: (seed = 1, count = 10_000) => {
    const next = random(seed);
    for (let i = 0; i < count; i++) raw(randomFrame(next));
    return 'done';
  },
  hoard: (ms = 5000) => {
    const kept = [];
    return during(ms, () => kept.push(Buffer.alloc(MB, 1)));
  },
};

exports.activate = ({ subscriptions }) => {
  for (const [name, attack] of Object.entries(attacks)) {
    subscriptions.push(commands.registerCommand(`${NAME}.${name}`, (...args) => attack(...args)));
  }
  subscriptions.push(commands.registerCommand(`${NAME}.never`, () => new Promise(() => {})));
};
