// Tries to reach what a plugin should not. Each attempt answers what it has got hold of, or throws, or answers nothing.
const { commands } = require('@bulkhead/extension-api');

const attempts = {
  ...require('./attempts/reading.cjs'),
  ...require('./attempts/writing.cjs'),
  ...require('./attempts/running.cjs'),
  ...require('./attempts/connecting.cjs'),
  ...require('./attempts/pretending.cjs'),
};

exports.activate = ({ storagePath: storage }) => {
  commands.registerCommand('hostile.list', () => Object.keys(attempts));
  commands.registerCommand('hostile.try', async (name, targets) => {
    try {
      const got = await attempts[name]({ ...targets, storage });
      return got ? { got: String(got) } : { refused: 'nothing came of it' };
    } catch (error) {
      return { refused: String(error?.code ?? error) };
    }
  });
};
