/** Code is found by the pages that it lies on, bytes. */
const PAGE = 4096;
/** Larger code is not V8's. */
const MAX_PAGES = 16_384;

interface Code<T> {
  readonly start: number;
  readonly end: number;
  readonly value: T;
}

/** What lies at which address. What is added takes the place of what lay there before. */
export class CodeMap<T> {
  private readonly pages = new Map<number, readonly Code<T>[]>();
  private readonly byStart = new Map<number, Code<T>>();

  add(start: number, size: number, value: T): void {
    // Not a number either.
    if (!(start >= 0 && size > 0 && size <= MAX_PAGES * PAGE)) return;
    const code = { start, end: start + size, value };
    for (const page of pagesOf(code)) {
      const others = (this.pages.get(page) ?? []).filter(
        ({ start, end }) => end <= code.start || start >= code.end,
      );
      this.pages.set(page, [...others, code]);
    }
    this.byStart.set(start, code);
  }

  /** Moves what begins at an address. */
  move(from: number, to: number): void {
    const code = this.byStart.get(from);
    if (code === undefined) return;
    this.byStart.delete(from);
    for (const page of pagesOf(code))
      this.pages.set(
        page,
        (this.pages.get(page) ?? []).filter((other) => other !== code),
      );
    this.add(to, code.end - code.start, code.value);
  }

  /** What lies at an address. */
  at(address: number): T | undefined {
    const page = this.pages.get(Math.floor(address / PAGE));
    return page?.find(({ start, end }) => start <= address && address < end)?.value;
  }
}

function* pagesOf({ start, end }: Code<unknown>): Iterable<number> {
  for (let page = Math.floor(start / PAGE); page * PAGE < end; page++) yield page;
}
