// Types that kernels do not have, and values that do not fit.
import type { bool, f32, f64, i32, index } from "tsgpu";

interface Pair { x: f64; y: f64 }
interface Triple extends Pair { z: f64 }
interface Node { value: f64; next: Node } //! the type `Node` holds itself
interface Merged { x: f64 }
interface Merged { y: f64 }
type List = List[]; //!
type Box<T> = { value: T };
class Thing { x = 1; } //!

export function text(x: string): f64 { return 1; } //! the type `string`
export function anything(x: any): f64 { return 1; } //!
export function either(x: f64 | i32): f64 { return 1; } //!
export function both(x: f64 & i32): f64 { return 1; } //!
export function exact(x: 1 | 2): f64 { return 1; } //!
export function callback(f: (x: f64) => f64): f64 { return f(1); } //!
export function thing(x: Thing): f64 { return x.x; } //!
export function extended(x: Triple): f64 { return x.z; } //!
export function merged(x: Merged): f64 { return x.y; } //!
export function generic(x: Box<f64>): f64 { return x.value; } //!
export function holding(x: Node): f64 { return x.value; }
export function list(x: List): f64 { return 1; }
export function typed(x: Float32Array): f64 { return x[0]; } //! the type `Float32Array`
export function partial(x: Partial<Pair>): f64 { return 1; } //!
export function absent(x: { y?: f64 }): f64 { return 1; } //!
export function method(x: { y(): f64 }): f64 { return 1; } //!
export function keyed(x: { [key: string]: f64 }): f64 { return 1; } //!
export function arrayField(x: { y: f64[] }): f64 { return 1; } //! a struct cannot hold an array
export function arrayPart(x: [f64, f64[]]): f64 { return 1; } //! a tuple cannot hold an array
export function maybe(x: [f64, f64?]): f64 { return 1; } //!
export function empty(x: {}): f64 { return 1; } //! a struct without fields
export function unit(x: []): f64 { return 1; } //!
export function seven(x: f64[][][][][][][]): f64 { return 1; } //! an array of 7 axes
export function six(x: f64[][][][][][]): f64 { return x[0][0][0][0][0][0]; }
export function indices(x: index[]): f64 { return 1; } //! arrays cannot store `index`
export function indexFields(x: { at: index }[]): f64 { return 1; } //!
export function good(x: readonly f64[], y: Array<f32>, z: Readonly<Pair>, w: [i32, bool]): f64 { return x[0]; }

export function anyType<T>(x: T): f64 { return 1; } //! the type parameter T has no constraint
export function boolType<T extends bool>(x: T): f64 { return 1; } //! no numeric scalar type
export function arrayType<T extends f64[]>(x: T): f64 { return 1; } //!
export function returned(x: f64[]): f64[] { return x; } //! a kernel cannot return an array
export function inferred(x: f64[]) { return x; } //!
export function wrapped(x: f64[]) { return { x, y: 1 }; } //!
export function stringy(x: f64): string { return "a"; } //! the type `string` //! kernels have no strings

function single<T extends f32>(x: T[]): T { return x[0]; }
function unused<T extends f64 | f32>(): f64 { return 1; }
function whole(n: i32): i32 { return n; }
function pair(p: Pair): f64 { return p.x; }
function counted(p: { n: i32 }): i32 { return p.n; }

export function kinds(x: f64, A: f64[], B: f32[], p: Pair, q: { x: f64; y: f64; z: f64 }): f64 {
  const a = single(A); //! `T` of `single` cannot be f64; it allows f32
  const b = unused(); //! cannot be what is passed
  const c = single(B) + whole(Math.floor(x));
  const d = whole(x); //! `x` is f64, the parameter `n` an integer
  const e = pair(q); //! the parameter `p` { x: f64; y: f64 }
  const f = counted({ n: 0.5 }); //!
  const [g] = A; //! f64[] has no such part
  const h = [1, true]; //! differ in kind
  const i = x > 0 ? p : { x: 1, y: 2 };
  const j = p["x"]; //! `p` is { x: f64; y: f64 }, not an array
  let k; //! `k` has neither a value nor a type
  let l: f64;
  l = 1;
  return pair({ y: 1, x: 2 }) + l + i.x + c + e;
}

export function results(x: f64) {
  if (x > 1) return true;
  return 1; //! returns both bool and an integer
}
