/** The text that the C programs print with `-DPOLYBENCH_DUMP_ARRAYS`, to the byte. */
import { type Arrays, dtypeOf, type FlatArray } from "./array.ts";
import { domainColumns, type KernelName } from "./sizes.ts";
import type { Kernel } from "./suite.ts";

/** Kernels whose dump counts elements by i × rows + j, so that its lines are uneven where the array is not square. */
const countsByRows: ReadonlySet<KernelName> = new Set(["gemm", "2mm", "3mm", "symm", "trmm", "fdtd-2d"]);

/** PolyBench's dump of the live-out arrays of `kernel`. */
export function dump(kernel: Kernel, arrays: Arrays): string {
  const finish = "==END   DUMP_ARRAYS==\n";
  const bodies = kernel.outputs.map(
    (name) => `begin dump: ${name}${body(kernel, arrays[name]!)}\nend   dump: ${name}\n`,
  );
  // fdtd-2d's program says that it is done after the first of its three arrays.
  if (kernel.name === "fdtd-2d") bodies.splice(1, 0, finish);
  else bodies.push(finish);
  return `==BEGIN DUMP_ARRAYS==\n${bodies.join("")}`;
}

function body(kernel: Kernel, array: FlatArray): string {
  const [rows = 1, columns = 1] = array.shape;
  const width = array.data.length / rows;
  const format = dtypeOf(array) === "i32" ? String : twoDecimals;
  const stride = countsByRows.has(kernel.name) && columns > 1 ? rows : width;
  const text: string[] = [];
  let printed = 0;
  for (let i = 0; i < rows; i++) {
    const [from, to] = domainColumns(kernel.domain, i, width);
    for (let j = from; j < to; j++) {
      const count = kernel.name === "nussinov" ? printed : i * stride + j;
      const element = `${format(array.data[i * width + j]!)} `;
      const breaks = count % 20 === 0;
      // trisolv breaks its lines after the element, all others before.
      if (breaks && kernel.name !== "trisolv") text.push("\n");
      text.push(element);
      if (breaks && kernel.name === "trisolv") text.push("\n");
      printed++;
    }
  }
  return text.join("");
}

/** C's `%0.2lf`. JavaScript's `toFixed` differs in ties, which C rounds to even, in −0, and from 1e21 on. */
export function twoDecimals(x: number): string {
  if (Number.isNaN(x)) return "nan";
  const sign = x < 0 || Object.is(x, -0) ? "-" : "";
  const magnitude = Math.abs(x);
  if (magnitude === Infinity) return `${sign}inf`;
  if (magnitude >= 2 ** 53) return `${sign}${BigInt(magnitude)}.00`;
  const eighths = magnitude * 8;
  // Only odd eighths end in an exact 5 thousandths; of those, 1/8 and 5/8 lie above an even hundredth.
  const tieToLower = Number.isInteger(eighths) && eighths % 4 === 1;
  if (!tieToLower) return sign + magnitude.toFixed(2);
  return `${sign}${Math.trunc(magnitude)}.${eighths % 8 === 1 ? "12" : "62"}`;
}
