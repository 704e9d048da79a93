import assert from 'node:assert/strict';
import { whileCoreAnswers } from '../../../src/control-client/while-core-answers.js';

describe('a call that may take long', () => {
  it('is waited for as long as the core answers something else', async () => {
    let looks = 0;
    let answer: (value: string) => void = () => {};
    const call = new Promise<string>((resolve) => {
      answer = resolve;
    });
    const sendRequest = async () => {
      looks += 1;
      if (looks === 3) answer('done');
      return [];
    };
    assert.equal(await whileCoreAnswers({ sendRequest } as never, call, 1), 'done');
    assert.equal(looks, 3);
  });

  it('fails with its own error, and with that of a core that does not answer', async () => {
    const failing = { sendRequest: () => Promise.reject(new Error('no answer')) } as never;
    const late = new Promise(() => {});
    await assert.rejects(whileCoreAnswers(failing, late, 1), /no answer/);
    await assert.rejects(whileCoreAnswers(failing, Promise.reject(new Error('failed')), 1000), /failed/);
  });
});
