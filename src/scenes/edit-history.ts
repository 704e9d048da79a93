/** How many edits can be undone. */
const MOST_EDITS = 100;
/** Edits of the same thing that follow each other this fast are one: somebody drags it, or a plugin moves it, ms. */
const SAME_EDIT_MS = 400;

/** One state, and the edit that led to it. */
interface Edited<T> {
  readonly state: T;
  readonly what: string;
}

/** States of something that is edited, to undo edits and to redo them. States are not copied: they must not change. */
export class EditHistory<T> {
  /** The states before each edit, and those after each that was undone; the nearest last. */
  private readonly past: Edited<T>[] = [];
  private readonly future: Edited<T>[] = [];

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

  /**
   * Takes a state. One that follows within 400 ms of an edit of the same description replaces it, and both are undone at once.
   *
   * @param what the edit, for people: `scene "main" removed`
   */
  edit(state: T, what: string): void {
    const sinceMs = this.now() - this.editedMs;
    this.editedMs = this.now();
    if (sinceMs >= SAME_EDIT_MS || this.undoable !== what) this.past.push({ state: this.state, what });
    if (this.past.length > MOST_EDITS) this.past.shift();
    this.future.length = 0;
    this.state = state;
  }

  /** @returns what was undone; undefined if there was nothing */
  undo(): string | undefined {
    return this.move(this.past, this.future);
  }

  redo(): string | undefined {
    return this.move(this.future, this.past);
  }

  private move(from: Edited<T>[], to: Edited<T>[]): string | undefined {
    const last = from.pop();
    if (last === undefined) return undefined;
    to.push({ state: this.state, what: last.what });
    this.editedMs = Number.NEGATIVE_INFINITY;
    this.state = last.state;
    return last.what;
  }
}
