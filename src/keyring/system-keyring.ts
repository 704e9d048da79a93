import type { KeyringAnswer, KeyringRequest } from '../protocol/keyring.js';

/** What the secrets are kept under. */
const SERVICE = 'bulkhead';
/** Without it the library would take the kernel's keyring where there is no other, which forgets everything at a restart. */
const OPTIONS = { linux: { store: 'secret-service' } } as const;

/** As much of `@napi-rs/keyring` as is used; it may not be installed, and then the compiler has no types of it. */
export interface KeyringLibrary {
  readonly AsyncEntry: new (
    service: string,
    name: string,
    options: typeof OPTIONS,
  ) => {
    getPassword(): Promise<string | null | undefined>;
    setPassword(value: string): Promise<void>;
    deletePassword(): Promise<boolean>;
  };
  findCredentialsAsync(service: string): Promise<readonly { readonly account: string }[]>;
}

/** Libsecret's keyrings, Keychain, or Credential Manager. Never rejects. */
export async function askSystem(
  request: KeyringRequest,
  load: () => Promise<KeyringLibrary>,
): Promise<KeyringAnswer> {
  let library: KeyringLibrary;
  try {
    library = await load();
  } catch (error) {
    return { ok: false, reason: 'missing', message: (error as Error).message };
  }
  try {
    if (request.op === 'list') {
      const found = await library.findCredentialsAsync(SERVICE);
      return { ok: true, names: found.map(({ account }) => account).sort() };
    }
    const entry = new library.AsyncEntry(SERVICE, request.name, OPTIONS);
    if (request.op === 'set') {
      await entry.setPassword(request.value);
      return { ok: true };
    }
    if (request.op === 'remove') return { ok: true, removed: await entry.deletePassword() };
    return { ok: true, value: (await entry.getPassword()) ?? null };
  } catch (error) {
    return { ok: false, reason: 'failed', message: (error as Error).message };
  }
}
