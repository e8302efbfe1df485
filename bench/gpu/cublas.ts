/** The matrix product of NVIDIA's own library, where it can be loaded: what gemm is held against. */
import { CudaContext, chosenDevice } from "../../runtime/devices/cuda-context.ts";
import type { Handle } from "../../runtime/devices/cuda-driver.ts";
import { CudaPool } from "../../runtime/devices/cuda-memory.ts";

const names = ["libcublas.so.13", "libcublas.so.12", "libcublas.so.11", "cublas64_13.dll", "cublas64_12.dll"];

/** Seconds of C := alpha A B + beta C of these sizes by cuBLAS on the GPU, the middle of 11; why not, where it cannot be. */
export function cublasSeconds(dtype: "f64" | "f32", ni: number, nj: number, nk: number): number | string {
  const context = CudaContext.of(chosenDevice());
  const { koffi } = context.driver;
  const library = names
    .map((name) => {
      try {
        return koffi.load(name);
      } catch {
        return null;
      }
    })
    .find((found) => found !== null);
  if (library == null) return `cuBLAS was not found (${names.slice(0, 3).join(", ")})`;
  const [letter, type, size] = dtype === "f64" ? ["D", "double", 8] : ["S", "float", 4];
  const create = library.func("int cublasCreate_v2(_Out_ void **handle)");
  const setStream = library.func("int cublasSetStream_v2(void *handle, void *stream)");
  const destroy = library.func("int cublasDestroy_v2(void *handle)");
  const gemm = library.func(
    `int cublas${letter}gemm_v2(void *handle, int ta, int tb, int m, int n, int k, const ${type} *alpha, uint64_t A, int lda, uint64_t B, int ldb, const ${type} *beta, uint64_t C, int ldc)`,
  );
  const check = (status: number, what: string): void => {
    if (status !== 0) throw new Error(`${what}: cuBLAS status ${status}`);
  };
  // The context is current from here on.
  const pool = new CudaPool(context, 0);
  const blocks = [ni * nk, nk * nj, ni * nj].map((n) => pool.take(n * size));
  const handle: [Handle | null] = [null];
  try {
    for (const { address, bytes } of blocks) context.call("cuMemsetD8Async", address, 0, bytes, context.stream);
    check(create(handle), "cublasCreate");
    check(setStream(handle[0], context.stream), "cublasSetStream");
    const [a, b, c] = blocks.map((block) => block.address);
    // Rows here are columns there: C' = B' A'.
    const run = (): number => {
      const start = context.mark();
      check(gemm(handle[0], 0, 0, nj, ni, nk, [1.5], b, nj, a, nk, [1.2], c, nj), `cublas${letter}gemm`);
      const end = context.mark();
      context.call("cuEventSynchronize", end);
      const seconds = context.elapsed(start, end);
      context.recycle(start, end);
      return seconds;
    };
    run();
    return Array.from({ length: 11 }, run).sort((x, y) => x - y)[5] as number;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    if (handle[0] !== null) destroy(handle[0]);
    for (const block of blocks) pool.give(block);
  }
}
