@matmul_at = internal addrspace(3) global [64 x double] undef, align 16

@matmul_bt = internal addrspace(3) global [64 x double] undef, align 16

define ptx_kernel void @matmul(ptr addrspace(1) noalias readonly noundef align 16 %A, i64 noundef range(i64 0, 1073741825) %n, i64 noundef range(i64 0, 1073741825) %k, ptr addrspace(1) noalias readonly noundef align 16 %B, i64 noundef range(i64 0, 1073741825) %k_, i64 noundef range(i64 0, 1073741825) %m, ptr addrspace(1) noundef align 16 %C, i64 noundef range(i64 0, 1073741825) %n_, i64 noundef range(i64 0, 1073741825) %m_) #6 {
entry:
  %n.narrow = trunc i64 %n to i32
  %k.narrow = trunc i64 %k to i32
  %k_.narrow = trunc i64 %k_ to i32
  %m.narrow = trunc i64 %m to i32
  %n_.narrow = trunc i64 %n_ to i32
  %m_.narrow = trunc i64 %m_ to i32
  %ctaid.y = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.y(), !range !0
  %nctaid.y = call i32 @llvm.nvvm.read.ptx.sreg.nctaid.y(), !range !1
  %ctaid.x = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x(), !range !0
  %nctaid.x = call i32 @llvm.nvvm.read.ptx.sreg.nctaid.x(), !range !1
  %ct = alloca [1 x double], align 16
  %ct.local = addrspacecast ptr %ct to ptr addrspace(5)
  %tid.y = call i32 @llvm.nvvm.read.ptx.sreg.tid.y(), !range !2
  %tid.x = call i32 @llvm.nvvm.read.ptx.sreg.tid.x(), !range !2
  %n1 = add nsw i32 %n.narrow, 7
  %gy = ashr i32 %n1, 3
  %m1 = add nsw i32 %m.narrow, 7
  %gx = ashr i32 %m1, 3
  %k1 = add nsw i32 %k.narrow, 7
  %gk = ashr i32 %k1, 3
  br label %by.head
by.head:
  %by = phi i32 [ %ctaid.y, %entry ], [ %by.next, %bx.done ]
  %more = icmp slt i32 %by, %gy
  br i1 %more, label %by.body, label %by.done
by.body:
  br label %bx.head
bx.head:
  %bx = phi i32 [ %ctaid.x, %by.body ], [ %bx.next, %join.2 ]
  %more.1 = icmp slt i32 %bx, %gx
  br i1 %more.1, label %bx.body, label %bx.done
bx.body:
  call void @llvm.memset.p5.i64(ptr addrspace(5) align 16 %ct.local, i8 0, i64 8, i1 false)
  %i0 = mul nsw i32 %by, 8
  %j0 = mul nsw i32 %bx, 8
  br label %s.head
s.head:
  %s = phi i32 [ 0, %bx.body ], [ %s.next, %q.done ]
  %more.2 = icmp slt i32 %s, %gk
  br i1 %more.2, label %s.body, label %s.done
s.body:
  %k0 = mul nsw i32 %s, 8
  call void @llvm.nvvm.barrier0()
  %i = add nsw i32 %i0, %tid.y
  %l = add nsw i32 %k0, %tid.x
  %in = icmp slt i32 %i, %n.narrow
  %ln = icmp slt i32 %l, %k.narrow
  %both = and i1 %in, %ln
  br i1 %both, label %then, label %else
then:
  %row = mul nuw nsw i32 %i, %k.narrow
  %offset = add nuw nsw i32 %row, %l
  %at.1 = getelementptr inbounds double, ptr addrspace(1) %A, i32 %offset
  %a1 = load double, ptr addrspace(1) %at.1
  br label %join
else:
  br label %join
join:
  %a = phi double [ %a1, %then ], [ 0.0, %else ]
  %row.1 = mul nuw nsw i32 %tid.y, 8
  %offset.1 = add nuw nsw i32 %row.1, %tid.x
  %at.2 = getelementptr inbounds double, ptr addrspace(3) @matmul_at, i32 %offset.1
  store double %a, ptr addrspace(3) %at.2
  %l2 = add nsw i32 %k0, %tid.y
  %j = add nsw i32 %j0, %tid.x
  %ln2 = icmp slt i32 %l2, %k.narrow
  %jn = icmp slt i32 %j, %m.narrow
  %both2 = and i1 %ln2, %jn
  br i1 %both2, label %then.1, label %else.1
then.1:
  %row.2 = mul nuw nsw i32 %l2, %m.narrow
  %offset.2 = add nuw nsw i32 %row.2, %j
  %at.3 = getelementptr inbounds double, ptr addrspace(1) %B, i32 %offset.2
  %b1 = load double, ptr addrspace(1) %at.3
  br label %join.1
else.1:
  br label %join.1
join.1:
  %b = phi double [ %b1, %then.1 ], [ 0.0, %else.1 ]
  %row.3 = mul nuw nsw i32 %tid.y, 8
  %offset.3 = add nuw nsw i32 %row.3, %tid.x
  %at.4 = getelementptr inbounds double, ptr addrspace(3) @matmul_bt, i32 %offset.3
  store double %b, ptr addrspace(3) %at.4
  call void @llvm.nvvm.barrier0()
  %at.5 = getelementptr inbounds double, ptr %ct, i32 0
  %sum0 = load double, ptr %at.5
  br label %q.head
q.head:
  %q = phi i32 [ 0, %join.1 ], [ %q.next, %q.body ]
  %acc = phi double [ %sum0, %join.1 ], [ %acc2, %q.body ]
  %more.3 = icmp slt i32 %q, 8
  br i1 %more.3, label %q.body, label %q.done
q.body:
  %row.4 = mul nuw nsw i32 %tid.y, 8
  %offset.4 = add nuw nsw i32 %row.4, %q
  %at.6 = getelementptr inbounds double, ptr addrspace(3) @matmul_at, i32 %offset.4
  %a.1 = load double, ptr addrspace(3) %at.6
  %row.5 = mul nuw nsw i32 %q, 8
  %offset.5 = add nuw nsw i32 %row.5, %tid.x
  %at.7 = getelementptr inbounds double, ptr addrspace(3) @matmul_bt, i32 %offset.5
  %b.1 = load double, ptr addrspace(3) %at.7
  %p = fmul double %a.1, %b.1
  %acc2 = fadd double %acc, %p
  %q.next = add nsw i32 %q, 1
  br label %q.head, !llvm.loop !4
q.done:
  %at.8 = getelementptr inbounds double, ptr %ct, i32 0
  store double %acc, ptr %at.8
  %s.next = add nsw i32 %s, 1
  br label %s.head, !llvm.loop !5
s.done:
  %i.1 = add nsw i32 %i0, %tid.y
  %j.1 = add nsw i32 %j0, %tid.x
  %in.1 = icmp slt i32 %i.1, %n.narrow
  %jn.1 = icmp slt i32 %j.1, %m.narrow
  %both.1 = and i1 %in.1, %jn.1
  br i1 %both.1, label %then.2, label %else.2
then.2:
  %at.9 = getelementptr inbounds double, ptr %ct, i32 0
  %c = load double, ptr %at.9
  %row.6 = mul nuw nsw i32 %i.1, %m_.narrow
  %offset.6 = add nuw nsw i32 %row.6, %j.1
  %at.10 = getelementptr inbounds double, ptr addrspace(1) %C, i32 %offset.6
  store double %c, ptr addrspace(1) %at.10
  br label %join.2
else.2:
  br label %join.2
join.2:
  %bx.next = call i32 @llvm.sadd.sat.i32(i32 %bx, i32 %nctaid.x)
  br label %bx.head, !llvm.loop !7
bx.done:
  %by.next = call i32 @llvm.sadd.sat.i32(i32 %by, i32 %nctaid.y)
  br label %by.head, !llvm.loop !8
by.done:
  ret void
}

declare i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.ctaid.y()
declare i32 @llvm.nvvm.read.ptx.sreg.nctaid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.nctaid.y()
declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.tid.y()
declare i32 @llvm.sadd.sat.i32(i32, i32)
declare void @llvm.memset.p5.i64(ptr addrspace(5), i8, i64, i1)
declare void @llvm.nvvm.barrier0()

attributes #6 = { convergent mustprogress nofree norecurse nounwind }

!nvvm.annotations = !{!9}
!0 = !{i32 0, i32 2147483647}
!1 = !{i32 0, i32 -2147483648}
!2 = !{i32 0, i32 8}
!3 = !{!"llvm.loop.mustprogress"}
!4 = distinct !{!4, !3}
!5 = distinct !{!5, !3}
!6 = !{!"llvm.loop.unroll.disable"}
!7 = distinct !{!7, !3, !6}
!8 = distinct !{!8, !3, !6}
!9 = !{ptr @matmul, !"reqntidx", i32 8, !"reqntidy", i32 8, !"reqntidz", i32 1}
