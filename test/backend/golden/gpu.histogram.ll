@histogram_own = internal addrspace(3) global [16 x i32] undef, align 16

@histogram_sum = internal addrspace(3) global [16 x double] undef, align 16

define ptx_kernel void @histogram(ptr addrspace(1) noalias readonly noundef align 16 %bin, i64 noundef range(i64 0, 1073741825) %n, ptr addrspace(1) noalias readonly noundef align 16 %weight, i64 noundef range(i64 0, 1073741825) %n_, ptr addrspace(1) noundef align 16 %count, i64 noundef range(i64 0, 1073741825) %m, ptr addrspace(1) noundef align 16 %total, i64 noundef range(i64 0, 1073741825) %m_) #6 {
entry:
  %n.narrow = trunc i64 %n to i32
  %n_.narrow = trunc i64 %n_ to i32
  %m.narrow = trunc i64 %m to i32
  %m_.narrow = trunc i64 %m_ to i32
  %ctaid.x = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x(), !range !5
  %nctaid.x = call i32 @llvm.nvvm.read.ptx.sreg.nctaid.x(), !range !6
  %tid.x = call i32 @llvm.nvvm.read.ptx.sreg.tid.x(), !range !7
  %p = add nsw i32 %n.narrow, 31
  %blocks = ashr i32 %p, 5
  br label %b.head
b.head:
  %b = phi i32 [ %ctaid.x, %entry ], [ %b.next, %t.done ]
  %more = icmp slt i32 %b, %blocks
  br i1 %more, label %b.body, label %b.done
b.body:
  call void @llvm.nvvm.barrier0()
  %layer = mul i32 0, 1
  %row = add i32 %layer, 0
  %before = mul i32 %row, 256
  %number = add i32 %before, %tid.x
  br label %zero.head
zero.head:
  %zero = phi i32 [ %number, %b.body ], [ %zero.next, %zero.body ]
  %more.1 = icmp ult i32 %zero, 16
  br i1 %more.1, label %zero.body, label %zero.done
zero.body:
  %at = getelementptr inbounds i32, ptr addrspace(3) @histogram_own, i32 %zero
  store i32 0, ptr addrspace(3) %at
  %zero.next = add nuw nsw i32 %zero, 256
  br label %zero.head
zero.done:
  %layer.1 = mul i32 0, 1
  %row.1 = add i32 %layer.1, 0
  %before.1 = mul i32 %row.1, 256
  %number.1 = add i32 %before.1, %tid.x
  br label %zero.head.1
zero.head.1:
  %zero.1 = phi i32 [ %number.1, %zero.done ], [ %zero.next.1, %zero.body.1 ]
  %more.2 = icmp ult i32 %zero.1, 16
  br i1 %more.2, label %zero.body.1, label %zero.done.1
zero.body.1:
  %at.1 = getelementptr inbounds double, ptr addrspace(3) @histogram_sum, i32 %zero.1
  store double 0.0, ptr addrspace(3) %at.1
  %zero.next.1 = add nuw nsw i32 %zero.1, 256
  br label %zero.head.1
zero.done.1:
  %first = mul nsw i32 %b, 32
  call void @llvm.nvvm.barrier0()
  %has = icmp slt i32 %tid.x, 32
  br i1 %has, label %then, label %join
then:
  %i = add nsw i32 %first, %tid.x
  %inside = icmp slt i32 %i, %n.narrow
  br i1 %inside, label %then.1, label %else
then.1:
  %at.2 = getelementptr inbounds i32, ptr addrspace(1) %bin, i32 %i
  %k32 = load i32, ptr addrspace(1) %at.2
  %at.3 = getelementptr inbounds double, ptr addrspace(1) %weight, i32 %i
  %w = load double, ptr addrspace(1) %at.3
  %at.4 = getelementptr inbounds i32, ptr addrspace(3) @histogram_own, i32 %k32
  %before.2 = atomicrmw add ptr addrspace(3) %at.4, i32 1 syncscope("block") monotonic
  %at.5 = getelementptr inbounds double, ptr addrspace(3) @histogram_sum, i32 %k32
  %before.3 = atomicrmw fadd ptr addrspace(3) %at.5, double %w syncscope("block") monotonic
  br label %join.1
else:
  br label %join.1
join.1:
  br label %join
join:
  call void @llvm.nvvm.barrier0()
  br label %t.head
t.head:
  %t = phi i32 [ %tid.x, %join ], [ %t.next, %t.body ]
  %more.3 = icmp slt i32 %t, %m.narrow
  br i1 %more.3, label %t.body, label %t.done
t.body:
  %at.6 = getelementptr inbounds i32, ptr addrspace(3) @histogram_own, i32 %t
  %c = load i32, ptr addrspace(3) %at.6
  %at.7 = getelementptr inbounds i32, ptr addrspace(1) %count, i32 %t
  %before.4 = atomicrmw add ptr addrspace(1) %at.7, i32 %c syncscope("device") monotonic, !alias.scope !3, !noalias !4
  %at.8 = getelementptr inbounds double, ptr addrspace(3) @histogram_sum, i32 %t
  %s = load double, ptr addrspace(3) %at.8
  %at.9 = getelementptr inbounds double, ptr addrspace(1) %total, i32 %t
  %before.5 = atomicrmw fadd ptr addrspace(1) %at.9, double %s syncscope("device") monotonic, !alias.scope !4, !noalias !3
  %t.next = add nsw i32 %t, 256
  br label %t.head, !llvm.loop !9
t.done:
  %b.next = call i32 @llvm.sadd.sat.i32(i32 %b, i32 %nctaid.x)
  br label %b.head, !llvm.loop !11
b.done:
  ret void
}

declare i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.nctaid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()
declare i32 @llvm.sadd.sat.i32(i32, i32)
declare void @llvm.nvvm.barrier0()

attributes #6 = { convergent mustprogress nofree norecurse nounwind }

!nvvm.annotations = !{!12}
!0 = distinct !{!0}
!1 = distinct !{!1, !0}
!2 = distinct !{!2, !0}
!3 = !{!1}
!4 = !{!2}
!5 = !{i32 0, i32 2147483647}
!6 = !{i32 0, i32 -2147483648}
!7 = !{i32 0, i32 256}
!8 = !{!"llvm.loop.mustprogress"}
!9 = distinct !{!9, !8}
!10 = !{!"llvm.loop.unroll.disable"}
!11 = distinct !{!11, !8, !10}
!12 = !{ptr @histogram, !"reqntidx", i32 256, !"reqntidy", i32 1, !"reqntidz", i32 1}
