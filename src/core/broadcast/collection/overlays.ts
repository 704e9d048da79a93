import { inject, injectable } from 'inversify';
import { parseEntry, withSettings } from '../../../config/parse-entry.js';
import type { ElementConfig, OverlayConfig } from '../../../config/schema.js';
import { ErrorCodes } from '../../../protocol/errors.js';
import type {
  AddElementParams,
  AddOverlayParams,
  ElementIdParams,
  OverlayIdParams,
  OverlayList,
  OverlayManagement,
  SetElementParams,
  SetOverlayParams,
} from '../../../protocol/overlays.js';
import { withEntryAt, withoutEntry } from '../../../scenes/scene-collection.js';
import { entryNamed, refuseOtherId, refuseTaken } from './entry-named.js';
import { LiveCollection } from './live-collection.js';

/** The overlays of the broadcast, as they are changed by the streamer. */
@injectable()
export class Overlays implements OverlayManagement {
  constructor(@inject(LiveCollection) private readonly collection: LiveCollection) {}

  async list(): Promise<OverlayList> {
    return { overlays: this.collection.current.overlays };
  }

  async add({ overlay, at }: AddOverlayParams): Promise<OverlayList> {
    const added = parsed(overlay);
    const { overlays } = this.collection.current;
    refuseTaken(added.id, overlays, 'overlay', 'overlays', 'bulkhead overlay set');
    return this.put(added, `overlay "${added.id}" added`, at);
  }

  async set({ id, change, at }: SetOverlayParams): Promise<OverlayList> {
    const before = this.overlay(id);
    refuseOtherId(id, change, 'overlays');
    return this.put(parsed(withSettings(before, change) as OverlayConfig), `overlay "${id}" changed`, at);
  }

  async remove({ id }: OverlayIdParams): Promise<OverlayList> {
    this.overlay(id);
    await this.collection.edit(`overlay "${id}" removed`, (now) => ({
      ...now,
      overlays: withoutEntry(now.overlays, id),
    }));
    return this.list();
  }

  async addElement({ overlay: overlayId, element, at }: AddElementParams): Promise<OverlayList> {
    const overlay = this.overlay(overlayId);
    const id = String(element.id);
    const where = `overlays.${overlayId}.elements`;
    refuseTaken(id, overlay.elements, 'element', where, 'bulkhead overlay set --element');
    return this.put(withElement(overlay, element, at), `element "${id}" of overlay "${overlayId}" added`);
  }

  async setElement({ overlay: overlayId, id, change, at }: SetElementParams): Promise<OverlayList> {
    const overlay = this.overlay(overlayId);
    refuseOtherId(id, change, `overlays.${overlayId}.elements`);
    const element = withSettings(elementOf(overlay, id), change) as ElementConfig;
    return this.put(withElement(overlay, element, at), `element "${id}" of overlay "${overlayId}" changed`);
  }

  async removeElement({ overlay: overlayId, id }: ElementIdParams): Promise<OverlayList> {
    const overlay = this.overlay(overlayId);
    elementOf(overlay, id);
    const without = { ...overlay, elements: withoutEntry(overlay.elements, id) };
    return this.put(without, `element "${id}" of overlay "${overlayId}" removed`);
  }

  private async put(overlay: OverlayConfig, what: string, at?: number): Promise<OverlayList> {
    await this.collection.edit(what, (now) => ({
      ...now,
      overlays: withEntryAt(now.overlays, overlay, at),
    }));
    return this.list();
  }

  private overlay(id: string): OverlayConfig {
    return entryNamed(id, this.collection.current.overlays, {
      ...{ what: 'overlay', where: 'overlays', code: ErrorCodes.overlayNotFound },
    });
  }
}

/** With every default filled in. @throws ConfigError */
function parsed(overlay: OverlayConfig): OverlayConfig {
  return parseEntry('overlays', overlay, `overlays.${overlay.id}`);
}

function withElement(overlay: OverlayConfig, element: ElementConfig, at: number | undefined): OverlayConfig {
  return parsed({ ...overlay, elements: withEntryAt(overlay.elements, element, at) });
}

function elementOf({ id: overlay, elements }: OverlayConfig, id: string): ElementConfig {
  return entryNamed(id, elements, {
    ...{ what: 'element', inside: ` in the overlay "${overlay}"`, where: `overlays.${overlay}.elements` },
    code: ErrorCodes.overlayNotFound,
  });
}
