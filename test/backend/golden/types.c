/* C99, made by tsgpu. The arithmetic mode is fast: compile with -ffast-math. Arrays must not overlap. */
#include <math.h>
#include <stdint.h>

#if defined(__GNUC__)
#define KERNEL __attribute__((noinline))
#else
#define KERNEL
#endif

#if defined(__GNUC__) && !defined(__clang__)
#define SOME_STRICT __attribute__((optimize("fp-contract=off", "no-reciprocal-math")))
#define UNFUSED
#define NO_RECIPROCALS
#if __GNUC__ >= 12
#define FENCE(x) __builtin_assoc_barrier(x)
#else
#define FENCE(x) (x)
#endif
#else
#define SOME_STRICT
#define UNFUSED _Pragma("STDC FP_CONTRACT OFF")
#if defined(__clang__) && __clang_major__ >= 18
#define NO_RECIPROCALS _Pragma("clang fp reciprocal(off)")
#else
#define NO_RECIPROCALS
#endif
#define FENCE(x) (x)
#endif
static inline double strict_mul(double a, double b) {
  UNFUSED
  return FENCE(a * b);
}
static inline double strict_add(double a, double b) {
  UNFUSED
  return FENCE(a) + FENCE(b);
}
static inline double min_f64(double a, double b) {
  if (a != a || b != b) return a + b;
  return a < b || (a == b && signbit(a)) ? a : b;
}
union double_bits { double value; uint64_t bits; };
static inline int32_t highword(double x) { return (int32_t)(uint32_t)((union double_bits){ x }.bits >> 32); }
static inline double fromwords(int32_t high, int32_t low) {
  return (union double_bits){ .bits = (uint64_t)(uint32_t)high << 32 | (uint32_t)low }.value;
}
/* JavaScript's Math.round: halves go up, a zero keeps its sign. */
static inline float round_f32(float x) {
  const float down = floorf(x);
  return copysignf(x - down >= 0.5f ? down + 1.0f : down, x);
}
static inline int32_t mul_i32(int32_t a, int32_t b) { return (int32_t)((uint32_t)a * (uint32_t)b); }
/* Division toward minus infinity. */
static inline int64_t floordiv_index(int64_t a, int64_t b) {
  const int64_t quotient = a / b, rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? quotient - 1 : quotient;
}
static inline int32_t floordiv_i32(int32_t a, int32_t b) { return (int32_t)floordiv_index(a, b); }
static inline int32_t rem_i32(int32_t a, int32_t b) { return b == -1 ? 0 : a % b; }
/* JavaScript's x | 0: modulo 2^32; NaN and infinities give 0. */
static inline int32_t to_i32(double x) {
  if (fabs(x) < 9223372036854775808.0) return (int32_t)(uint32_t)(uint64_t)(int64_t)x;
  if (!(fabs(x) < INFINITY)) return 0;
  const double low = fmod(x, 4294967296.0);
  return (int32_t)(uint32_t)(uint64_t)(int64_t)low;
}
static inline uint32_t max_u32(uint32_t a, uint32_t b) { return a > b ? a : b; }
/* A float as an index: exact, or far outside of every array. */
static inline int64_t to_index(double x) {
  if (fabs(x) <= 9007199254740992.0) {
    const int64_t whole = (int64_t)x;
    return (double)whole == x ? whole : -4611686018427387904;
  }
  return x > 0.0 ? 4611686018427387904 : -4611686018427387904;
}
static inline double max_f64(double a, double b) {
  if (a != a || b != b) return a + b;
  return a > b || (a == b && !signbit(a)) ? a : b;
}

/**
 * d[n][3], f[n], i[n], u[n], b[n], x[n].
 */
KERNEL SOME_STRICT int32_t types_0_1(double *restrict d, int64_t n, float *restrict f, int32_t *restrict i,
  uint32_t *restrict u, uint8_t *restrict b, int64_t *restrict x, double s, int flag) {
  for (int64_t k = 0; k < n; k++) {
    const double d0 = d[k * 3];
    const double d1 = d[k * 3 + 1];
    const double q = strict_add(strict_mul(d0, d1), 0.1);
    const int32_t e = highword(min_f64(q * s, -0.0));
    d[k * 3 + 2] = fromwords(e, e);
    f[k] = round_f32(fmodf(sqrtf(f[k]), 0.1f));
    const int32_t i0 = i[k];
    i[k] = rem_i32(floordiv_i32(mul_i32(i0, -7) >> 3, 6), i0 | 1);
    u[k] = max_u32(u[k] + 4000000000u, (uint32_t)to_i32(d0));
    const int b2 = !((b[k] != 0) != flag);
    b[k] = b2;
    x[k] = b2 ? x[k] : to_index(d1);
    d[k * 3] = max_f64(d[k * 3], q);
  }
  return 0;
}

int32_t types_0(void *args) {
  char *slot = args;
  return types_0_1(*(double **)(slot + 0), *(int64_t *)(slot + 8), *(float **)(slot + 40),
    *(int32_t **)(slot + 64), *(uint32_t **)(slot + 88), *(uint8_t **)(slot + 112),
    *(int64_t **)(slot + 136), *(double *)(slot + 160), *(uint8_t *)(slot + 168));
}
