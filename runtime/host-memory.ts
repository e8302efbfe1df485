/**
 * What launch programs do to memory: how long their arrays are needed, whether the caller's may be left half-written, and
 * that what a kernel is given has the sizes that it was compiled for.
 */
import { funcNamed } from "../compiler/artifact.ts";
import { bug } from "../compiler/diagnostic.ts";
import { type ArrayValue, arrayIn, type Block, type Func, isArray, type Module, type Stmt } from "../compiler/ir/ir.ts";
import { blocksOf, usesOf, walk } from "../compiler/ir/walk.ts";
import type { DeviceArray, KernelArg } from "./device.ts";

/** What a kernel may do to its caller's arrays, and whether it may fail at it. */
interface KernelEffects {
  readonly writes: ReadonlySet<ArrayValue>;
  readonly checks: boolean;
}

const effectsOf = remembered((kernel: Func): KernelEffects => {
  const writes = new Set<ArrayValue>();
  let checks = false;
  for (const s of walk(kernel.body)) {
    if (s.kind === "store" || s.kind === "accum") writes.add(s.array);
    if (s.kind === "check") checks = true;
  }
  return { writes, checks };
});

/** Whether a launch program may fail, in a kernel's check, at a limit or for lack of memory, when it has written to its parameters. */
export function mayFail(m: Module, host: Func): boolean {
  const kernelOf = (name: string): Func => funcNamed(m, name) ?? bug(`no kernel @${name}`);
  const given = new Set<unknown>(host.params);
  const writesGiven = (s: Stmt): boolean => {
    if (s.kind === "copy") return given.has(arrayIn(s.to));
    if (s.kind !== "launch") return false;
    const { params } = kernelOf(s.callee);
    const { writes } = effectsOf(kernelOf(s.callee));
    return s.args.some((a, k) => given.has(a) && writes.has(params[k] as ArrayValue));
  };
  const fails = (s: Stmt): boolean =>
    s.kind === "alloc" || s.kind === "limit" || (s.kind === "launch" && effectsOf(kernelOf(s.callee)).checks);
  let written = false;
  const late = (b: Block): boolean =>
    b.stmts.some((s) => {
      // What stands at the end of a loop has run before its beginning, one trip ago.
      const before = s.kind === "for" || s.kind === "while" ? blocksOf(s).flatMap((inner) => [...walk(inner)]) : [s];
      written ||= before.some(writesGiven);
      return (written && fails(s)) || blocksOf(s).some(late);
    });
  return late(host.body);
}

/** For each statement of a block the arrays, made in the block, that nothing after it uses. */
export const lastUses = remembered((b: Block): ReadonlyMap<Stmt, readonly ArrayValue[]> => {
  const last = new Map<unknown, Stmt>();
  const uses = new Map<Stmt, ArrayValue[]>();
  for (const s of b.stmts) {
    for (const used of [...walk({ stmts: [s], yields: [] })].flatMap(usesOf)) if (last.has(used)) last.set(used, s);
    if (s.kind === "alloc") last.set(s.result, s);
    uses.set(s, []);
  }
  for (const [array, s] of last) uses.get(s)?.push(array as ArrayValue);
  return uses;
});

/** That sizes which a kernel's parameters share are the same: its code reads them once. */
export function checkSizes(kernel: Func, args: readonly KernelArg[]): void {
  const sizes = new Map<unknown, unknown>();
  kernel.params.forEach((p, k) => {
    if (!isArray(p)) sizes.set(p, args[k]);
    else {
      p.type.dims.forEach((d, axis) => {
        const size = (args[k] as DeviceArray).shape[axis];
        const expected = d.kind === "const" ? d.value : (sizes.get(d) ?? size);
        if (size !== expected) bug(`@${kernel.name}: axis ${axis} of %${p.hint} has size ${size}, not ${expected}`);
        sizes.set(d, size);
      });
    }
  });
}

/** The function, computing each answer once: programs do not change, and run often. */
function remembered<K extends object, V extends object>(compute: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, V>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const answer = compute(key);
    known.set(key, answer);
    return answer;
  };
}
