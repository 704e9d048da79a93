import { resolveFfmpeg } from '../../../../src/encoder/ffmpeg-resolver.js';

const { candidates } = resolveFfmpeg();

function path(of: string): string {
  const found = candidates.find(({ origin }) => origin === of)?.path;
  if (found === undefined) throw new Error(`There is no ffmpeg of ${of}.`);
  return found;
}

/** The oldest supported one, of 2018, and the one on the PATH. */
export const OLD_FFMPEG = path('@ffmpeg-installer/ffmpeg');
export const NEW_FFMPEG = path('PATH');
export const FFMPEGS = { 'ffmpeg of 2018': OLD_FFMPEG, 'ffmpeg on the PATH': NEW_FFMPEG };
