import type { Disposable } from 'vscode-jsonrpc';
import { onUnexpectedError } from './unexpected-error.js';

/** What an owner disposes of when it is disposed itself. Errors thrown by an item go to `onUnexpectedError`. */
export class DisposableStore implements Disposable {
  private readonly items: Set<Disposable>;
  private disposed = false;

  constructor(items: Iterable<Disposable> = []) {
    this.items = new Set(items);
  }

  /** Adds an item and returns it. An item added after the store was disposed of is disposed of at once. */
  add<T extends Disposable>(item: T): T {
    if (this.disposed) disposeOf(item);
    else this.items.add(item);
    return item;
  }

  /** Disposes of all items, in the order in which they were added. The store can be used again. */
  clear(): void {
    const items = [...this.items];
    this.items.clear();
    for (const item of items) disposeOf(item);
  }

  /** Disposes of all items, and of every item added later. */
  dispose(): void {
    this.disposed = true;
    this.clear();
  }
}

function disposeOf(item: Disposable): void {
  try {
    item.dispose();
  } catch (error) {
    onUnexpectedError(error);
  }
}
