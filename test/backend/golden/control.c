/* C99, made by tsgpu. The arithmetic mode is strict: compile with -ffp-contract=off. Arrays must not overlap. */
#include <math.h>
#include <stdint.h>

#if defined(__GNUC__)
#define KERNEL __attribute__((noinline))
#else
#define KERNEL
#endif

/**
 * x[n], y[n_2], out[8].
 */
KERNEL int32_t control_1(double *restrict x, int64_t n, double *restrict y, int64_t n_2, double *restrict out,
  double limit) {
  double m = -INFINITY;
  for (int64_t i = 0; i < n; i++) {
    const double v = x[i];
    if (v > m) {
      m = v;
    }
  }
  out[0] = m;
  double s = 0.0;
  for (int64_t i = 0; i < n; i++) {
    for (int64_t j = 0; j < i; j++) {
      s += x[j];
    }
  }
  out[1] = s;
  double a_1 = 0.0;
  double b_1 = 1.0;
  for (int64_t i = 0; i < 30; i++) {
    const double a_1_next = b_1;
    b_1 = a_1 + b_1;
    a_1 = a_1_next;
  }
  out[2] = a_1;
  out[3] = b_1;
  int64_t i = 0;
  int f = 0;
  while ((i < n) & !f) {
    f = x[i] > limit;
    i++;
  }
  if (f) {
    out[4] = x[i - 1];
  } else {
    out[4] = -1.0;
  }
  for (int64_t i_1 = 0; i_1 < n; i_1++) {
    const double v = x[i_1];
    x[i_1] = y[i_1];
    y[i_1] = v;
  }
  double h = limit;
  while (h * 0.5 > 1.0) {
    h *= 0.5;
  }
  out[5] = h;
  return 0;
}

int32_t control(void *args) {
  char *slot = args;
  return control_1(*(double **)(slot + 0), *(int64_t *)(slot + 8), *(double **)(slot + 24),
    *(int64_t *)(slot + 32), *(double **)(slot + 48), *(double *)(slot + 72));
}
