/** Pixels of a frame, with owners: when the last one has released them, their memory is used for another frame. */
export class SharedPixels {
  private owners = 1;

  /** @param onFree takes the memory back */
  constructor(
    readonly bytes: Buffer,
    private readonly onFree: (bytes: Buffer) => void,
  ) {}

  /** Adds an owner, who has to release them. */
  retain(): this {
    this.owners += 1;
    return this;
  }

  release(): void {
    this.owners -= 1;
    if (this.owners === 0) this.onFree(this.bytes);
  }
}
