/** Whether a font is named by its file, not by its family. */
export function isFontFile(font: string): boolean {
  return /\.(ttf|otf|ttc|woff2?)$/i.test(font);
}
