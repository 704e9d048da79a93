import type { Writable } from 'node:stream';
import type { RpcConnection } from '../../rpc/rpc-connection.js';
import { Fonts } from './fonts.js';
import { Images } from './images.js';
import {
  AliveRequest,
  DrawingProblemNotification,
  RemoveSurfaceNotification,
  SetSurfaceRequest,
  type SurfaceParams,
  TickNotification,
} from './messages.js';
import { writeRegion } from './region-stream.js';
import { Surface } from './surface.js';

/** Draws what the encoder process asks for: the other end of `Drawings`. */
export class OverlayPart {
  private readonly surfaces = new Map<number, Surface>();
  private readonly fonts: Fonts;
  private readonly images = new Images((path) => {
    for (const surface of this.surfaces.values()) surface.redrawImage(path);
  });

  /**
   * @param connection to the encoder process
   * @param regions takes what is drawn
   * @param fontFolder of the fonts that come with Bulkhead
   */
  constructor(
    private readonly connection: RpcConnection,
    private readonly regions: Writable,
    fontFolder: URL,
  ) {
    this.fonts = new Fonts(fontFolder);
    connection.onRequest(SetSurfaceRequest.type, (params) => {
      this.set(params);
      return null;
    });
    connection.onRequest(AliveRequest.type, () => ({ bytes: process.memoryUsage.rss() }));
    connection.onNotification(RemoveSurfaceNotification.type, ({ surface }) => this.remove(surface));
    connection.onNotification(TickNotification.type, ({ surface, atMs }) =>
      this.surfaces.get(surface)?.tick(atMs),
    );
  }

  private set(params: SurfaceParams): void {
    const { surface } = params;
    if (this.surfaces.get(surface)?.hasSize(params) === false) this.remove(surface);
    const known = this.surfaces.get(surface) ?? this.open(params);
    known.set(params);
    this.images.keepOnly(new Set([...this.surfaces.values()].flatMap(({ images }) => images)));
  }

  private open(params: SurfaceParams): Surface {
    const { surface } = params;
    const opened = new Surface(params, {
      ...{ fonts: this.fonts, images: this.images },
      send: (region, pixels) => this.regions.write(writeRegion(region, pixels)),
      onProblem: (element, message, remedy) =>
        this.connection.sendNotification(DrawingProblemNotification.type, {
          surface,
          element,
          message,
          remedy,
        }),
    });
    this.surfaces.set(surface, opened);
    return opened;
  }

  private remove(surface: number): void {
    this.surfaces.get(surface)?.dispose();
    this.surfaces.delete(surface);
  }
}
