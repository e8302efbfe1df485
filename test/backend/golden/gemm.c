/* C99, made by tsgpu. The arithmetic mode is contract: compile with -ffp-contract=fast. Arrays must not overlap. */
#include <math.h>
#include <stdint.h>

#if defined(__GNUC__)
#define KERNEL __attribute__((noinline))
#else
#define KERNEL
#endif

/**
 * C[ni][nj], A[ni_2][nk], B[nk_2][nj_2].
 */
KERNEL int32_t gemm(double alpha, double beta, double *restrict C, int64_t ni, int64_t nj, const double *restrict A,
  int64_t ni_2, int64_t nk, const double *restrict B, int64_t nk_2, int64_t nj_2) {
  for (int64_t i = 0; i < ni; i++) {
    for (int64_t j = 0; j < nj; j++) {
      C[i * nj + j] *= beta;
    }
    for (int64_t k = 0; k < nk; k++) {
      const double t = alpha * A[i * nk + k];
      for (int64_t j = 0; j < nj; j++) {
        C[i * nj + j] += t * B[k * nj_2 + j];
      }
    }
  }
  return 0;
}

int32_t gemm_0(void *args) {
  char *slot = args;
  return gemm(*(double *)(slot + 0), *(double *)(slot + 8), *(double **)(slot + 16), *(int64_t *)(slot + 24),
    *(int64_t *)(slot + 32), *(double **)(slot + 56), *(int64_t *)(slot + 64), *(int64_t *)(slot + 72),
    *(double **)(slot + 96), *(int64_t *)(slot + 104), *(int64_t *)(slot + 112));
}
