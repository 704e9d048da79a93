import type { StoredTexts } from '../../../src/core/main-thread/plugin-storage.js';

/** Texts that are kept in memory. */
export class MemoryTexts implements StoredTexts {
  private readonly texts: Map<string, string>;

  constructor(texts: Readonly<Record<string, string>> = {}) {
    this.texts = new Map(Object.entries(texts));
  }

  async get(key: string): Promise<string | undefined> {
    return this.texts.get(key);
  }

  async keys(): Promise<string[]> {
    return [...this.texts.keys()];
  }

  async all(): Promise<Readonly<Record<string, string>>> {
    return Object.fromEntries(this.texts);
  }

  async usedBytes(): Promise<number> {
    return JSON.stringify(await this.all()).length;
  }

  async set(key: string, value: string | null): Promise<void> {
    if (value === null) this.texts.delete(key);
    else this.texts.set(key, value);
  }
}
