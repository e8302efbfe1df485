/* C99, made by tsgpu. The arithmetic mode is strict: compile with -ffp-contract=off. Arrays must not overlap. */
#include <math.h>
#include <stdint.h>

#if defined(__GNUC__)
#define KERNEL __attribute__((noinline))
#else
#define KERNEL
#endif

union float_bits { float value; uint32_t bits; };
/* The number that the 16 bits of a half stand for. */
static inline float half_to_f32(uint16_t half) {
  const uint32_t sign = (uint32_t)(half & 0x8000u) << 16, size = half & 0x7fffu;
  const uint32_t large = (size << 13) + (size >= 0x7c00u ? 0x70000000u : 0x38000000u);
  const union float_bits small = { (float)(int32_t)size * 5.9604644775390625e-08f };
  return (union float_bits){ .bits = sign | (size < 0x0400u ? small.bits : large) }.value;
}
/* The bits of the half nearest to x, ties to even. 0.5 + x has as many bits as a half below the normal ones. */
static inline uint16_t f32_to_half(float value) {
  const uint32_t bits = (union float_bits){ value }.bits;
  const uint32_t sign = bits >> 16 & 0x8000u, size = bits & 0x7fffffffu;
  const uint32_t normal = (size - 0x37fff001u + (size >> 13 & 1u)) >> 13;
  const union float_bits sum = { (union float_bits){ .bits = size }.value + 0.5f };
  const uint32_t finite = size < 0x38800000u ? sum.bits - 0x3f000000u : normal;
  const uint32_t special = size > 0x7f800000u ? 0x7e00u : 0x7c00u;
  return (uint16_t)(sign | (size < 0x47800000u ? finite : special));
}

/**
 * x[n], y[n], z[n].
 */
KERNEL int32_t halves_1(const uint16_t *restrict x, int64_t n, uint16_t *restrict y, uint16_t *restrict z) {
  for (int64_t i = 0; i < n; i++) {
    const float b = half_to_f32(x[i]) * 3.0f;
    y[i] = f32_to_half(b);
    z[i] = f32_to_half(half_to_f32(z[i]) + b);
  }
  return 0;
}

int32_t halves(void *args) {
  char *slot = args;
  return halves_1(*(uint16_t **)(slot + 0), *(int64_t *)(slot + 8), *(uint16_t **)(slot + 24),
    *(uint16_t **)(slot + 48));
}
