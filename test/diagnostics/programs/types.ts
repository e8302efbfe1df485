// Types of parameters, variables and results.
import type { bool, f16, f32, f64, i32, index } from "tsgpu";

interface Vec { x: f64; y: f64 }
interface Vec3 extends Vec { z: f64 }
interface Tree { value: f64; left: Tree; right: Tree } // TG1084 36-39 the type `Tree` holds itself
// help: number the nodes, and keep their links in an `i32[]`
interface Mesh { vertices: f64[]; count: i32 } // TG1083 18-33 a struct cannot hold an array
// help: pass the array as a parameter of its own
interface Settings { rate?: f64; steps: i32 } // TG1082 22-32 `rate?: f64;` may be left out
// help: declare all parts, and pass a flag for those that may be missing
interface Shape { area(): f64 } // TG1073 19-29 `area(): f64` is no plain field
// help: write fields as `name: value`, and functions at the top of the file
type Mode = "sum" | "mean"; // TG1080 13-26 the type `"sum"
// help: number the cases, as in `const add = 0, mul = 1;`, and pass an i32
type Scalar = f32 | f64; // TG1080 15-23 the type `f32
// help: choose one type, or write a type parameter, as in `<T extends f64 | f32>`
type Pair<T> = { a: T; b: T };
type Chain = [f64, Chain]; // TG1084 20-24 the type `Chain` holds itself
// help: number the nodes, and keep their links in an `i32[]`
enum Norm { L1, L2 } // TG1052 6-9 an enum in a kernel file
// help: write module constants, as in `const red = 0, green = 1;`
class Particle { x = 0; } // TG1003 7-14 a class in a kernel file
// help: use an interface for the fields, and functions of the file for the methods

export function greet(name: string): f64 { return 1; } // TG1030 29-34 the type `string` is not part of the kernel language
// help: number the cases, as in `const add = 0, mul = 1;`, and pass an i32
export function reduceBy(mode: Mode, x: f64[]): f64 { return x[0]; }
export function fast(mode: "fast", x: f64[]): f64 { return x[0]; } // TG1030 28-33 the type `"fast"` is not part of the kernel language
// help: write the type of the value, as in `i32` or `f64`
export function anyArray(x: any[]): f64 { return x[0]; } // TG1030 29-31 the type `any` is not part of the kernel language
// help: use f64, f32, i32, u32, index, bool, arrays up to rank 6, structs and tuples of these
export function unknownValue(x: unknown): f64 { return 1; } // TG1030 33-39 the type `unknown` is not part of the kernel language
// help: use f64, f32, i32, u32, index, bool, arrays up to rank 6, structs and tuples of these
export function nullable(x: f64 | null): f64 { return 1; } // TG1080 29-38 the type `f64
// help: leave out what stands for nothing: every value of a kernel is there
export function maybe(x: f64 | undefined): f64 { return 1; } // TG1080 26-40 the type `f64
// help: leave out what stands for nothing: every value of a kernel is there
export function scalar(x: Scalar): f64 { return x; }
export function both(x: Vec & { z: f64 }): f64 { return x.z; } // TG1080 25-40 the type `Vec & { z: f64 }` is several types
// help: write all fields in one interface
export function apply(f: (x: f64) => f64, x: f64): f64 { return f(x); } // TG1081 26-40 a function cannot be passed to a kernel
// help: call a function of the file by its name; write one kernel for each
export function solve(x: f64, derivative: () => f64): f64 { return x; } // TG1081 43-51 a function cannot be passed to a kernel
// help: call a function of the file by its name; write one kernel for each
export function move(v: Vec3): f64 { return v.z; } // TG1087 25-28 `Vec3` extends another interface
// help: write all its fields in one interface
export function depth(t: Tree): f64 { return t.value; }
export function chain(c: Chain): f64 { return c[0]; }
export function area(m: Mesh): f64 { return m.vertices[0]; }
export function learn(s: Settings): i32 { return s.steps; }
export function shape(s: Shape): f64 { return s.area(); }
export function first(p: Pair<f64>): f64 { return p.a; } // TG1030 26-34 `Pair` is a generic type
// help: write the type out, with its parts filled in
export function normOf(kind: Norm): f64 { return 1; } // TG1052 30-33 `Norm` is an enum
// help: declare an i32, and name its values by module constants
export function push(p: Particle): f64 { return p.x; } // TG1003 25-32 `Particle` is a class
// help: use an interface for the fields, and functions of the file for the methods
export function memory(x: Float64Array): f64 { return x[0]; } // TG1086 27-38 `Float64Array` is a typed array
// help: write `f64[]`; typed arrays are accepted where the kernel is called
export function counts(x: Int32Array): f64 { return x[0]; } // TG1086 27-36 `Int32Array` is a typed array
// help: write `i32[]`; typed arrays are accepted where the kernel is called
export function bytes(x: Uint8Array): f64 { return x[0]; } // TG1086 26-35 `Uint8Array` is a typed array
// help: write `bool[]`; typed arrays are accepted where the kernel is called
export function lookup(table: { [key: string]: f64 }): f64 { return 1; } // TG1030 33-50 `[key: string]: f64` cannot be a field of a struct
// help: declare fields as `name: type`
export function record(table: Record<string, f64>): f64 { return 1; } // TS2304 31-36 Cannot find name 'Record'
export function optionalPart(t: [f64, f64?]): f64 { return t[0]; } // TG1082 39-42 `f64?` may be left out or repeated
// help: declare all parts, and pass a flag for those that may be missing
export function repeated(t: [f64, ...f64[]]): f64 { return t[0]; } // TG1082 35-42 `...f64[]` may be left out or repeated
// help: declare all parts, and pass a flag for those that may be missing
export function rows(t: [f64[], f64[]]): f64 { return t[0][0]; } // TG1083 26-30 a tuple cannot hold an array
// help: pass the array as a parameter of its own
export function empty(options: {}): f64 { return 1; } // TG1085 32-33 a struct without fields
// help: give it a field, or leave it out
export function links(next: index[]): i32 { return 0; } // TG1035 29-33 arrays cannot store `index` values
// help: store f64, f32, f16, i32, u32 or bool; indices fit i32
export function half(x: f16): f64 { return x; } // TG1078 25-27 only elements of arrays are `f16`
// help: write `f32`; the elements of arrays may be `f16`
export function halfResult(x: f16[]): f16 { return x[0]; } // TG1078 39-41 only elements of arrays are `f16`
// help: write `f32`; the elements of arrays may be `f16`
export function tensor(T: f64[][][][][][][]): f64 { return 1; } // TG1034 27-43 an array of 7 axes; at most 6 are allowed
// help: fold axes together: `A[i * n + j]`
export function promised(x: Promise<f64>): f64 { return 1; } // TG1030 29-40 the type `Promise<f64>` is not part of the kernel language
// help: use f64, f32, i32, u32, index, bool, arrays up to rank 6, structs and tuples of these
export function untypedParameter(x: object): f64 { return 1; } // TG1030 37-42 the type `object` is not part of the kernel language
// help: use f64, f32, i32, u32, index, bool, arrays up to rank 6, structs and tuples of these
export function symbolic(x: symbol): f64 { return 1; } // TG1030 29-34 the type `symbol` is not part of the kernel language
// help: use f64, f32, i32, u32, index, bool, arrays up to rank 6, structs and tuples of these
export function large(x: bigint): f64 { return 1; } // TG1030 26-31 the type `bigint` is not part of the kernel language
// help: write `index`; integers are exact up to 2^53

export function anyType<T>(x: T[]): T { return x[0]; } // TG1037 25 the type parameter T has no constraint
// help: constrain by scalar types, as in `<T extends f64 | f32>`
export function lengthType<T extends { length: number }>(x: T): f64 { return x.length; } // TG1037 38-55 `{ length: number }` is no numeric scalar type
// help: constrain by scalar types, as in `<T extends f64 | f32>`
export function flagType<T extends bool>(x: T): T { return x; } // TG1037 36-39 `bool` is no numeric scalar type
// help: constrain by scalar types, as in `<T extends f64 | f32>`
export function boxed<T extends f64[]>(x: T): f64 { return x[0]; } // TG1037 33-37 `f64[]` is no numeric scalar type
// help: constrain by scalar types, as in `<T extends f64 | f32>`

function zero<T extends f32 | f64>(): f64 { return 0; }
function single<T extends f32>(x: T[]): f64 { return x[0]; }
export function callsZero(x: f64): f64 { return x + zero(); } // TG1089 53-58 nothing says what `T` of `zero` is
// help: write it at the call, as in `zero<f32>(…)`
export function callsSingle(x: f64[]): f64 { return single(x); } // TG1036 53-61 `T` of `single` cannot be f64; it allows f32
// help: choose one of the constraint's types
export function wrongArgument(x: f64[]): f64 { return single<f64>(x); } // TG1036 55-68 `T` of `single` cannot be f64; it allows f32
// help: choose one of the constraint's types

export function doubled(x: f64[]): f64[] { return x; } // TG1038 36-40 a kernel cannot return an array
// help: pass the array in and write into it
export function split(x: f64[]) { return { head: x[0], tail: x }; } // TG1038 35-65 a kernel cannot return an array
// help: pass the array in and write into it
export function minMax(x: f64[]): [f64, f64[]] { return [x[0], x]; } // TG1083 41-45 a tuple cannot hold an array
// help: pass the array as a parameter of its own
export function describe(x: f64): string { return "x"; } // TG1030 35-40 the type `string` is not part of the kernel language
// help: number the cases, as in `const add = 0, mul = 1;`, and pass an i32
export function either(x: f64) {
  if (x > 0) return x;
  return x < 0; // TG1101 3-15 returns both f64 and bool
  // help: return the same kind of value everywhere, the one that is declared
}
export function partly(x: f64) {
  if (x > 0) return { x };
  return x; // TG1101 3-11 returns both { x: f64 } and f64
  // help: return the same kind of value everywhere, the one that is declared
}
