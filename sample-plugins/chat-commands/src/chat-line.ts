/** Maximum size of a message, bytes: IRC's 512 for a whole line, minus what servers add. */
const MAX_BYTES = 400;

/**
 * The text as one line of IRC: a line break would let its author send commands; a text that is too long is cut between
 * characters.
 */
export function chatLine(text: string): string {
  const line = text.replace(/[\r\n\0]+/g, ' ');
  let bytes = 0;
  let end = 0;
  for (const letter of line) {
    bytes += Buffer.byteLength(letter);
    if (bytes > MAX_BYTES) break;
    end += letter.length;
  }
  return line.slice(0, end);
}
