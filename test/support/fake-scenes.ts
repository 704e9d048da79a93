import type { AudioManagement } from '../../src/protocol/audio.js';
import type { OverlayManagement } from '../../src/protocol/overlays.js';
import type { SceneManagement } from '../../src/protocol/scenes.js';
import type { SourceManagement } from '../../src/protocol/sources.js';

type OnCall = (what: string, params: unknown) => void;

const answering =
  <T>(onCall: OnCall, answer: T) =>
  (what: string) =>
  async (params?: unknown): Promise<T> => {
    onCall(what, params);
    return answer;
  };

/** Scenes of which every change succeeds. */
export function fakeScenes(onCall: OnCall = () => {}): SceneManagement {
  const answer = answering(onCall, { scenes: [] });
  return {
    list: answer('scene/list'),
    switchTo: answer('scene/switch'),
    preview: answer('scene/preview'),
    take: answer('scene/take'),
    add: answer('scene/add'),
    set: answer('scene/set'),
    remove: answer('scene/remove'),
    addLayer: answer('scene/addLayer'),
    setLayer: answer('scene/setLayer'),
    moveLayers: answer('scene/moveLayers'),
    removeLayer: answer('scene/removeLayer'),
    undo: answer('scene/undo'),
    redo: answer('scene/redo'),
    reset: answer('scene/reset'),
    noteSaved: answer('scene/saved'),
  };
}

/** Sources of which every change succeeds. */
export function fakeSources(onCall: OnCall = () => {}): SourceManagement {
  const answer = answering(onCall, { sources: [] });
  return {
    list: answer('source/list'),
    add: answer('source/add'),
    set: answer('source/set'),
    remove: answer('source/remove'),
    restart: answer('source/restart'),
    play: answer('source/play'),
    snapshot: answering(onCall, { type: 'image/jpeg', data: '' } as const)('source/snapshot'),
  };
}

/** Sound of which every change succeeds. */
export function fakeAudio(onCall: OnCall = () => {}): AudioManagement {
  const answer = answering(onCall, { sources: [] });
  return { list: answer('audio/list'), set: answer('audio/set') };
}

/** Overlays of which every change succeeds. */
export function fakeOverlays(onCall: OnCall = () => {}): OverlayManagement {
  const answer = answering(onCall, { overlays: [] });
  return {
    list: answer('overlay/list'),
    add: answer('overlay/add'),
    set: answer('overlay/set'),
    remove: answer('overlay/remove'),
    addElement: answer('overlay/addElement'),
    setElement: answer('overlay/setElement'),
    removeElement: answer('overlay/removeElement'),
  };
}
