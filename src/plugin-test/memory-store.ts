import { PluginStore } from '../core/extension-hosts/store/plugin-store.js';
import { TextFile, type TextFileOptions } from '../core/extension-hosts/store/text-file.js';

/** Plugins' stored data in memory. Only their folders are on the real disk. */
export class MemoryStore extends PluginStore {
  /** Simulates a full disk. */
  full = false;

  /** Nothing measures folders all the time here. */
  protected override isMeasured(): boolean {
    return false;
  }

  protected override createFile(options: TextFileOptions): TextFile {
    return new MemoryFile(options, () => this.full);
  }
}

class MemoryFile extends TextFile {
  private text = '{}';

  constructor(
    options: TextFileOptions,
    private readonly isFull: () => boolean,
  ) {
    super(options);
  }

  protected override async readText(): Promise<string> {
    return this.text;
  }

  protected override async writeText(text: string): Promise<void> {
    if (this.isFull()) throw new Error('ENOSPC: no space left on device, write');
    this.text = text;
  }
}
