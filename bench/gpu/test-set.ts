/** The test set of kernels written for GPUs, as plain data. Its calls stand with the tests, which a released package lacks. */
import type { RecordedCase } from "./jobs.ts";

export async function testSet(): Promise<readonly RecordedCase[]> {
  const { cases } = await import("../../test/gpu/cases.ts");
  return cases.map(({ name, file, kernel, args }) => ({ name, file: file.href, kernel, args: args() }));
}
