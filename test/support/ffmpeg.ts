import { resolveFfmpeg } from '../../src/encoder/ffmpeg-resolver.js';

const { candidates, chosen } = resolveFfmpeg();
const ofNpm = candidates.find(
  ({ origin, passedOver }) => origin === '@ffmpeg-installer/ffmpeg' && passedOver === undefined,
);

/**
 * An ffmpeg that starts soon, for what any one can do: npm's, which is linked statically. A distribution's own loads some 200 libraries,
 * for which each start takes thirty times the processor time.
 */
export const QUICK_FFMPEG = ofNpm?.path ?? chosen?.path ?? 'ffmpeg';

/** For broadcasts that need more than that one has, of a newer version or of a build with more libraries: the one on the PATH. */
export const ON_PATH: NodeJS.ProcessEnv = { FFMPEG_BIN: '' };
