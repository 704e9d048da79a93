import { applyChange } from './apply-change.js';

/** How many edits can be undone. */
const MOST_EDITS = 100;
/** Edits of the same thing that follow each other this fast are one: somebody drags it, ms. */
const SAME_EDIT_MS = 400;

/** One edit: the state that it was made to, and the one that it led to. */
interface Edit<T> {
  readonly before: T;
  readonly after: T;
  readonly what: string;
}

/**
 * States of something that is edited, to undo edits and to redo them. States are not copied: they must not change. What others change in between
 * is not undone: undoing an edit takes back what that has changed, as far as it is still so.
 */
export class EditHistory<T> {
  /** The nearest last. */
  private readonly past: Edit<T>[] = [];
  private readonly future: Edit<T>[] = [];

  private editedMs = Number.NEGATIVE_INFINITY;

  constructor(
    private state: T,
    private readonly now = () => performance.now(),
  ) {}

  get current(): T {
    return this.state;
  }

  /** What `undo` would take back; undefined if there is nothing. */
  get undoable(): string | undefined {
    return this.past.at(-1)?.what;
  }

  get redoable(): string | undefined {
    return this.future.at(-1)?.what;
  }

  /** The state that `undo` would lead to. */
  get undone(): T {
    const edit = this.past.at(-1);
    return edit === undefined ? this.state : applyChange(edit.after, edit.before, this.state);
  }

  get redone(): T {
    const edit = this.future.at(-1);
    return edit === undefined ? this.state : applyChange(edit.before, edit.after, this.state);
  }

  /**
   * Takes a state. One that follows within 400 ms of an edit of the same description replaces it, and both are undone at once.
   *
   * @param what the edit, for people: `scene "main" removed`
   */
  edit(state: T, what: string): void {
    const last = this.past.at(-1);
    const isSame = this.now() - this.editedMs < SAME_EDIT_MS && last?.what === what;
    const before = isSame ? last.before : this.state;
    if (isSame) this.past.pop();
    this.past.push({ before, after: state, what });
    if (this.past.length > MOST_EDITS) this.past.shift();
    this.editedMs = this.now();
    this.future.length = 0;
    this.state = state;
  }

  /** Takes a state that somebody else has made: there is nothing to undo of it. */
  follow(state: T): void {
    this.editedMs = Number.NEGATIVE_INFINITY;
    this.state = state;
  }

  /** @returns what was undone; undefined if there was nothing */
  undo(): string | undefined {
    return this.move(this.past, this.future, this.undone);
  }

  redo(): string | undefined {
    return this.move(this.future, this.past, this.redone);
  }

  private move(from: Edit<T>[], to: Edit<T>[], state: T): string | undefined {
    const last = from.pop();
    if (last === undefined) return undefined;
    to.push(last);
    this.editedMs = Number.NEGATIVE_INFINITY;
    this.state = state;
    return last.what;
  }
}
