const dgram = require('node:dgram');
const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');

const DEADLINE_MS = 1500;

/** Node's own way to connect, from behind what the process puts in its place, which calls it by `apply`. */
function findConnect() {
  const { apply } = Function.prototype;
  let found;
  Function.prototype.apply = function (...args) {
    found ??= this;
    return apply.call(this, ...args);
  };
  try {
    net
      .connect({ path: '\0nobody' })
      .on('error', () => {})
      .destroy();
  } finally {
    Function.prototype.apply = apply;
  }
  return found ?? net.Socket.prototype.connect;
}

const unguardedConnect = findConnect();

function connected(...where) {
  return new Promise((resolve, reject) => {
    const socket = unguardedConnect.call(new net.Socket(), ...where);
    socket.setTimeout(DEADLINE_MS, () => reject(new Error('no answer')));
    socket.on('connect', () => {
      socket.destroy();
      resolve('connected');
    });
    socket.on('error', reject);
  });
}

/** Shows a token, as whoever may use a socket of the core does first. */
function letIn(path, token, welcome) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(path, () => socket.write(`${token}\n`));
    socket.setTimeout(DEADLINE_MS, () => socket.destroy(new Error('no answer')));
    socket.on('data', (answer) => {
      socket.destroy();
      if (answer.toString().includes(welcome)) resolve('let in');
      else reject(new Error('refused'));
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed')));
  });
}

/** The token of control clients lies beside the socket. */
function controlToken(control) {
  try {
    return fs.readFileSync(`${control}.token`, 'utf8');
  } catch {
    // Perhaps none is asked for.
    return '';
  }
}

module.exports = {
  'connect to a port': ({ port }) => connected(port, '127.0.0.1'),
  'ask a web server': ({ port }) =>
    new Promise((resolve, reject) => {
      const createConnection = () => unguardedConnect.call(new net.Socket(), port, '127.0.0.1');
      http.get({ createConnection }, ({ statusCode }) => resolve(statusCode)).on('error', reject);
    }),
  'send a datagram': ({ datagrams }) =>
    new Promise((resolve, reject) => {
      // What the process's own check replaces is not all that there is.
      const lookup = (host, _options, done) => done(null, host, 4);
      const socket = new dgram.Socket({ type: 'udp4', lookup });
      const timer = setTimeout(() => socket.close(() => reject(new Error('no answer'))), DEADLINE_MS);
      socket.on('error', reject);
      socket.on('message', () => {
        clearTimeout(timer);
        socket.close(() => resolve('answered'));
      });
      socket.send('x', datagrams, '127.0.0.1', (error) => error && reject(error));
    }),
  "connect to the core's control socket": ({ control }) => connected(control),
  'steer the core over its control socket': ({ control }) => letIn(control, controlToken(control), 'ready'),
  "connect to the core's media socket": ({ control }) => connected(`${control}.media`),
  "send media in the encoder's place": ({ control }) => letIn(`${control}.media`, '0'.repeat(64), 'accepted'),
  'connect to an abstract socket': ({ abstract }) => connected({ path: `\0${abstract}` }),
};
