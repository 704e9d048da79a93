import type { Container } from './container.js';
import { matroska } from './matroska.js';
import { fragmentedMp4, hybridMp4 } from './mp4.js';

/** Containers of recordings, by their names in the configuration. */
export const containers: Readonly<Record<ContainerName, Container>> = {
  mkv: matroska,
  'fragmented-mp4': fragmentedMp4,
  'hybrid-mp4': hybridMp4,
};

export type ContainerName = 'mkv' | 'fragmented-mp4' | 'hybrid-mp4';
