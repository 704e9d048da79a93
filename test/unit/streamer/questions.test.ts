import assert from 'node:assert/strict';
import sinon from 'sinon';
import { pickReader, textReader } from '../../../src/core/streamer/answer-readers.js';
import { Questions } from '../../../src/core/streamer/questions.js';
import type { Answer } from '../../../src/protocol/questions.js';

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
    await assert.rejects(questions.answer(1, 'Maybe'), {
      code: 'config.invalid',
      message: 'the question has no answer "Maybe"',
      remedy: 'Available answers: "Yes", "No".',
    });
    await assert.rejects(questions.answer(1, 0), { message: 'expected one of its answers' });
    await questions.answer(1, 'Yes');
    await questions.answer(2, null);

    assert.deepEqual([await first.answer, await second.answer], ['Yes', null]);
    assert.deepEqual(questions.list(), []);
    await assert.rejects(questions.answer(1, 'Yes'), { code: 'question.notFound' });
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

  describe('that ask for something else', () => {
    const other = { ...ask, actions: [] };
    const refused = (answer: Answer, message: string | RegExp) =>
      assert.rejects(questions.answer(questions.list()[0]?.id ?? 0, answer), {
        code: 'config.invalid',
        message,
      });

    it('take a text of the right length', async () => {
      const text = { minLength: 3, maxLength: 5 };
      const { answer } = questions.askFor({ ...other, text }, textReader(text));
      await refused('ab', 'expected at least 3 characters, got 2');
      await refused('abcdef', 'expected at most 5 characters, got 6');
      await refused(5, 'expected a text');
      await refused(['abc'], 'expected a text');
      await questions.answer(1, 'abc');
      assert.equal(await answer, 'abc');
    });

    it('take one item, by its name or its place', async () => {
      const pick = { items: [{ label: 'a' }, { label: 'b' }, { label: 'b' }] };
      const ends = [1, 2].map(() => questions.askFor({ ...other, pick }, pickReader(pick)));
      await refused('c', 'there is no item "c"');
      await refused(3, 'there is no item 4');
      await refused(-1, 'there is no item 0');
      await refused(0.5, 'there is no item 1.5');
      await refused([], 'expected one item, got 0');
      await refused(['a', 'b'], 'expected one item, got 2');
      await questions.answer(1, 'b');
      await questions.answer(2, 2);
      assert.deepEqual(await Promise.all(ends.map(({ answer }) => answer)), [[1], [2]]);
    });

    it('take several items, each once and in their order, or none', async () => {
      const pick = { items: ['a', 'b', 'c'].map((label) => ({ label })), many: true };
      const ends = [1, 2].map(() => questions.askFor({ ...other, pick }, pickReader(pick)));
      await refused(['a', 'd'], 'there is no item "d"');
      await questions.answer(1, [2, 'a', 0]);
      await questions.answer(2, []);
      assert.deepEqual(await Promise.all(ends.map(({ answer }) => answer)), [[0, 2], []]);
    });

    it('let go of an answer that comes too late', async () => {
      let read: (value: string) => void = () => {};
      const discarded: string[] = [];
      const question = questions.askFor(other, {
        read: () =>
          new Promise<string>((resolve) => {
            read = resolve;
          }),
        discard: (value) => discarded.push(value),
      });
      const answering = questions.answer(question.id, 'x');
      question.dispose();
      read('opened');
      await assert.rejects(answering, { code: 'question.notFound' });
      assert.deepEqual([await question.answer, discarded], [null, ['opened']]);
    });

    it('stay open when a check fails, and are counted by plugin', async () => {
      const question = questions.askFor(other, {
        read: () => Promise.reject(new Error('not now')),
      });
      questions.ask({ ...ask, plugin: 'q' });
      await assert.rejects(questions.answer(question.id, 'x'), /not now/);
      assert.deepEqual([questions.countOf('p'), questions.countOf('q'), questions.countOf('r')], [1, 1, 0]);
    });
  });
});
