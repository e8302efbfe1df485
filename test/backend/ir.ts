/** Hand-written LLVM IR for the tests of the toolchain bindings: each function takes one block of arguments, as kernels do. */

/** Pointers are 8 bytes apart in native argument blocks and 4 in wasm's; sizes and scalars follow them. */
export interface Layout {
  readonly pointer: 8 | 4;
}

/** `x[i] := op(x[i])` for `i < n`: the block holds x and n (i64 on native, i32 on wasm). `body` computes `%r` from `%v`. */
export const mapKernel = (name: string, body: string, { pointer }: Layout, declarations = ""): string => {
  const index = pointer === 8 ? "i64" : "i32";
  return `
define i32 @${name}(ptr noalias %args) {
entry:
  %x = load ptr, ptr %args
  %at = getelementptr i8, ptr %args, i64 ${pointer}
  %n = load ${index}, ptr %at
  %any = icmp sgt ${index} %n, 0
  br i1 %any, label %loop, label %done
loop:
  %i = phi ${index} [ 0, %entry ], [ %next, %loop ]
  %p = getelementptr inbounds double, ptr %x, ${index} %i
  %v = load double, ptr %p, align 8
  ${body}
  store double %r, ptr %p, align 8
  %next = add nuw nsw ${index} %i, 1
  %more = icmp slt ${index} %next, %n
  br i1 %more, label %loop, label %done
done:
  ret i32 0
}
${declarations}
`;
};

/** x := 2 x, which every target vectorises. */
export const double = (layout: Layout): string => mapKernel("double", "%r = fmul double %v, 2.0", layout);

/** x := fmod(exp x, 3): one function of the platform's library called by name, one that `frem` becomes. */
export const viaLibm = (layout: Layout): string =>
  mapKernel(
    "viaLibm",
    "%e = call double @exp(double %v) nobuiltin\n  %r = frem double %e, 3.0",
    layout,
    "declare double @exp(double)",
  );
