/** Libraries of mathematical functions, by C's names: ours, and two to compare it with. */
import { loadKoffi } from "../../compiler/backend/libllvm-api.ts";
import { functions } from "./functions.ts";
import type { Measured } from "./measure.ts";

export type Library = "kernels" | "node" | "libm";
type Functions = Readonly<Record<string, Measured>>;

/** `kernels/math` as plain Node runs it, `Math` (in f64), and the platform's libm. */
export const libraries: Readonly<Record<Library, () => Promise<Functions>>> = {
  async kernels() {
    const all = (await import(new URL("../../kernels/math/index.ts", import.meta.url).href)) as Functions;
    // Those in single precision alone (`exps`) have bounds of their own: single.test.ts.
    const isSingle = (name: string): boolean => functions.some((f) => `${f.name}s` === name);
    return Object.fromEntries(Object.entries(all).filter(([name]) => !isSingle(name)));
  },
  async node() {
    const table = Math as unknown as Functions;
    return Object.fromEntries(functions.map(({ name }) => [name, table[name] as Measured]));
  },
  async libm() {
    const libm = loadKoffi().load(process.platform === "darwin" ? "libSystem.dylib" : "libm.so.6");
    return Object.fromEntries(
      functions.flatMap(({ name, arity }) =>
        (["double", "float"] as const).map((type) => {
          const own = type === "double" ? name : `${name}f`;
          const f = libm.func(`${type} ${own}(${Array(arity).fill(type).join(", ")})`);
          return [own, (arity === 1 ? (x: number) => f(x) : f) as Measured];
        }),
      ),
    );
  },
};
