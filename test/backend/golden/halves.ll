define i32 @halves(ptr %args) #0 {
  %x = load ptr, ptr %args
  %slot = getelementptr inbounds i8, ptr %args, i64 8
  %n = load i64, ptr %slot
  %slot.1 = getelementptr inbounds i8, ptr %args, i64 24
  %y = load ptr, ptr %slot.1
  %slot.2 = getelementptr inbounds i8, ptr %args, i64 48
  %z = load ptr, ptr %slot.2
  %status = call i32 @halves.body(ptr %x, i64 %n, ptr %y, ptr %z)
  ret i32 %status
}

define internal i32 @halves.body(ptr noalias readonly noundef align 2 %x, i64 noundef %n, ptr noalias writeonly noundef align 2 %y, ptr noalias noundef align 2 %z) #1 {
entry:
  br label %i.head
i.head:
  %i = phi i64 [ 0, %entry ], [ %i.next, %i.body ]
  %more = icmp slt i64 %i, %n
  br i1 %more, label %i.body, label %i.done
i.body:
  %at = getelementptr inbounds i16, ptr %x, i64 %i
  %half = load i16, ptr %at
  %a = call float @tsgpu.f32.of.half(i16 %half)
  %b = fmul float %a, 3.0
  %at.1 = getelementptr inbounds i16, ptr %y, i64 %i
  %half.1 = call i16 @tsgpu.half.of.f32(float %b)
  store i16 %half.1, ptr %at.1
  %at.2 = getelementptr inbounds i16, ptr %z, i64 %i
  %half.2 = load i16, ptr %at.2
  %z.1 = call float @tsgpu.f32.of.half(i16 %half.2)
  %add = fadd float %z.1, %b
  %half.3 = call i16 @tsgpu.half.of.f32(float %add)
  store i16 %half.3, ptr %at.2
  %i.next = add nsw i64 %i, 1
  br label %i.head, !llvm.loop !1
i.done:
  ret i32 0
}

define internal float @tsgpu.f32.of.half(i16 %x) #3 {
  %bits = zext i16 %x to i32
  %size = and i32 %bits, 32767
  %field = shl i32 %size, 13
  %normal = add i32 %field, 939524096
  %special = add i32 %field, 1879048192
  %isSpecial = icmp uge i32 %size, 31744
  %large = select i1 %isSpecial, i32 %special, i32 %normal
  %units = uitofp i32 %size to float
  %small = fmul float %units, 0x3E70000000000000
  %small.bits = bitcast float %small to i32
  %isSmall = icmp ult i32 %size, 1024
  %result.size = select i1 %isSmall, i32 %small.bits, i32 %large
  %sign = and i32 %bits, 32768
  %sign.place = shl i32 %sign, 16
  %result.bits = or i32 %result.size, %sign.place
  %result = bitcast i32 %result.bits to float
  ret float %result
}

define internal i16 @tsgpu.half.of.f32(float %x) #3 {
  %bits = bitcast float %x to i32
  %size = and i32 %bits, 2147483647
  %above = lshr i32 %size, 13
  %odd = and i32 %above, 1
  %rebiased = add i32 %size, -939520001
  %rounded = add i32 %rebiased, %odd
  %normal = lshr i32 %rounded, 13
  %magnitude = bitcast i32 %size to float
  %sum = fadd float %magnitude, 0.5
  %sum.bits = bitcast float %sum to i32
  %small = sub i32 %sum.bits, 1056964608
  %isSmall = icmp ult i32 %size, 947912704
  %finite = select i1 %isSmall, i32 %small, i32 %normal
  %isNaN = icmp ugt i32 %size, 2139095040
  %special = select i1 %isNaN, i32 32256, i32 31744
  %isLarge = icmp uge i32 %size, 1199570944
  %result.size = select i1 %isLarge, i32 %special, i32 %finite
  %sign.place = lshr i32 %bits, 16
  %sign = and i32 %sign.place, 32768
  %result.bits = or i32 %result.size, %sign
  %result = trunc i32 %result.bits to i16
  ret i16 %result
}

attributes #0 = { nofree norecurse nosync nounwind }
attributes #1 = { mustprogress nofree noinline norecurse nosync nounwind willreturn memory(argmem: readwrite) }
attributes #3 = { alwaysinline mustprogress nofree norecurse nosync nounwind willreturn memory(none) }

!0 = !{!"llvm.loop.mustprogress"}
!1 = distinct !{!1, !0}
