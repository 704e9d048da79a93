/** Of a secret that is typed in when a broadcast is started. */
export const ASKED_SECRET = 'ask';

const REFERENCE = /^(?:(?:env|file|keyring):|ask$)/;

/** Whether the text says where a secret is, and is none itself. */
export function isSecretReference(text: string): boolean {
  return REFERENCE.test(text);
}

/** Names in the system's keyring. */
export const KEYRING_NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$/;
