import { inject, injectable } from 'inversify';
import { parseSound, withSettings } from '../../config/parse-entry.js';
import type { AudioList, AudioManagement, SetAudioParams } from '../../protocol/audio.js';
import { ErrorCodes } from '../../protocol/errors.js';
import { entryNamed } from './entry-named.js';
import { LiveCollection } from './live-collection.js';

/** How the sound of the scenes' sources is mixed, as it is changed by the streamer. */
@injectable()
export class SceneAudio implements AudioManagement {
  constructor(@inject(LiveCollection) private readonly collection: LiveCollection) {}

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
    await this.collection.edit(`sound of "${id}" changed`, (now) => ({
      ...now,
      mixer: { ...now.mixer, sources: { ...now.mixer.sources, [id]: sound } },
    }));
    return this.list();
  }
}
