import type { Recording } from '@bulkhead/extension-api';
import {
  PluginAddsChapterRequest,
  PluginAsksRecordingRequest,
  PluginChangesRecordingRequest,
  PluginStartsRecordingRequest,
  type RecordingStep,
} from '../../protocol/plugin-recording.js';
import type { ApiTarget } from '../plugin-services.js';
import { callsOf } from './api-calls.js';
import { apiEvent } from './api-event.js';

/** The namespace `recording` of one plugin. */
export function createRecordingApi(target: () => ApiTarget): Recording {
  const { ask, change } = callsOf(target);
  const step = (name: RecordingStep) => () => change(PluginChangesRecordingRequest.type, { step: name });
  return Object.freeze<Recording>({
    status: async () => (await ask(PluginAsksRecordingRequest.type, {})) ?? undefined,
    start: ({ format, name } = {}) => change(PluginStartsRecordingRequest.type, { format, name }),
    stop: step('stop'),
    pause: step('pause'),
    resume: step('resume'),
    split: step('split'),
    addChapter: (title) => change(PluginAddsChapterRequest.type, { title }),
    onDidChange: apiEvent(target, 'recording.onDidChange', ({ scope, services }) => {
      services.recording.follow(scope);
      return services.recording.onDidChange;
    }),
  });
}
