/* A stand-in for cuBLAS: it checks how matrix products are asked for, and computes none. */
#include <stdint.h>

static int handle, streams;

int cublasCreate_v2(void **to) {
  *to = &handle;
  return 0;
}
int cublasDestroy_v2(void *h) { return h == &handle ? 0 : 1; }
int cublasSetStream_v2(void *h, void *stream) {
  streams += stream != 0;
  return h == &handle && stream != 0 ? 0 : 1;
}
/* Column-major, as BLAS: A is m by k, B is k by n, C is m by n. 7 is CUBLAS_STATUS_INVALID_VALUE. */
#define GEMM(name, type)                                                                                               \
  int name(void *h, int ta, int tb, int m, int n, int k, const type *alpha, uint64_t a, int lda, uint64_t b, int ldb,  \
           const type *beta, uint64_t c, int ldc) {                                                                    \
    if (h != &handle || streams == 0 || ta != 0 || tb != 0 || *alpha != (type)1.5 || *beta != (type)1.2) return 7;     \
    return lda == m && ldb == k && ldc == m && m != n && a != b && b != c && a != c && n > 0 ? 0 : 7;                  \
  }
GEMM(cublasDgemm_v2, double)
GEMM(cublasSgemm_v2, float)
