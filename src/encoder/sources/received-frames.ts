import type { Duplex } from 'node:stream';
import { PluginFrameReader } from '../../protocol/plugin-frames.js';
import { PluginSource, type PluginSourceOptions } from './plugin-source.js';

/** The frames of plugins that the core sends on the connection for the media, and the sources that show them. */
export class ReceivedFrames {
  private readonly sources = new Map<string, PluginSource>();

  constructor(connection: Duplex) {
    const reader = new PluginFrameReader({
      begin: (head) => this.sources.get(head.source)?.begin(head),
      end: (head, pixels) => this.sources.get(head.source)?.show(head, pixels),
      presence: ({ source }, presence) => this.sources.get(source)?.note(presence),
    });
    connection.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch {
        // It is not the core that is at the other end.
        connection.destroy();
      }
    });
  }

  /** Opens a source, in the place of one with this id. */
  open(id: string, options: Omit<PluginSourceOptions, 'onDispose'>): PluginSource {
    const source = new PluginSource({
      ...options,
      onDispose: () => {
        if (this.sources.get(id) === source) this.sources.delete(id);
      },
    });
    this.sources.set(id, source);
    return source;
  }
}
