import assert from 'node:assert/strict';
import sinon from 'sinon';
import { Questions } from '../../../src/core/streamer/questions.js';

describe('the questions of plugins', () => {
  const ask = { plugin: 'p', severity: 'info', message: 'Lower it?', actions: ['Yes', 'No'] } as const;
  let clock: sinon.SinonFakeTimers;
  let questions: Questions;

  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    questions = new Questions();
  });

  afterEach(() => {
    questions.dispose();
    const timers = clock.countTimers();
    clock.restore();
    assert.equal(timers, 0);
  });

  it('stay open until they are answered, with one of their answers', async () => {
    const first = questions.ask(ask);
    const second = questions.ask({ ...ask, message: 'And this?' });
    assert.deepEqual(
      questions.list().map(({ id, message }) => [id, message]),
      [
        [1, 'Lower it?'],
        [2, 'And this?'],
      ],
    );
    assert.throws(() => questions.answer(1, 'Maybe'), {
      code: 'config.invalid',
      remedy: 'Available answers: "Yes", "No".',
    });
    questions.answer(1, 'Yes');
    questions.answer(2, null);

    assert.deepEqual([await first.answer, await second.answer], ['Yes', null]);
    assert.deepEqual(questions.list(), []);
    assert.throws(() => questions.answer(1, 'Yes'), { code: 'question.notFound' });
  });

  it('end when they are withdrawn or not answered in time', async () => {
    const back = questions.ask(ask);
    const late = questions.ask(ask);
    back.dispose();
    assert.equal(await back.answer, null);
    clock.tick(599_000);
    assert.ok(questions.isOpen(late.id));
    clock.tick(1000);

    assert.equal(await late.answer, null);
    assert.equal(questions.isOpen(late.id), false);
  });

  it('may have a time of their own', async () => {
    const { answer, id } = questions.ask(ask, 5000);
    clock.tick(4999);
    assert.ok(questions.isOpen(id));
    clock.tick(1);
    assert.equal(await answer, null);
  });
});
