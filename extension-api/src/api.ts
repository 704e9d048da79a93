import type { Audio } from './audio.js';
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
import type { Overlays } from './overlays.js';
import type { Scenes } from './scenes.js';
import type { Sources } from './sources.js';
import type { Window } from './window.js';

/** Everything that a plugin can import, as one object. Each plugin has its own. */
export interface ExtensionApi {
  readonly audio: Audio;
  readonly broadcast: Broadcast;
  readonly commands: Commands;
  readonly configuration: Configuration;
  readonly env: Environment;
  readonly overlays: Overlays;
  readonly scenes: Scenes;
  readonly sources: Sources;
  readonly window: Window;
  readonly BulkheadError: BulkheadErrorClass;
  readonly CancellationTokenSource: CancellationTokenSourceConstructor;
  readonly Disposable: DisposableConstructor;
  readonly EventEmitter: EventEmitterConstructor;
}
