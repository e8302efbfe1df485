// WGSL, made by tsgpu.

struct matmul_Params {
  n_0: i32,
  k_1: i32,
  k__2: i32,
  m_3: i32,
  n__4: i32,
  m__5: i32,
}
@group(0) @binding(0) var<uniform> matmul_params: matmul_Params;
@group(0) @binding(1) var<storage, read> matmul_A: array<f32>;
@group(0) @binding(2) var<storage, read> matmul_B: array<f32>;
@group(0) @binding(3) var<storage, read_write> matmul_C: array<f32>;
var<workgroup> matmul_at: array<f32, 64>;
var<workgroup> matmul_bt: array<f32, 64>;
@compute @workgroup_size(8, 8, 1)
fn kernel_matmul(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_id) thread: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let n = matmul_params.n_0;
  let k = matmul_params.k_1;
  let m = matmul_params.m_3;
  let m_2 = matmul_params.m__5;
  let gx = (m + 7) >> 3u;
  let gk = (k + 7) >> 3u;
  let end = (n + 7) >> 3u;
  for (var by = i32(group.y); by < end; by += i32(groups.y)) {
    for (var bx = i32(group.x); bx < gx; bx += i32(groups.x)) {
      var ct = array<f32, 1>();
      let i0 = by * 8;
      let j0 = bx * 8;
      for (var s = 0; s < gk; s++) {
        let k0 = s * 8;
        workgroupBarrier();
        {
          let ty = i32(thread.y);
          {
            let tx = i32(thread.x);
            let i = i0 + ty;
            let l = k0 + tx;
            var a: f32;
            if ((i < n) && (l < k)) {
              a = matmul_A[i * k + l];
            } else {
              a = 0.0f;
            }
            matmul_at[ty * 8 + tx] = a;
            let l2 = k0 + ty;
            let j = j0 + tx;
            var b: f32;
            if ((l2 < k) && (j < m)) {
              b = matmul_B[l2 * m + j];
            } else {
              b = 0.0f;
            }
            matmul_bt[ty * 8 + tx] = b;
          }
        }
        workgroupBarrier();
        {
          let ty = i32(thread.y);
          {
            let tx = i32(thread.x);
            var acc: f32 = ct[0];
            for (var q = 0; q < 8; q++) {
              acc += matmul_at[ty * 8 + q] * matmul_bt[q * 8 + tx];
            }
            ct[0] = acc;
          }
        }
      }
      {
        let ty = i32(thread.y);
        {
          let tx = i32(thread.x);
          let i = i0 + ty;
          let j = j0 + tx;
          if ((i < n) && (j < m)) {
            matmul_C[i * m_2 + j] = ct[0];
          }
        }
      }
    }
  }
}
