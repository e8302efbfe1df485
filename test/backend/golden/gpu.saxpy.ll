define ptx_kernel void @saxpy(double noundef %a, ptr addrspace(1) noalias readonly noundef align 16 %x, i64 noundef range(i64 0, 1073741825) %n, ptr addrspace(1) noundef align 16 %y, i64 noundef range(i64 0, 1073741825) %m) #6 {
entry:
  %n.narrow = trunc i64 %n to i32
  %m.narrow = trunc i64 %m to i32
  %ctaid.x = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x(), !range !0
  %nctaid.x = call i32 @llvm.nvvm.read.ptx.sreg.nctaid.x(), !range !1
  %tid.x = call i32 @llvm.nvvm.read.ptx.sreg.tid.x(), !range !2
  %p = add nsw i32 %n.narrow, 63
  %blocks = ashr i32 %p, 6
  br label %b.head
b.head:
  %b = phi i32 [ %ctaid.x, %entry ], [ %b.next, %join ]
  %more = icmp slt i32 %b, %blocks
  br i1 %more, label %b.body, label %b.done
b.body:
  %first = mul nsw i32 %b, 64
  %i = add nsw i32 %first, %tid.x
  %inside = icmp slt i32 %i, %n.narrow
  br i1 %inside, label %then, label %else
then:
  %at = getelementptr inbounds double, ptr addrspace(1) %x, i32 %i
  %u = load double, ptr addrspace(1) %at
  %at.1 = getelementptr inbounds double, ptr addrspace(1) %y, i32 %i
  %v = load double, ptr addrspace(1) %at.1
  %q = fmul double %a, %u
  %r = fadd double %q, %v
  %at.2 = getelementptr inbounds double, ptr addrspace(1) %y, i32 %i
  store double %r, ptr addrspace(1) %at.2
  br label %join
else:
  br label %join
join:
  %b.next = call i32 @llvm.sadd.sat.i32(i32 %b, i32 %nctaid.x)
  br label %b.head, !llvm.loop !5
b.done:
  ret void
}

declare i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.nctaid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()
declare i32 @llvm.sadd.sat.i32(i32, i32)

attributes #6 = { convergent mustprogress nofree norecurse nounwind }

!nvvm.annotations = !{!6}
!0 = !{i32 0, i32 2147483647}
!1 = !{i32 0, i32 -2147483648}
!2 = !{i32 0, i32 64}
!3 = !{!"llvm.loop.mustprogress"}
!4 = !{!"llvm.loop.unroll.disable"}
!5 = distinct !{!5, !3, !4}
!6 = !{ptr @saxpy, !"reqntidx", i32 64, !"reqntidy", i32 1, !"reqntidz", i32 1}
