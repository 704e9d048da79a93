import { MessageDirection, ProtocolRequestType } from 'vscode-languageserver-protocol';
import type { ElementConfig, OverlayConfig } from '../config/drawing-schema.js';

// What is drawn above every scene. All of it can be changed while the broadcast is on air.

export interface OverlayList {
  /** The lowest one first. */
  readonly overlays: readonly OverlayConfig[];
}

export interface AddOverlayParams {
  readonly overlay: OverlayConfig;
  /** Its place, 0 for the lowest; above all others without it. */
  readonly at?: number | undefined;
}

export interface SetOverlayParams {
  readonly id: string;
  /** Settings of the overlay; null goes back to what a setting is by itself, what is absent stays. */
  readonly change: Readonly<Record<string, unknown>>;
  /** Its place, 0 for the lowest; the one that it has without it. */
  readonly at?: number | undefined;
}

export interface OverlayIdParams {
  readonly id: string;
}

export interface AddElementParams {
  /** Id of the overlay. */
  readonly overlay: string;
  readonly element: ElementConfig;
  /** Its place, 0 for the lowest; above all others without it. */
  readonly at?: number | undefined;
}

export interface SetElementParams {
  /** Id of the overlay. */
  readonly overlay: string;
  /** Id of the element. */
  readonly id: string;
  /** Settings of the element; null goes back to what a setting is by itself, what is absent stays. */
  readonly change: Readonly<Record<string, unknown>>;
  /** Its place, 0 for the lowest; the one that it has without it. */
  readonly at?: number | undefined;
}

export interface ElementIdParams {
  /** Id of the overlay. */
  readonly overlay: string;
  /** Id of the element. */
  readonly id: string;
}

/** The overlays of the broadcast. Every method fails like those of `SceneManagement`, with `overlay.notFound` in the place of `scene.notFound`. */
export interface OverlayManagement {
  list(): Promise<OverlayList>;
  add(params: AddOverlayParams): Promise<OverlayList>;
  set(params: SetOverlayParams): Promise<OverlayList>;
  remove(params: OverlayIdParams): Promise<OverlayList>;
  addElement(params: AddElementParams): Promise<OverlayList>;
  setElement(params: SetElementParams): Promise<OverlayList>;
  removeElement(params: ElementIdParams): Promise<OverlayList>;
}

export namespace ListOverlaysRequest {
  export const method = 'overlay/list' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<Record<string, never>, OverlayList, never, void, void>(method);
}

export namespace AddOverlayRequest {
  export const method = 'overlay/add' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<AddOverlayParams, OverlayList, never, void, void>(method);
}

export namespace SetOverlayRequest {
  export const method = 'overlay/set' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<SetOverlayParams, OverlayList, never, void, void>(method);
}

export namespace RemoveOverlayRequest {
  export const method = 'overlay/remove' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<OverlayIdParams, OverlayList, never, void, void>(method);
}

export namespace AddElementRequest {
  export const method = 'overlay/addElement' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<AddElementParams, OverlayList, never, void, void>(method);
}

export namespace SetElementRequest {
  export const method = 'overlay/setElement' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<SetElementParams, OverlayList, never, void, void>(method);
}

export namespace RemoveElementRequest {
  export const method = 'overlay/removeElement' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<ElementIdParams, OverlayList, never, void, void>(method);
}
