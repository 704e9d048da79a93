import type { Broadcast } from './broadcast.js';
import type { Commands } from './commands.js';
import type { Configuration } from './configuration.js';
import type { Environment } from './env.js';
import type { BulkheadErrorClass } from './errors.js';
import type {
  CancellationTokenSourceConstructor,
  DisposableConstructor,
  EventEmitterConstructor,
} from './lifecycle.js';
import type { Window } from './window.js';

/** Everything that a plugin can import, as one object. Each plugin has its own. */
export interface ExtensionApi {
  readonly commands: Commands;
  readonly broadcast: Broadcast;
  readonly window: Window;
  readonly configuration: Configuration;
  readonly env: Environment;
  readonly BulkheadError: BulkheadErrorClass;
  readonly CancellationTokenSource: CancellationTokenSourceConstructor;
  readonly Disposable: DisposableConstructor;
  readonly EventEmitter: EventEmitterConstructor;
}
