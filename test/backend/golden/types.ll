define i32 @types_0(ptr %args) #0 {
  %d = load ptr, ptr %args
  %slot = getelementptr inbounds i8, ptr %args, i64 8
  %n = load i64, ptr %slot
  %slot.1 = getelementptr inbounds i8, ptr %args, i64 40
  %f = load ptr, ptr %slot.1
  %slot.2 = getelementptr inbounds i8, ptr %args, i64 64
  %i = load ptr, ptr %slot.2
  %slot.3 = getelementptr inbounds i8, ptr %args, i64 88
  %u = load ptr, ptr %slot.3
  %slot.4 = getelementptr inbounds i8, ptr %args, i64 112
  %b = load ptr, ptr %slot.4
  %slot.5 = getelementptr inbounds i8, ptr %args, i64 136
  %x = load ptr, ptr %slot.5
  %slot.6 = getelementptr inbounds i8, ptr %args, i64 160
  %s = load double, ptr %slot.6
  %slot.7 = getelementptr inbounds i8, ptr %args, i64 168
  %byte = load i8, ptr %slot.7
  %flag = icmp ne i8 %byte, 0
  %status = call i32 @types_0.body(ptr %d, i64 %n, ptr %f, ptr %i, ptr %u, ptr %b, ptr %x, double %s, i1 %flag)
  ret i32 %status
}

define internal i32 @types_0.body(ptr noalias noundef align 8 %d, i64 noundef %n, ptr noalias noundef align 4 %f, ptr noalias noundef align 4 %i, ptr noalias noundef align 4 %u, ptr noalias noundef align 1 %b, ptr noalias noundef align 8 %x, double noundef %s, i1 noundef %flag) #1 {
entry:
  br label %k.head
k.head:
  %k = phi i64 [ 0, %entry ], [ %k.next, %k.body ]
  %more = icmp slt i64 %k, %n
  br i1 %more, label %k.body, label %k.done
k.body:
  %row = mul nuw nsw i64 %k, 3
  %at = getelementptr inbounds double, ptr %d, i64 %row
  %d0 = load double, ptr %at
  %row.1 = mul nuw nsw i64 %k, 3
  %offset = add nuw nsw i64 %row.1, 1
  %at.1 = getelementptr inbounds double, ptr %d, i64 %offset
  %d1 = load double, ptr %at.1
  %p = fmul double %d0, %d1
  %q = fadd double %p, 0x3FB999999999999A
  %r = fmul fast double %q, %s
  %m = call contract double @llvm.minimum.f64(double %r, double 0x8000000000000000)
  %bits = bitcast double %m to i64
  %high = lshr i64 %bits, 32
  %e = trunc i64 %high to i32
  %wide = zext i32 %e to i64
  %wide.1 = zext i32 %e to i64
  %upper = shl nuw i64 %wide, 32
  %bits.1 = or i64 %upper, %wide.1
  %w = bitcast i64 %bits.1 to double
  %row.2 = mul nuw nsw i64 %k, 3
  %offset.1 = add nuw nsw i64 %row.2, 2
  %at.2 = getelementptr inbounds double, ptr %d, i64 %offset.1
  store double %w, ptr %at.2
  %at.3 = getelementptr inbounds float, ptr %f, i64 %k
  %f0 = load float, ptr %at.3
  %f1 = call contract float @llvm.sqrt.f32(float %f0)
  %wide.2 = fpext float %f1 to double
  %wide.3 = fpext float 0x3FB99999A0000000 to double
  %wide.4 = call double @fmod(double %wide.2, double %wide.3) #4 
  %f2 = fptrunc double %wide.4 to float
  %f3 = call float @tsgpu.round.f32(float %f2)
  %at.4 = getelementptr inbounds float, ptr %f, i64 %k
  store float %f3, ptr %at.4
  %at.5 = getelementptr inbounds i32, ptr %i, i64 %k
  %i0 = load i32, ptr %at.5
  %i1 = mul i32 %i0, -7
  %i2 = ashr i32 %i1, 3
  %wide.5 = sext i32 %i2 to i64
  %wide.6 = sext i32 6 to i64
  %wide.7 = call i64 @tsgpu.floordiv(i64 %wide.5, i64 %wide.6)
  %i3 = trunc i64 %wide.7 to i32
  %odd = or i32 %i0, 1
  %minus = icmp eq i32 %odd, -1
  %divisor = select i1 %minus, i32 1, i32 %odd
  %i4 = srem i32 %i3, %divisor
  %at.6 = getelementptr inbounds i32, ptr %i, i64 %k
  store i32 %i4, ptr %at.6
  %at.7 = getelementptr inbounds i32, ptr %u, i64 %k
  %u0 = load i32, ptr %at.7
  %u1 = add i32 %u0, -294967296
  %u2 = call i32 @tsgpu.i32(double %d0)
  %u3 = call i32 @llvm.umax.i32(i32 %u1, i32 %u2)
  %at.8 = getelementptr inbounds i32, ptr %u, i64 %k
  store i32 %u3, ptr %at.8
  %at.9 = getelementptr inbounds i8, ptr %b, i64 %k
  %byte = load i8, ptr %at.9
  %b0 = icmp ne i8 %byte, 0
  %b1 = icmp ne i1 %b0, %flag
  %b2 = xor i1 %b1, true
  %at.10 = getelementptr inbounds i8, ptr %b, i64 %k
  %byte.1 = zext i1 %b2 to i8
  store i8 %byte.1, ptr %at.10
  %at.11 = getelementptr inbounds i64, ptr %x, i64 %k
  %x0 = load i64, ptr %at.11
  %x1 = call i64 @tsgpu.index(double %d1)
  %x2 = select i1 %b2, i64 %x0, i64 %x1
  %at.12 = getelementptr inbounds i64, ptr %x, i64 %k
  store i64 %x2, ptr %at.12
  %row.3 = mul nuw nsw i64 %k, 3
  %at.13 = getelementptr inbounds double, ptr %d, i64 %row.3
  %d.1 = load double, ptr %at.13
  %max = call double @llvm.maximum.f64(double %d.1, double %q)
  store double %max, ptr %at.13
  %k.next = add nsw i64 %k, 1
  br label %k.head, !llvm.loop !2
k.done:
  ret i32 0
}

define internal float @tsgpu.round.f32(float %x) #3 {
  %down = call float @llvm.floor.f32(float %x)
  %fraction = fsub float %x, %down
  %up = fadd float %down, 1.0
  %half = fcmp oge float %fraction, 0.5
  %nearest = select i1 %half, float %up, float %down
  %result = call float @llvm.copysign.f32(float %nearest, float %x)
  ret float %result
}

define internal i64 @tsgpu.floordiv(i64 %a, i64 %b) #3 {
  %quotient = sdiv i64 %a, %b
  %product = mul i64 %quotient, %b
  %rest = sub i64 %a, %product
  %inexact = icmp ne i64 %rest, 0
  %signs = xor i64 %rest, %b
  %opposite = icmp slt i64 %signs, 0
  %down = and i1 %inexact, %opposite
  %correction = sext i1 %down to i64
  %result = add i64 %quotient, %correction
  ret i64 %result
}

define internal i32 @tsgpu.i32(double %x) #3 {
entry:
  %size = call double @llvm.fabs.f64(double %x)
  %near = fcmp olt double %size, 0x43E0000000000000
  br i1 %near, label %small, label %large
small:
  %whole = fptosi double %x to i64
  %low = trunc i64 %whole to i32
  ret i32 %low
large:
  %bits = bitcast double %x to i64
  %exponent.sign = lshr i64 %bits, 52
  %exponent = and i64 %exponent.sign, 2047
  %shift = sub i64 %exponent, 1075
  %some = icmp ult i64 %shift, 32
  %mantissa = trunc i64 %bits to i32
  %shift.wide = trunc i64 %shift to i32
  %shift.32 = and i32 %shift.wide, 31
  %shifted = shl i32 %mantissa, %shift.32
  %negative = icmp slt i64 %bits, 0
  %negated = sub i32 0, %shifted
  %signed = select i1 %negative, i32 %negated, i32 %shifted
  %result = select i1 %some, i32 %signed, i32 0
  ret i32 %result
}

define internal i64 @tsgpu.index(double %x) #3 {
  %size = call double @llvm.fabs.f64(double %x)
  %near = fcmp ole double %size, 0x4340000000000000
  %whole = fptosi double %x to i64
  %back = sitofp i64 %whole to double
  %same = fcmp oeq double %back, %x
  %exact = select i1 %near, i1 %same, i1 false
  %beyond = fcmp ogt double %x, 0x4340000000000000
  %outside = select i1 %beyond, i64 4611686018427387904, i64 -4611686018427387904
  %result = select i1 %exact, i64 %whole, i64 %outside
  ret i64 %result
}

declare double @fmod(double, double)
declare double @llvm.fabs.f64(double)
declare double @llvm.maximum.f64(double, double)
declare double @llvm.minimum.f64(double, double)
declare float @llvm.copysign.f32(float, float)
declare float @llvm.floor.f32(float)
declare float @llvm.sqrt.f32(float)
declare i32 @llvm.umax.i32(i32, i32)

attributes #0 = { nofree norecurse nosync nounwind }
attributes #1 = { mustprogress nofree noinline norecurse nosync nounwind willreturn memory(argmem: readwrite) }
attributes #3 = { alwaysinline mustprogress nofree norecurse nosync nounwind willreturn memory(none) }
attributes #4 = { nobuiltin nofree nosync nounwind willreturn memory(none) }

!0 = !{!"llvm.loop.mustprogress"}
!1 = !{!"llvm.loop.vectorize.enable", i1 true}
!2 = distinct !{!2, !0, !1}
