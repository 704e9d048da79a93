/** What Node prints on SIGINT with `--trace-sigint`, before the stack. */
const HEAD = /^KEYBOARD_INTERRUPT: /;
const FRAME = /^\s+at /;
/** As many as V8 prints; more would come from the plugin itself. */
const MAX_FRAMES = 10;
const MAX_FRAME_LENGTH = 500;

/** Extracts the stack of an interrupted host from its log. */
export class InterruptedStack {
  private frames: string[] | undefined;

  /** Whether the stack's first line has been read. */
  get begun(): boolean {
    return this.frames !== undefined;
  }

  read(line: string): void {
    if (HEAD.test(line)) this.frames = [];
    else if (FRAME.test(line) && this.frames !== undefined && this.frames.length < MAX_FRAMES) {
      this.frames.push(line.slice(0, MAX_FRAME_LENGTH));
    }
  }

  /**
   * Lines of `at …`, the innermost first; undefined if it was not interrupted, or not in JavaScript
   * code.
   */
  get text(): string | undefined {
    return this.frames === undefined || this.frames.length === 0 ? undefined : this.frames.join('\n');
  }
}
