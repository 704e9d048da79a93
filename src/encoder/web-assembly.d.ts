/** The part of WebAssembly that is used: neither TypeScript's library for ES2023 nor Node's types declare it. */
declare namespace WebAssembly {
  class Memory {
    /** @param limits Pages of 64 KiB. */
    constructor(limits: {
      readonly initial: number;
      readonly maximum: number;
      readonly shared: boolean;
    });
    readonly buffer: ArrayBuffer | SharedArrayBuffer;
  }

  interface Module {
    readonly __module: never;
  }

  interface Instance {
    readonly exports: Readonly<Record<string, unknown>>;
  }

  type Imports = Readonly<Record<string, Readonly<Record<string, Memory>>>>;

  function compile(code: Uint8Array): Promise<Module>;
  function instantiate(module: Module, imports: Imports): Promise<Instance>;
}
