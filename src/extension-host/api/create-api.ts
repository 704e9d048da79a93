import type { ExtensionApi } from '@bulkhead/extension-api';
import type { ProposedApi } from '@bulkhead/extension-api/proposed';
import { BulkheadError } from '../../protocol/errors.js';
import type { ApiTarget } from '../plugin-services.js';
import { createApiClasses } from './api-classes.js';
import { createAudioApi } from './audio-api.js';
import { createBroadcastApi } from './broadcast-api.js';
import { createCommandsApi } from './commands-api.js';
import { createConfigurationApi } from './configuration-api.js';
import { createEnvironmentApi } from './env-api.js';
import { createEventsApi } from './events-api.js';
import { createExtensionsApi } from './extensions-api.js';
import { createL10nApi } from './l10n-api.js';
import { createOutputsApi } from './outputs-api.js';
import { createOverlaysApi } from './overlays-api.js';
import { createPermissionsApi } from './permissions-api.js';
import { createRecordingApi } from './recording-api.js';
import { createReplayApi } from './replay-api.js';
import { createScenesApi } from './scenes-api.js';
import { createSourcesApi } from './sources-api.js';
import { createWindowApi } from './window-api.js';

/**
 * One plugin's API. It looks up its target at each call: a module that was loaded once keeps the API object, even if the
 * plugin is activated again in the same process. Each namespace is a file of its own beside this one.
 */
export function createApi(target: () => ApiTarget): ProposedApi {
  return Object.freeze<ProposedApi>({
    audio: createAudioApi(target),
    broadcast: createBroadcastApi(target),
    commands: createCommandsApi(target),
    configuration: createConfigurationApi(target),
    env: createEnvironmentApi(target),
    events: createEventsApi(target),
    extensions: createExtensionsApi(target),
    l10n: createL10nApi(target),
    outputs: createOutputsApi(target),
    overlays: createOverlaysApi(target),
    permissions: createPermissionsApi(target),
    recording: createRecordingApi(target),
    replay: createReplayApi(target),
    scenes: createScenesApi(target),
    sources: createSourcesApi(target),
    window: createWindowApi(target),
    BulkheadError: Object.freeze(BulkheadError) as unknown as ExtensionApi['BulkheadError'],
    ...createApiClasses((error) => target().scope.report('a listener of an EventEmitter', error)),
  });
}
