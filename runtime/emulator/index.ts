/**
 * The PTX emulator: runs PTX text on the CPU, over grids and blocks, with every access checked.
 *
 * It shares nothing with what emits PTX. It takes the meaning of each instruction from NVIDIA's PTX ISA manual, refuses
 * those that it does not know, and translates the rest to WebAssembly, whose integers and floats are those of a GPU.
 * `docs/ptx-emulator.md` says what it knows.
 *
 * ```ts
 * const text = `.version 8.0
 *   .target sm_90
 *   .address_size 64
 *   .visible .entry twice(.param .u64 x) {
 *     .reg .b32 %r<2>; .reg .b64 %d<3>; .reg .f64 %g<2>;
 *     ld.param.u64 %d1, [x];
 *     mov.u32 %r1, %tid.x;
 *     mul.wide.u32 %d2, %r1, 8;
 *     add.u64 %d1, %d1, %d2;
 *     ld.global.f64 %g1, [%d1];
 *     add.rn.f64 %g1, %g1, %g1;
 *     st.global.f64 [%d1], %g1;
 *     ret;
 *   }`;
 * const memory = new DeviceMemory();
 * const x = memory.alloc(3 * 8);
 * memory.write(x, Float64Array.of(1, 2, 3));
 * launch(parsePtx(text), "twice", { grid: [1, 1, 1], block: [3, 1, 1], params: [x], memory });
 * console.log(new Float64Array(memory.read(x, 3 * 8).buffer)); // 2, 4, 6
 * ```
 */
export type { LaunchOptions, LaunchReport, Param } from "./arguments.ts";
export { type Dim, PtxFault } from "./faults.ts";
export { launch } from "./launch.ts";
export { DeviceMemory } from "./memory.ts";
export { PtxError } from "./ptx.ts";
export { type Kernel, type PtxModule, parsePtx } from "./translate.ts";
