/** What the keyring's process is asked for, as a line of JSON on its standard input. */
export type KeyringRequest =
  | { readonly op: 'get' | 'remove'; readonly name: string }
  | { readonly op: 'set'; readonly name: string; readonly value: string }
  | { readonly op: 'list' };

/** Its answer, as a line of JSON on its standard output. */
export type KeyringAnswer =
  | {
      readonly ok: true;
      readonly value?: string | null;
      readonly names?: readonly string[];
      readonly removed?: boolean;
    }
  | { readonly ok: false; readonly reason: 'missing' | 'failed'; readonly message: string };
