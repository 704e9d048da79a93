/** Id of the canvas that "video" and "scenes" of the configuration are of. */
export const MAIN_CANVAS = 'main';
