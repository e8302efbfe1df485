/* C99, made by tsgpu. The arithmetic mode is contract: compile with -ffp-contract=fast. Arrays must not overlap. */
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
static inline float strict_mulf(float a, float b) {
  UNFUSED
  return FENCE(a * b);
}

/**
 * x[n], at[m], y[m_2][4].
 * Returns 0, or the number of the check that failed; *error is then the index that was outside.
 */
KERNEL SOME_STRICT int32_t gather_1(const float *restrict x, int64_t n, const int32_t *restrict at, int64_t m,
  float *restrict y, int64_t m_2, int64_t *error) {
  for (int64_t i = 0; i < m; i++) {
    const int64_t k = (int64_t)at[i];
    if (k < 0 || k >= n) {
      *error = k;
      return 1;
    }
    const float v = x[k];
    for (int64_t j = 0; j < 4; j++) {
      if (i - 1 < 0 || i - 1 >= m_2) {
        *error = i - 1;
        return 2;
      }
      y[(i - 1) * 4 + j] = strict_mulf(v, (float)j) + 0.1f;
    }
  }
  return 0;
}

int32_t gather(void *args) {
  char *slot = args;
  return gather_1(*(float **)(slot + 0), *(int64_t *)(slot + 8), *(int32_t **)(slot + 24),
    *(int64_t *)(slot + 32), *(float **)(slot + 48), *(int64_t *)(slot + 56), *(int64_t **)(slot + 88));
}
