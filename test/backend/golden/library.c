/* C99, made by tsgpu. The arithmetic mode is contract: compile with -ffp-contract=fast. Arrays must not overlap. */
#include <math.h>
#include <stdint.h>

#if defined(__GNUC__)
#define KERNEL __attribute__((noinline))
#else
#define KERNEL
#endif

union double_bits { double value; uint64_t bits; };
static inline int32_t highword(double x) { return (int32_t)(uint32_t)((union double_bits){ x }.bits >> 32); }
static inline int32_t lowword(double x) { return (int32_t)(uint32_t)(union double_bits){ x }.bits; }
static inline double fromwords(int32_t high, int32_t low) {
  return (union double_bits){ .bits = (uint64_t)(uint32_t)high << 32 | (uint32_t)low }.value;
}

#if defined(__GNUC__)
#define RARE __attribute__((noinline, cold))
#else
#define RARE
#endif
#if defined(__GNUC__) && !defined(__clang__)
#define LIBRARY __attribute__((optimize("fp-contract=off", "no-associative-math", "no-reciprocal-math", "no-finite-math-only", "signed-zeros")))
#else
#define LIBRARY inline
#endif

static LIBRARY double math_sin(double x);
static RARE LIBRARY double math_sinLarge(double x);

#if defined(__clang__)
#pragma float_control(precise, on, push)
#pragma STDC FP_CONTRACT OFF
#endif

static LIBRARY double math_sin(double x) {
  const double square = x * x;
  const int32_t high = highword(square);
  double sine;
  if (fabs(x) > 1000.0) {
    const double far = math_sinLarge(x);
    sine = far;
  } else {
    sine = (fromwords(high, lowword(square)) * -0.16666666666666666 + 1.0) * x;
  }
  return sine;
}

static RARE LIBRARY double math_sinLarge(double x) {
  double z = x;
  for (int64_t i = 0; i < 3; i++) {
    z *= 0.5;
  }
  return z;
}

#if defined(__clang__)
#pragma float_control(pop)
#endif

/**
 * x[n], y[n].
 */
KERNEL int32_t curve_0_1(const double *restrict x, int64_t n, double *restrict y) {
  for (int64_t i = 0; i < n; i++) {
    y[i] = math_sin(x[i]) * 2.0;
  }
  return 0;
}

int32_t curve_0(void *args) {
  char *slot = args;
  return curve_0_1(*(double **)(slot + 0), *(int64_t *)(slot + 8), *(double **)(slot + 24));
}
