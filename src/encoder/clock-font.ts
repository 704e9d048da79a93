import { existsSync } from 'node:fs';

/**
 * Fonts that come with operating systems. By file, since a lookup by name may make fontconfig scan every font
 * first.
 */
const FONTS: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: [
    '/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf',
    '/usr/share/fonts/TTF/DejaVuSansMono.ttf',
    '/usr/share/fonts/dejavu-sans-mono-fonts/DejaVuSansMono.ttf',
    '/usr/share/fonts/truetype/liberation/LiberationMono-Regular.ttf',
    '/usr/share/fonts/liberation-mono/LiberationMono-Regular.ttf',
    '/usr/share/fonts/truetype/ubuntu/UbuntuMono-R.ttf',
    '/usr/share/fonts/noto/NotoSansMono-Regular.ttf',
    '/usr/share/fonts/truetype/noto/NotoSansMono-Regular.ttf',
    '/usr/share/fonts/truetype/freefont/FreeMono.ttf',
  ],
  darwin: ['/System/Library/Fonts/Menlo.ttc', '/System/Library/Fonts/Monaco.ttf'],
  win32: ['C:/Windows/Fonts/consola.ttf', 'C:/Windows/Fonts/cour.ttf'],
};

/** A font file for the test pattern's clock; undefined if none is found. */
export function findClockFont(platform: NodeJS.Platform = process.platform): string | undefined {
  return FONTS[platform]?.find((file) => existsSync(file));
}
