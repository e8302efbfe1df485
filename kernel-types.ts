/** The scalar types of the kernel language: aliases that TypeScript erases and tsgpu's own inference reads. */

/** A 64-bit float; what a bare `number` means too. */
export type f64 = number;
/** A 32-bit float: arithmetic rounds after each operation when compiled, and where it is stored in plain JavaScript. */
export type f32 = number;
/**
 * A 16-bit float, as arrays store it: an element is read as an `f32`, and rounded to the nearest half where it is stored. Nothing but
 * elements of arrays has this type.
 */
export type f16 = number;
/** A 32-bit signed integer; stores wrap. */
export type i32 = number;
/** A 32-bit unsigned integer; stores wrap. */
export type u32 = number;
/** An integer that counts or subscripts: exact up to 2⁵³; as a parameter of an entry within ±2³¹. */
export type index = number;
/** The working precision of a kernel: `f64`, unless it is compiled with `--real f32`. */
export type real = number;
/** A truth value. */
export type bool = boolean;

/** How a scalar type is named where a value is wanted, as in `zeros("f64", n)`. */
export type ScalarName = "f64" | "f32" | "f16" | "i32" | "u32" | "index" | "bool" | "real";
