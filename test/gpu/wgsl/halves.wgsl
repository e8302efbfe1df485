// WGSL, made by tsgpu.

// The number that 16 bits stand for as a half.
fn half_to_f32(half: u32) -> f32 {
  let size = half & 0x7fffu;
  let large = (size << 13u) + select(0x38000000u, 0x70000000u, size >= 0x7c00u);
  let small = bitcast<u32>(f32(size) * 0x1p-24f);
  return bitcast<f32>(select(large, small, size < 0x400u) | ((half & 0x8000u) << 16u));
}

// The bits of the half nearest to x, ties to even. Below the normal halves more bits go than 13.
fn f32_to_half(x: f32) -> u32 {
  let sign = (bitcast<u32>(x) >> 16u) & 0x8000u;
  let size = bitcast<u32>(x) & 0x7fffffffu;
  if (size >= 0x47800000u) { return sign | select(0x7c00u, 0x7e00u, size > 0x7f800000u); }
  if (size >= 0x38800000u) { return sign | ((size - 0x37fff001u + ((size >> 13u) & 1u)) >> 13u); }
  let mantissa = (size & 0x7fffffu) | 0x800000u;
  let gone = min(126u - (size >> 23u), 25u);
  return sign | ((mantissa + (1u << (gone - 1u)) - 1u + ((mantissa >> gone) & 1u)) >> gone);
}

// The half at a place, of the word that it is in.
fn half_in(word: u32, at: i32) -> f32 { return half_to_f32(word >> (16u * (u32(at) & 1u))); }

// The bits that change in a word where the half at a place becomes x.
fn half_change(word: u32, at: i32, x: f32) -> u32 {
  let place = 16u * (u32(at) & 1u);
  return (((word >> place) ^ f32_to_half(x)) & 0xffffu) << place;
}

struct halves_Params {
  n_0: i32,
  m_1: i32,
}
@group(0) @binding(0) var<uniform> halves_params: halves_Params;
@group(0) @binding(1) var<storage, read> halves_x: array<u32>;
@group(0) @binding(2) var<storage, read_write> halves_y: array<atomic<u32>>;
@compute @workgroup_size(8, 1, 1)
fn kernel_halves(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_id) thread: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let n = halves_params.n_0;
  for (var b = i32(group.x); b < n; b += i32(groups.x)) {
    var tile = array<f32, 1>();
    {
      let t = i32(thread.x);
      tile[0] = half_to_f32(f32_to_half(half_in(halves_x[b >> 1u], b)));
    }
    {
      let t = i32(thread.x);
      atomicXor(&halves_y[(b + t) >> 1u], half_change(atomicLoad(&halves_y[(b + t) >> 1u]), b + t, half_in(atomicLoad(&halves_y[(b + t) >> 1u]), b + t) * tile[0]));
    }
  }
}
