import type { Random } from './random.js';

/** What takes bytes that anybody may have written. */
export interface Target {
  readonly name: string;
  /** Inputs that go deep into it. */
  readonly seeds: readonly Buffer[];
  /** Of one input, bytes; 256 KiB without it, as in a message of a plugin. */
  readonly maxBytes?: number;
  /** What one input may cost, ms of CPU; 20 without it, what the core may be held up for. */
  readonly maxCpuMs?: number;
  /** Another input from an earlier one, by its structure; changed bytes without it. */
  mutate?(input: Buffer, random: Random): Buffer | undefined;
  /** Takes one input. Throws, or rejects, for what it should not: errors that are expected are caught in it. */
  run(input: Buffer): void | Promise<void>;
  dispose?(): void;
}
