// Types that kernels do not have, and values that do not fit.
import type { bool, f16, f32, f64, i32, index } from "tsgpu";

interface Pair { x: f64; y: f64 }
interface Triple extends Pair { z: f64 }
interface Node { value: f64; next: Node } // TG1084 36-39 the type `Node` holds itself
interface Merged { x: f64 }
interface Merged { y: f64 }
type List = List[]; // TG1084 13-16 the type `List` holds itself
type Box<T> = { value: T };
class Thing { x = 1; } // TG1003 7-11

export function text(x: string): f64 { return 1; } // TG1030 25-30 the type `string`
export function anything(x: any): f64 { return 1; } // TG1030 29-31
export function either(x: f64 | i32): f64 { return 1; } // TG1080 27-35 the type `f64
export function both(x: f64 & i32): f64 { return 1; } // TG1080 25-33 the type `f64 & i32` is several types
export function exact(x: 1 | 2): f64 { return 1; } // TG1080 26-30 the type `1
export function callback(f: (x: f64) => f64): f64 { return f(1); } // TG1081 29-43 a function cannot be passed to a kernel
export function thing(x: Thing): f64 { return x.x; } // TG1003 26-30 `Thing` is a class
export function extended(x: Triple): f64 { return x.z; } // TG1087 29-34 `Triple` extends another interface
export function merged(x: Merged): f64 { return x.y; } // TG1087 27-32 `Merged` is declared more than once
export function generic(x: Box<f64>): f64 { return x.value; } // TG1030 28-35
export function holding(x: Node): f64 { return x.value; }
export function list(x: List): f64 { return 1; }
export function typed(x: Float32Array): f64 { return x[0]; } // TG1086 26-37 `Float32Array` is a typed array
export function partial(x: Partial<Pair>): f64 { return 1; } // TG1030 28-40
export function absent(x: { y?: f64 }): f64 { return 1; } // TG1082 29-35 `y?: f64` may be left out
export function method(x: { y(): f64 }): f64 { return 1; } // TG1073 29-36 `y(): f64` is no plain field
export function keyed(x: { [key: string]: f64 }): f64 { return 1; } // TG1030 28-45
export function arrayField(x: { y: f64[] }): f64 { return 1; } // TG1083 33-40 a struct cannot hold an array
export function arrayPart(x: [f64, f64[]]): f64 { return 1; } // TG1083 36-40 a tuple cannot hold an array
export function maybe(x: [f64, f64?]): f64 { return 1; } // TG1082 32-35 `f64?` may be left out or repeated
export function empty(x: {}): f64 { return 1; } // TG1085 26-27 a struct without fields
export function unit(x: []): f64 { return 1; } // TG1085 25-26 a tuple without elements
export function seven(x: f64[][][][][][][]): f64 { return 1; } // TG1034 26-42 an array of 7 axes
export function six(x: f64[][][][][][]): f64 { return x[0][0][0][0][0][0]; }
export function indices(x: index[]): f64 { return 1; } // TG1035 28-32 arrays cannot store `index`
export function indexFields(x: { at: index }[]): f64 { return 1; } // TG1035 32-44
export function half(x: f16): f64 { return x; } // TG1078 25-27 only elements of arrays are `f16`
export function halfResult(x: f16[]): f16 { return x[0]; } // TG1078 39-41 only elements of arrays are `f16`
export function halfField(x: { y: f16 }[]): f64 { return 1; } // TG1078 35-37
export function halfPart(x: [f16, f64]): f64 { return 1; } // TG1078 30-32
export function halfType<T extends f16>(x: T[]): f64 { return 1; } // TG1078 36-38
export function halfLocal(x: f16[]): f64 { const y: f16 = x[0]; return y; } // TG1078 53-55
export function halves(x: readonly f16[][], y: (f16)[], z: Array<f16>): f32 { return x[0][0] + y[0] + z[0]; }
export function good(x: readonly f64[], y: Array<f32>, z: Readonly<Pair>, w: [i32, bool]): f64 { return x[0]; }

export function anyType<T>(x: T): f64 { return 1; } // TG1037 25 the type parameter T has no constraint
export function boolType<T extends bool>(x: T): f64 { return 1; } // TG1037 36-39 no numeric scalar type
export function arrayType<T extends f64[]>(x: T): f64 { return 1; } // TG1037 37-41
export function returned(x: f64[]): f64[] { return x; } // TG1038 37-41 a kernel cannot return an array
export function inferred(x: f64[]) { return x; } // TG1038 38-46
export function wrapped(x: f64[]) { return { x, y: 1 }; } // TG1038 37-55
export function stringy(x: f64): string { return "a"; } // TG1030 34-39 the type `string`

function single<T extends f32>(x: T[]): T { return x[0]; }
function unused<T extends f64 | f32>(): f64 { return 1; }
function whole(n: i32): i32 { return n; }
function pair(p: Pair): f64 { return p.x; }
function counted(p: { n: i32 }): i32 { return p.n; }

export function kinds(x: f64, A: f64[], B: f32[], p: Pair, q: { x: f64; y: f64; z: f64 }): f64 {
  const a = single(A); // TG1036 13-21 `T` of `single` cannot be f64; it allows f32
  const b = unused(); // TG1089 13-20 nothing says what `T` of `unused` is
  const c = single(B) + whole(Math.floor(x));
  const d = whole(x); // TG1032 19 `x` is f64, the parameter `n` an integer
  const e = pair(q); // TG1100 18 `q` is { x: f64; y: f64; z: f64 }, the parameter `p` { x: f64; y: f64 }
  const f = counted({ n: 0.5 }); // TG1100 21-30 `{ n: 0.5 }` is { n: 0.5 }, the parameter `p` { n: an integer }
  const [g] = A; // TG1107 10 f64[] has no such part
  const h = [1, true]; // TG1031 13-21 differ in kind
  const i = x > 0 ? p : { x: 1, y: 2 };
  const j = p["x"]; // TG1074 13-18 `p["x"]` names a field of a struct by an expression
  let k; // TG1088 7 `k` has neither a value nor a type
  let l: f64;
  l = 1;
  return pair({ y: 1, x: 2 }) + l + i.x + c + e;
}

export function results(x: f64) {
  if (x > 1) return true;
  return 1; // TG1101 3-11 returns both bool and an integer
}
