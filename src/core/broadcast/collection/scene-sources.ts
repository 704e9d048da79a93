import { isDeepStrictEqual } from 'node:util';
import { inject, injectable } from 'inversify';
import { decodedIngestsOf } from '../../../config/ingests.js';
import { inputName } from '../../../config/input-name.js';
import { parseEntry, withSettings } from '../../../config/parse-entry.js';
import type { NamedSource } from '../../../config/schema.js';
import { withoutName } from '../../../config/sources.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import type {
  AddSourceParams,
  SetSourceParams,
  SourceList,
  SourceManagement,
  SourceParams,
  SourceSnapshot,
} from '../../../protocol/sources.js';
import {
  type SceneCollection,
  scenesWith,
  withEntry,
  withoutEntry,
} from '../../../scenes/scene-collection.js';
import { EncoderStub } from '../../stubs/encoder-stub.js';
import { entryNamed, refuseOtherId, refuseTaken } from './entry-named.js';
import { type Editor, LiveCollection } from './live-collection.js';

/** The sources of the broadcast's scenes, as they are changed by the streamer. */
@injectable()
export class SceneSources implements SourceManagement {
  private by: Editor = 'streamer';

  constructor(
    @inject(LiveCollection) private readonly collection: LiveCollection,
    @inject(EncoderStub)
    private readonly encoder: Pick<EncoderStub, 'restartSource' | 'playSource' | 'snapshot'>,
  ) {}

  /** The same, for changes that the streamer does not undo. */
  forPlugins(): SceneSources {
    const sources = new SceneSources(this.collection, this.encoder);
    sources.by = 'plugin';
    return sources;
  }

  async list(): Promise<SourceList> {
    const { current, config } = this.collection;
    return {
      sources: current.sources.map((source) => ({
        ...{ id: source.id, type: source.type, warm: source.warm },
        name: inputName(withoutName(source, config.liveServer)),
        ...(source.fallback === undefined ? {} : { fallback: source.fallback }),
        ...(source.addedBy === undefined ? {} : { addedBy: source.addedBy }),
        scenes: scenesWith(source.id, current.scenes),
      })),
    };
  }

  async add({ source }: AddSourceParams): Promise<SourceList> {
    const added = this.parsed(source);
    refuseTaken(added.id, this.collection.current.sources, 'source', 'sources', 'bulkhead source set');
    return this.put(added, `source "${added.id}" added`);
  }

  /** @returns whether there was none with its id */
  async addIfMissing({ source }: AddSourceParams): Promise<boolean> {
    if (this.collection.current.sources.some(({ id }) => id === source.id)) return false;
    await this.add({ source });
    return true;
  }

  async set({ id, change }: SetSourceParams): Promise<SourceList> {
    const before = this.source(id);
    refuseOtherId(id, change, 'sources');
    const { fallback, warm, addedBy } = before;
    const isOther = typeof change['type'] === 'string' && change['type'] !== before.type;
    const changed = withSettings(isOther ? { fallback, warm, addedBy } : before, { ...change, id });
    const parsed = this.parsed(changed as NamedSource);
    if (isDeepStrictEqual(parsed, before)) return this.list();
    return this.put(parsed, `source "${id}" changed`);
  }

  async remove({ id }: SourceParams): Promise<SourceList> {
    this.source(id);
    const { sources, scenes, mixer, canvases } = this.collection.current;
    const users = [
      ...scenesWith(id, scenes).map((scene) => `the scene "${scene}" shows it`),
      ...canvases.flatMap((canvas) =>
        scenesWith(id, canvas.scenes).map(
          (scene) => `the scene "${scene}" on the canvas "${canvas.id}" shows it`,
        ),
      ),
      ...sources
        .filter(({ fallback }) => fallback === id)
        .map((source) => `it is the fallback of "${source.id}"`),
      ...Object.entries(mixer.sources)
        .filter(([, { ducking }]) => ducking?.by === id)
        .map(([other]) => `it makes "${other}" quieter`),
      ...mixer.buses
        .filter(({ sources: inBus }) => inBus.includes(id))
        .map((bus) => `the bus "${bus.id}" has it`),
    ];
    if (users.length > 0) {
      throw new BulkheadError(ErrorCodes.configInvalid, `the source "${id}" is in use: ${users.join(', ')}`, {
        where: `sources.${id}`,
        remedy: 'Take it out there first.',
      });
    }
    const remove = (now: SceneCollection) => {
      const { [id]: _, ...sounds } = now.mixer.sources;
      return {
        ...now,
        sources: withoutEntry(now.sources, id),
        mixer: { ...now.mixer, sources: sounds },
      };
    };
    await this.collection.edit(`source "${id}" removed`, remove, { by: this.by });
    return this.list();
  }

  async restart({ id }: SourceParams): Promise<SourceList> {
    this.source(id);
    await this.encoder.restartSource(id);
    return this.list();
  }

  async play({ id }: SourceParams): Promise<SourceList> {
    const source = this.source(id);
    if (!('loop' in source) || source.loop) {
      throw new BulkheadError(ErrorCodes.configInvalid, `the source "${id}" has no end to be played to`, {
        where: `sources.${id}`,
        remedy: 'Play one of the type "file" or "playlist", with "loop": false.',
      });
    }
    await this.encoder.playSource(id);
    return this.list();
  }

  async snapshot({ id }: SourceParams): Promise<SourceSnapshot> {
    this.source(id);
    return { type: 'image/jpeg', data: await this.encoder.snapshot(id) };
  }

  private async put(source: NamedSource, what: string): Promise<SourceList> {
    const put = (now: SceneCollection) => ({ ...now, sources: withEntry(now.sources, source) });
    await this.collection.edit(what, put, { by: this.by });
    return this.list();
  }

  /** @throws BulkheadError with all that is wrong */
  private parsed(source: NamedSource): NamedSource {
    const where = `sources.${source.id}`;
    const parsed = parseEntry('sources', source, where);
    if (parsed.type !== 'ingest') return parsed;
    const decoded = decodedIngestsOf(this.collection.config);
    if (decoded.includes(parsed.ingest)) return parsed;
    throw new BulkheadError(ErrorCodes.configInvalid, `the ingest "${parsed.ingest}" is not decoded`, {
      where: `${where}.ingest`,
      remedy: 'Name it in a source of the configuration, and start the broadcast again.',
    });
  }

  private source(id: string): NamedSource {
    return entryNamed(id, this.collection.current.sources, {
      ...{ what: 'source', where: 'sources', code: ErrorCodes.sourceNotFound },
    });
  }
}
