@rotate_old = internal addrspace(3) global [96 x double] undef, align 16

define ptx_kernel void @rotate(i64 noundef range(i64 -1073741824, 1073741825) %turns, ptr addrspace(1) noundef align 16 %x, i64 noundef range(i64 0, 1073741825) %n) #6 {
entry:
  %turns.narrow = trunc i64 %turns to i32
  %n.narrow = trunc i64 %n to i32
  %ctaid.x = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x(), !range !0
  %nctaid.x = call i32 @llvm.nvvm.read.ptx.sreg.nctaid.x(), !range !1
  %tid.x = call i32 @llvm.nvvm.read.ptx.sreg.tid.x(), !range !2
  br label %b.head
b.head:
  %b = phi i32 [ %ctaid.x, %entry ], [ %b.next, %join ]
  %more = icmp slt i32 %b, 1
  br i1 %more, label %b.body, label %b.done
b.body:
  %some = icmp sgt i32 %n.narrow, 0
  br i1 %some, label %then, label %else
then:
  br label %k.head
k.head:
  %k = phi i32 [ 0, %then ], [ %k.next, %i.done.1 ]
  %more.1 = icmp slt i32 %k, %turns.narrow
  br i1 %more.1, label %k.body, label %k.done
k.body:
  call void @llvm.nvvm.barrier0()
  %at = getelementptr inbounds double, ptr addrspace(1) %x, i32 0
  %first = load double, ptr addrspace(1) %at
  call void @llvm.nvvm.barrier0()
  %layer = mul i32 0, 1
  %row = add i32 %layer, 0
  %before = mul i32 %row, 256
  %number = add i32 %before, %tid.x
  br label %zero.head
zero.head:
  %zero = phi i32 [ %number, %k.body ], [ %zero.next, %zero.body ]
  %more.2 = icmp ult i32 %zero, 96
  br i1 %more.2, label %zero.body, label %zero.done
zero.body:
  %at.1 = getelementptr inbounds double, ptr addrspace(3) @rotate_old, i32 %zero
  store double 0.0, ptr addrspace(3) %at.1
  %zero.next = add nuw nsw i32 %zero, 256
  br label %zero.head
zero.done:
  call void @llvm.nvvm.barrier0()
  br label %i.head
i.head:
  %i = phi i32 [ %tid.x, %zero.done ], [ %i.next, %i.body ]
  %more.3 = icmp slt i32 %i, %n.narrow
  br i1 %more.3, label %i.body, label %i.done
i.body:
  %at.2 = getelementptr inbounds double, ptr addrspace(1) %x, i32 %i
  %v = load double, ptr addrspace(1) %at.2
  %at.3 = getelementptr inbounds double, ptr addrspace(3) @rotate_old, i32 %i
  store double %v, ptr addrspace(3) %at.3
  %i.next = add nsw i32 %i, 256
  br label %i.head, !llvm.loop !4
i.done:
  %last = sub nsw i32 %n.narrow, 1
  call void @llvm.nvvm.barrier0()
  br label %i.head.1
i.head.1:
  %i.1 = phi i32 [ %tid.x, %i.done ], [ %i.next.1, %join.1 ]
  %more.4 = icmp slt i32 %i.1, %n.narrow
  br i1 %more.4, label %i.body.1, label %i.done.1
i.body.1:
  %end = icmp eq i32 %i.1, %last
  br i1 %end, label %then.1, label %else.1
then.1:
  %at.4 = getelementptr inbounds double, ptr addrspace(1) %x, i32 %i.1
  store double %first, ptr addrspace(1) %at.4
  br label %join.1
else.1:
  %next = add nsw i32 %i.1, 1
  %at.5 = getelementptr inbounds double, ptr addrspace(3) @rotate_old, i32 %next
  %v.1 = load double, ptr addrspace(3) %at.5
  %at.6 = getelementptr inbounds double, ptr addrspace(1) %x, i32 %i.1
  store double %v.1, ptr addrspace(1) %at.6
  br label %join.1
join.1:
  %i.next.1 = add nsw i32 %i.1, 256
  br label %i.head.1, !llvm.loop !5
i.done.1:
  %k.next = add nsw i32 %k, 1
  br label %k.head, !llvm.loop !6
k.done:
  br label %join
else:
  br label %join
join:
  %b.next = call i32 @llvm.sadd.sat.i32(i32 %b, i32 %nctaid.x)
  br label %b.head, !llvm.loop !8
b.done:
  ret void
}

declare i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.nctaid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()
declare i32 @llvm.sadd.sat.i32(i32, i32)
declare void @llvm.nvvm.barrier0()

attributes #6 = { convergent mustprogress nofree norecurse nounwind }

!nvvm.annotations = !{!9}
!0 = !{i32 0, i32 2147483647}
!1 = !{i32 0, i32 -2147483648}
!2 = !{i32 0, i32 256}
!3 = !{!"llvm.loop.mustprogress"}
!4 = distinct !{!4, !3}
!5 = distinct !{!5, !3}
!6 = distinct !{!6, !3}
!7 = !{!"llvm.loop.unroll.disable"}
!8 = distinct !{!8, !3, !7}
!9 = !{ptr @rotate, !"reqntidx", i32 256, !"reqntidy", i32 1, !"reqntidz", i32 1}
