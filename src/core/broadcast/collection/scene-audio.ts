import { inject, injectable } from 'inversify';
import { parseSound, withSettings } from '../../../config/parse-entry.js';
import type { AudioList, AudioManagement, SetAudioParams } from '../../../protocol/audio.js';
import { ErrorCodes } from '../../../protocol/errors.js';
import type { SceneCollection } from '../../../scenes/scene-collection.js';
import { entryNamed } from './entry-named.js';
import { type Editor, LiveCollection } from './live-collection.js';

/** How the sound of the scenes' sources is mixed, as it is changed by the streamer. */
@injectable()
export class SceneAudio implements AudioManagement {
  private by: Editor = 'streamer';

  constructor(@inject(LiveCollection) private readonly collection: LiveCollection) {}

  /** The same, for changes that the streamer does not undo. */
  forPlugins(): SceneAudio {
    const audio = new SceneAudio(this.collection);
    audio.by = 'plugin';
    return audio;
  }

  async list(): Promise<AudioList> {
    const { sources, mixer } = this.collection.current;
    return {
      sources: sources.map(({ id }) => ({ ...(mixer.sources[id] ?? parseSound({}, id)), id })),
    };
  }

  async set({ id, change }: SetAudioParams): Promise<AudioList> {
    const { sources, mixer } = this.collection.current;
    entryNamed(id, sources, { what: 'source', where: 'sources', code: ErrorCodes.sourceNotFound });
    const sound = parseSound(withSettings(mixer.sources[id] ?? {}, change), id);
    const set = (now: SceneCollection) => ({
      ...now,
      mixer: { ...now.mixer, sources: { ...now.mixer.sources, [id]: sound } },
    });
    await this.collection.edit(`sound of "${id}" changed`, set, { by: this.by });
    return this.list();
  }
}
