import type { Audio } from './audio.js';
import type { Broadcast } from './broadcast.js';
import type { Commands } from './commands.js';
import type { Configuration } from './configuration.js';
import type { Environment } from './env.js';
import type { BulkheadErrorClass } from './errors.js';
import type { Events } from './events.js';
import type { Extensions } from './extensions.js';
import type { L10n } from './l10n.js';
import type {
  CancellationTokenSourceConstructor,
  DisposableConstructor,
  EventEmitterConstructor,
} from './lifecycle.js';
import type { Outputs } from './outputs.js';
import type { Overlays } from './overlays.js';
import type { Permissions } from './permissions.js';
import type { Recording } from './recording.js';
import type { Replay } from './replay.js';
import type { Scenes } from './scenes.js';
import type { Sources } from './sources.js';
import type { Window } from './window.js';

/** Everything that a plugin can import, as one object. Each plugin has its own. */
export interface ExtensionApi {
  /** See {@link Audio}. */
  readonly audio: Audio;
  /** See {@link Broadcast}. */
  readonly broadcast: Broadcast;
  /** See {@link Commands}. */
  readonly commands: Commands;
  /** See {@link Configuration}. */
  readonly configuration: Configuration;
  /** See {@link Environment}. */
  readonly env: Environment;
  /** See {@link Events}. */
  readonly events: Events;
  /** See {@link Extensions}. */
  readonly extensions: Extensions;
  /** See {@link L10n}. */
  readonly l10n: L10n;
  /** See {@link Outputs}. */
  readonly outputs: Outputs;
  /** See {@link Overlays}. */
  readonly overlays: Overlays;
  /** See {@link Permissions}. */
  readonly permissions: Permissions;
  /** See {@link Recording}. */
  readonly recording: Recording;
  /** See {@link Replay}. */
  readonly replay: Replay;
  /** See {@link Scenes}. */
  readonly scenes: Scenes;
  /** See {@link Sources}. */
  readonly sources: Sources;
  /** See {@link Window}. */
  readonly window: Window;
  /** See {@link BulkheadErrorClass}. */
  readonly BulkheadError: BulkheadErrorClass;
  /** See {@link CancellationTokenSourceConstructor}. */
  readonly CancellationTokenSource: CancellationTokenSourceConstructor;
  /** See {@link DisposableConstructor}. */
  readonly Disposable: DisposableConstructor;
  /** See {@link EventEmitterConstructor}. */
  readonly EventEmitter: EventEmitterConstructor;
}
