/** The part of the WebAssembly API that tsgpu uses; TypeScript declares it only together with all of the DOM. */

// biome-ignore lint/style/noNamespace: the global API is a namespace
declare namespace WebAssembly {
  type ImportValue = ((...args: number[]) => unknown) | Memory | Global | number;
  type Imports = Record<string, Record<string, ImportValue>>;

  class Module {
    private readonly isModule: true;
    constructor(bytes: Uint8Array | ArrayBuffer);
    static exports(module: Module): { readonly name: string; readonly kind: string }[];
    static imports(module: Module): { readonly module: string; readonly name: string; readonly kind: string }[];
  }

  class Instance {
    constructor(module: Module, imports?: Imports);
    readonly exports: Readonly<Record<string, unknown>>;
  }

  class Memory {
    constructor(limits: { readonly initial: number; readonly maximum?: number; readonly shared?: boolean });
    readonly buffer: ArrayBuffer | SharedArrayBuffer;
    grow(pages: number): number;
  }

  class Global {
    constructor(type: { readonly value: string; readonly mutable?: boolean }, value?: number | bigint);
    value: number | bigint;
  }

  class CompileError extends Error {}
  class LinkError extends Error {}
  class RuntimeError extends Error {}

  function compile(bytes: Uint8Array | ArrayBuffer): Promise<Module>;
  function instantiate(module: Module, imports?: Imports): Promise<Instance>;
  function instantiate(
    bytes: Uint8Array | ArrayBuffer,
    imports?: Imports,
  ): Promise<{ readonly module: Module; readonly instance: Instance }>;
  function validate(bytes: Uint8Array | ArrayBuffer): boolean;
}
