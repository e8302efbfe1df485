// WGSL, made by tsgpu.

struct histogram_Params {
  n_0: i32,
  n__1: i32,
  m_2: i32,
  m__3: i32,
}
@group(0) @binding(0) var<uniform> histogram_params: histogram_Params;
@group(0) @binding(1) var<storage, read> histogram_bin: array<i32>;
@group(0) @binding(2) var<storage, read> histogram_weight: array<f32>;
@group(0) @binding(3) var<storage, read_write> histogram_count: array<atomic<i32>>;
@group(0) @binding(4) var<storage, read_write> histogram_total: array<atomic<u32>>;
var<workgroup> histogram_own: array<atomic<i32>, 16>;
var<workgroup> histogram_sum: array<atomic<u32>, 16>;
fn histogram_own_add_i32(at: i32, x: i32) {
  atomicAdd(&histogram_own[at], x);
}
fn histogram_sum_add_f32(at: i32, x: f32) {
  var old = atomicLoad(&histogram_sum[at]);
  loop {
    let next = bitcast<u32>(bitcast<f32>(old) + x);
    let swap = atomicCompareExchangeWeak(&histogram_sum[at], old, next);
    if (swap.exchanged) { break; }
    old = swap.old_value;
  }
}
fn histogram_count_add_i32(at: i32, x: i32) {
  atomicAdd(&histogram_count[at], x);
}
fn histogram_total_add_f32(at: i32, x: f32) {
  var old = atomicLoad(&histogram_total[at]);
  loop {
    let next = bitcast<u32>(bitcast<f32>(old) + x);
    let swap = atomicCompareExchangeWeak(&histogram_total[at], old, next);
    if (swap.exchanged) { break; }
    old = swap.old_value;
  }
}
@compute @workgroup_size(256, 1, 1)
fn kernel_histogram(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_id) thread: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let n = histogram_params.n_0;
  let m = histogram_params.m_2;
  let end = (n + 31) >> 5u;
  for (var b = i32(group.x); b < end; b += i32(groups.x)) {
    workgroupBarrier();
    for (var k = i32(lane); k < 16; k += 256) { atomicStore(&histogram_own[k], 0); }
    for (var k = i32(lane); k < 16; k += 256) { atomicStore(&histogram_sum[k], bitcast<u32>(0.0f)); }
    let first = b * 32;
    workgroupBarrier();
    if (i32(thread.x) < 32) {
      let t = i32(thread.x);
      let i = first + t;
      if (i < n) {
        let k = histogram_bin[i];
        histogram_own_add_i32(k, 1);
        histogram_sum_add_f32(k, histogram_weight[i]);
      }
    }
    workgroupBarrier();
    for (var t = i32(thread.x); t < m; t += 256) {
      histogram_count_add_i32(t, atomicLoad(&histogram_own[t]));
      histogram_total_add_f32(t, bitcast<f32>(atomicLoad(&histogram_sum[t])));
    }
  }
}
