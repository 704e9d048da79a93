import type { Memento } from '@bulkhead/extension-api';
import type { PluginScope } from './plugin-scope.js';
import { requireJson } from './require-json.js';

/** Storage of a memento's values in the core, as JSON texts. */
export interface MementoBackend {
  read(): Promise<Readonly<Record<string, string>>>;
  /** Null removes the key. Resolves once it has been written to the disk. */
  write(key: string, text: string | null): Promise<void>;
}

/** A memento that is empty until `load` has resolved. */
export class StoredMemento {
  private texts = new Map<string, string>();
  private stored = new Map<string, string>();
  /** The memento that the plugin uses. */
  readonly memento: Memento;

  constructor(
    private readonly scope: PluginScope,
    private readonly backend: MementoBackend,
  ) {
    this.memento = Object.freeze<Memento>({
      keys: () => [...this.texts.keys()],
      get: <T>(key: string, defaultValue?: T) => {
        const text = this.texts.get(key);
        return text === undefined ? defaultValue : (JSON.parse(text) as T);
      },
      update: (key, value) => this.update(key, value),
    });
  }

  /** Replaces its content with the stored values. */
  async load(): Promise<void> {
    const read = Object.entries(await this.backend.read());
    this.texts = new Map(read);
    this.stored = new Map(read);
  }

  private async update(key: string, value: unknown): Promise<void> {
    this.scope.checkActive();
    requireJson(value, 'the value');
    const text = JSON.stringify(value) as string | undefined;
    put(this.texts, key, text);
    try {
      await this.backend.write(key, text ?? null);
      put(this.stored, key, text);
    } catch (error) {
      // Unless the plugin has set it again in the meantime.
      if (this.texts.get(key) === text) put(this.texts, key, this.stored.get(key));
      throw error;
    }
  }
}

function put(texts: Map<string, string>, key: string, text: string | undefined): void {
  if (text === undefined) texts.delete(key);
  else texts.set(key, text);
}
