/** Target c: what the system's compilers make of a C text, called the way native code is. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type CompileCOptions, compileC, findCC } from "../../compiler/backend/cc.ts";
import { addressOf, loadSharedLibrary } from "../../runtime/devices/native-loader.ts";
import { skip } from "../skip.ts";

/** x[0] := a b - c, with c the rounded product: 0 unless the compiler fuses the two operations. */
const residue = `
int residue(void *args) {
  double *restrict x = *(double **)args;
  double a = x[1], b = x[2], c = x[3];
  x[0] = a * b - c;
  return 0;
}
`;
const factor = 1 + 2 ** -30;

for (const name of ["gcc", "clang"] as const) {
  const compiler = await findCC(name);
  if (compiler === null) {
    skip(`c by ${name}`, `${name} is not installed`);
    continue;
  }

  const runResidue = async (mode: CompileCOptions["mode"]): Promise<number> => {
    const module = loadSharedLibrary((await compileC(residue, { mode, compiler: name })).library);
    const x = Float64Array.of(-1, factor, factor, factor * factor);
    const args = new BigInt64Array([addressOf(x)]);
    assert.is(await module.entry("residue").callAsync(args, x), 0);
    module.dispose();
    return x[0]!;
  };

  test(`${name}: says what it is`, () => {
    assert.match(compiler.version, /\d+\.\d+/);
  });

  test(`${name}: strict rounds twice`, async () => {
    assert.is(await runResidue("strict"), 0);
  });

  if (/avx512|fma|asimd/.test(await cpuFlags())) {
    test(`${name}: contract fuses where the CPU can`, async () => {
      assert.is(await runResidue("contract"), 2 ** -60);
    });
  } else {
    skip(`${name}: contract fuses`, "this CPU has no fused multiply-add");
  }

  test(`${name}: an error shows what the compiler said`, async () => {
    let message = "";
    await compileC("int f(void { return 0; }", { mode: "strict", compiler: name }).catch((error: Error) => {
      message = error.message;
    });
    assert.match(message, /cannot compile this C: .*kernel\.c:1/);
  });
}

test("findCC: without a name, the first there is", async () => {
  const any = await findCC();
  assert.equal(any, (await findCC("gcc")) ?? (await findCC("clang")));
});

async function cpuFlags(): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  return readFile("/proc/cpuinfo", "utf8").catch(() => "");
}

test.run();
