/** How many edits can be undone. */
const MOST_EDITS = 100;

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

  constructor(private state: T) {}

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

  /** @param what the edit, for people: `scene "main" removed` */
  edit(state: T, what: string): void {
    this.past.push({ state: this.state, what });
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
    this.state = last.state;
    return last.what;
  }
}
