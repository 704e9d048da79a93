import assert from 'node:assert/strict';
import { withAskedSecrets } from '../../../src/cli/ask-secrets.js';
import { BroadcastConfigSchema } from '../../../src/config/schema.js';
import { ErrorCodes } from '../../../src/protocol/errors.js';

const configOf = (...outputs: object[]) => BroadcastConfigSchema.parse({ outputs });
const URL = 'rtmp://live.example/app';

describe('secrets that are typed in at the start', () => {
  it('are asked for once, each by its name, also when the configuration is read again', async () => {
    const config = configOf(
      { id: 'one', url: URL, key: 'ask' },
      { id: 'two', url: URL, key: 'env:KEY', username: 'me', password: 'ask' },
    );
    const questions: string[] = [];
    const ask = async (question: string) => {
      questions.push(question);
      return ` secret ${questions.length} `;
    };
    const { outputs } = await withAskedSecrets(config, ask);
    assert.deepEqual(questions, [
      'key of the output one (not shown): ',
      'password of the output two (not shown): ',
    ]);
    assert.deepEqual(
      outputs.map(({ key, password }) => [key, password]),
      [
        ['secret 1', undefined],
        ['env:KEY', 'secret 2'],
      ],
    );
    const again = await withAskedSecrets(config, undefined);
    assert.deepEqual(again.outputs, outputs);
  });

  it('need a terminal, and something that is entered', async () => {
    const config = configOf({ id: 'three', url: URL, key: 'ask' });
    const expected = { code: ErrorCodes.secretNotFound, where: 'outputs.three.key' };
    await assert.rejects(withAskedSecrets(config, undefined), {
      ...expected,
      message: /there is no terminal to ask at/,
    });
    for (const entered of ['  ', undefined])
      await assert.rejects(
        withAskedSecrets(config, async () => entered),
        expected,
      );
  });

  it('leave everything else as it is', async () => {
    const config = configOf({ id: 'four', url: URL, key: 'keyring:ask' });
    assert.deepEqual((await withAskedSecrets(config, undefined)).outputs, config.outputs);
  });
});
