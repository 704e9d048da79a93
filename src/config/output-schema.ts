import * as z from '../base/zod.js';
import { relayOutputs } from './relay-output-schema.js';
import { RtmpOutput } from './rtmp-output-schema.js';

/** Discriminated by `type`: a new kind of output is a branch here, and an `OutputProtocol` in the core. */
export const OutputSchema = z.discriminatedUnion('type', [RtmpOutput, ...relayOutputs]);

/** Settings that one kind of output has, and another has not, are undefined there. */
export type OutputConfig = WithAllKeys<z.output<typeof OutputSchema>>;

type KeysOfAll<T> = T extends unknown ? keyof T : never;
type WithAllKeys<T, K extends PropertyKey = KeysOfAll<T>> = T extends unknown
  ? T & { readonly [Key in Exclude<K, keyof T>]?: undefined }
  : never;
