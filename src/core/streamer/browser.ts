export const Browser = Symbol('Browser');

/** The streamer's browser. */
export interface Browser {
  /** Whether there may be one: a core on a server has none. */
  readonly isAvailable: boolean;
  /** @returns whether it took the address. Never rejects. */
  open(url: string): Promise<boolean>;
}
