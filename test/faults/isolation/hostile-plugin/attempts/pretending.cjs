const fs = require('node:fs');

/** A message on the control channel, past the API. */
function raw(method, params, id) {
  const message = Buffer.from(JSON.stringify({ jsonrpc: '2.0', method, params, ...(id ? { id } : {}) }));
  const frame = Buffer.alloc(4 + message.length);
  frame.writeUInt32BE(message.length);
  message.copy(frame, 4);
  fs.writeSync(3, frame);
}

/** What the core makes of each is judged by the test. */
module.exports = {
  'show a message as its neighbour': () =>
    raw('window/showMessage', { plugin: 'neighbour', type: 1, message: 'pretended' }, 'raw-1'),
  'log as its neighbour': () =>
    raw('window/logMessage', { plugin: 'neighbour', channel: 'x', level: 'info', message: 'pretended' }),
  'fail in the name of its neighbour': () =>
    raw('plugin/error', { plugin: 'neighbour', message: 'pretended', fatal: true }),
  'take a command in the name of its neighbour': () =>
    raw(
      'client/registerCapability',
      {
        plugin: 'neighbour',
        registrations: [
          {
            id: '1',
            method: 'workspace/executeCommand',
            registerOptions: { commands: ['neighbour.pretended'] },
          },
        ],
      },
      'raw-2',
    ),
  'ask the core to end': () => raw('core/shutdown', {}, 'raw-3'),
  'end the broadcast': () => raw('broadcast/stop', {}, 'raw-4'),
  "get its neighbour's API": () => {
    const provider = globalThis[Symbol.for('@bulkhead/extension-api')];
    return provider.apiFor('/plugins/neighbour/main.js') !== provider.apiFor() && 'another API';
  },
  'change how the core reads JSON': () => {
    JSON.parse = () => ({ pretended: true });
    Object.prototype.pretended = true;
  },
};
