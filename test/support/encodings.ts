/** Encodings in which a misbehaving program could send back a secret. */
export const ENCODINGS: Readonly<Record<string, (secret: string) => string>> = {
  plain: (secret) => secret,
  base64: (secret) => Buffer.from(secret).toString('base64'),
  base64url: (secret) => Buffer.from(secret).toString('base64url'),
  hex: (secret) => Buffer.from(secret).toString('hex'),
  'upper case': (secret) => secret.toUpperCase(),
  'lower case': (secret) => secret.toLowerCase(),
  'spaced out': (secret) => secret.split('').join(' '),
  'with hyphens': (secret) => secret.split('').join('-'),
  reversed: (secret) => secret.split('').reverse().join(''),
  'percent-encoded': (secret) =>
    [...Buffer.from(secret)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  'one character short': (secret) => secret.slice(0, -1),
  'without its first character': (secret) => secret.slice(1),
  'in two halves': (secret) => `${secret.slice(0, secret.length / 2)} and ${secret.slice(secret.length / 2)}`,
  rot13: (secret) =>
    secret.replace(/[a-z]/gi, (letter) => {
      const base = letter < 'a' ? 65 : 97;
      return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base);
    }),
  'character codes': (secret) => [...Buffer.from(secret)].join(','),
  'full width': (secret) =>
    secret.replace(/[!-~]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)),
  'with zero-width characters': (secret) => secret.split('').join('\u200b'),
};

/** The longest sequence of the secret's letters and digits that may occur by accident. */
const RUN = 6;

/** The encodings in which text contains a secret or a large part of it. */
export function findSecret(text: string, secret: string): string[] {
  const seen = normalized(text);
  return Object.entries(ENCODINGS)
    .filter(([, encode]) => runs(normalized(encode(secret))).some((run) => seen.includes(run)))
    .map(([name]) => name);
}

function normalized(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
}

/** For an encoding, each part that represents {@link RUN} characters or more. */
function runs(encoded: string): string[] {
  const length = Math.min(encoded.length, RUN + 2);
  return Array.from({ length: encoded.length - length + 1 }, (_, at) => encoded.slice(at, at + length));
}
