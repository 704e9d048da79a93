/** How a source's picture and sound come into ffmpeg: the input options, and what to make of them. */
export interface SourceArguments {
  /** Everything up to and with each `-i`. */
  readonly inputs: readonly string[];
  /** Stream specifiers for `-map`. */
  readonly video: string;
  readonly audio: string;
  readonly videoFilters: readonly string[];
  readonly audioFilters: readonly string[];
  /** Output options, e.g. colour tags. */
  readonly output?: readonly string[];
}
