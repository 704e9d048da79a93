import assert from 'node:assert/strict';
import fc from 'fast-check';
import { EditHistory } from '../../../src/scenes/edit-history.js';

describe('the history of edits', () => {
  it('goes back and forth, and forgets what was undone with the next edit', () => {
    const history = new EditHistory(0);
    assert.deepEqual([history.undo(), history.redo(), history.current], [undefined, undefined, 0]);
    history.edit(1, 'one');
    history.edit(2, 'two');
    assert.deepEqual(
      [history.undo(), history.current, history.undoable, history.redoable],
      ['two', 1, 'one', 'two'],
    );
    assert.deepEqual([history.redo(), history.current], ['two', 2]);
    history.undo();
    history.edit(3, 'three');
    assert.deepEqual([history.redo(), history.current, history.redoable], [undefined, 3, undefined]);
  });

  it('keeps the last 100 edits', () => {
    const history = new EditHistory(0);
    for (let state = 1; state <= 150; state++) history.edit(state, String(state));
    let undone = 0;
    while (history.undo() !== undefined) undone += 1;
    assert.deepEqual([undone, history.current], [100, 50]);
  });

  it('takes edits of the same thing that follow each other within 400 ms as one', () => {
    let now = 0;
    const history = new EditHistory(0, () => now);
    const edit = (state: number, what: string, afterMs: number) => {
      now += afterMs;
      history.edit(state, what);
    };
    for (const state of [1, 2, 3]) edit(state, 'gain', 399);
    edit(4, 'gain', 400);
    edit(5, 'pan', 0);
    edit(6, 'gain', 0);
    assert.deepEqual([history.undo(), history.current], ['gain', 5]);
    edit(7, 'pan', 0);
    assert.deepEqual([history.undo(), history.current], ['pan', 5]);
    assert.deepEqual([history.undo(), history.current], ['pan', 4]);
    assert.deepEqual([history.undo(), history.current], ['gain', 3]);
    assert.deepEqual([history.undo(), history.current, history.undo()], ['gain', 0, undefined]);
    assert.deepEqual([history.redo(), history.current], ['gain', 3]);
  });

  it('is where it was after as many steps forth as back', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { maxLength: 50 }), fc.nat(60), (edits, steps) => {
        let now = 0;
        const history = new EditHistory(-1, () => now);
        for (const edit of edits) {
          now += 400;
          history.edit(edit, 'x');
        }
        const before = history.current;
        let back = 0;
        for (let step = 0; step < steps; step++) if (history.undo() !== undefined) back += 1;
        for (let step = 0; step < back; step++) assert.equal(history.redo(), 'x');
        assert.equal(history.current, before);
      }),
    );
  });

  it('leaves what others have changed in between, back and forth', () => {
    const history = new EditHistory<Record<string, number>>({ mine: 1, theirs: 1 });
    history.edit({ mine: 2, theirs: 1 }, 'mine');
    history.follow({ mine: 2, theirs: 2 });
    assert.deepEqual([history.undoable, history.undone], ['mine', { mine: 1, theirs: 2 }]);
    assert.equal(history.undo(), 'mine');
    history.follow({ ...history.current, theirs: 3 });
    assert.deepEqual(
      [history.current, history.undoable, history.redoable],
      [{ mine: 1, theirs: 3 }, undefined, 'mine'],
    );
    assert.equal(history.redo(), 'mine');
    assert.deepEqual(history.current, { mine: 2, theirs: 3 });
    // What others have changed of the same is theirs.
    history.follow({ mine: 7, theirs: 3 });
    history.undo();
    assert.deepEqual(history.current, { mine: 7, theirs: 3 });
  });

  it('takes no edits as one that others have changed in between', () => {
    const history = new EditHistory<Record<string, number>>({ mine: 1, theirs: 1 }, () => 0);
    history.edit({ mine: 2, theirs: 1 }, 'mine');
    history.follow({ mine: 2, theirs: 2 });
    history.edit({ mine: 3, theirs: 2 }, 'mine');
    history.undo();
    assert.deepEqual(history.current, { mine: 2, theirs: 2 });
  });
});
