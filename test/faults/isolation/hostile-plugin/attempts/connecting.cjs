const dgram = require('node:dgram');
const net = require('node:net');

const DEADLINE_MS = 1500;

function connected(...where) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(...where);
    socket.setTimeout(DEADLINE_MS, () => reject(new Error('no answer')));
    socket.on('connect', () => {
      socket.destroy();
      resolve('connected');
    });
    socket.on('error', reject);
  });
}

module.exports = {
  'connect to a port': ({ port }) => connected(port, '127.0.0.1'),
  'ask a web server': async ({ port }) => (await fetch(`http://127.0.0.1:${port}/`)).status,
  'send a datagram': ({ datagrams }) =>
    new Promise((resolve, reject) => {
      const socket = dgram.createSocket('udp4');
      const timer = setTimeout(() => socket.close(() => reject(new Error('no answer'))), DEADLINE_MS);
      socket.on('error', reject);
      socket.on('message', () => {
        clearTimeout(timer);
        socket.close(() => resolve('answered'));
      });
      socket.send('x', datagrams, '127.0.0.1', (error) => error && reject(error));
    }),
  "connect to the core's control socket": ({ control }) => connected(control),
  'connect to an abstract socket': ({ abstract }) => connected({ path: `\0${abstract}` }),
};
