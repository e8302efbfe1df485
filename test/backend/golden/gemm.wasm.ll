define i32 @gemm_0(ptr %args) #0 {
  %alpha = load double, ptr %args
  %slot = getelementptr inbounds i8, ptr %args, i64 8
  %beta = load double, ptr %slot
  %slot.1 = getelementptr inbounds i8, ptr %args, i64 16
  %C = load ptr, ptr %slot.1
  %slot.2 = getelementptr inbounds i8, ptr %args, i64 24
  %ni = load i64, ptr %slot.2
  %slot.3 = getelementptr inbounds i8, ptr %args, i64 32
  %nj = load i64, ptr %slot.3
  %slot.4 = getelementptr inbounds i8, ptr %args, i64 56
  %A = load ptr, ptr %slot.4
  %slot.5 = getelementptr inbounds i8, ptr %args, i64 72
  %nk = load i64, ptr %slot.5
  %slot.6 = getelementptr inbounds i8, ptr %args, i64 96
  %B = load ptr, ptr %slot.6
  %slot.7 = getelementptr inbounds i8, ptr %args, i64 112
  %nj_ = load i64, ptr %slot.7
  %status = call i32 @gemm_0.body(double %alpha, double %beta, ptr %C, i64 %ni, i64 %nj, ptr %A, i64 %nk, ptr %B, i64 %nj_)
  ret i32 %status
}

define internal i32 @gemm_0.body(double noundef %alpha, double noundef %beta, ptr noalias noundef align 8 %C, i64 noundef %ni, i64 noundef %nj, ptr noalias readonly noundef align 8 %A, i64 noundef %nk, ptr noalias readonly noundef align 8 %B, i64 noundef %nj_) #1 {
entry:
  br label %i.head
i.head:
  %i = phi i64 [ 0, %entry ], [ %i.next, %k.done ]
  %more = icmp slt i64 %i, %ni
  br i1 %more, label %i.body, label %i.done
i.body:
  br label %j.head
j.head:
  %j = phi i64 [ 0, %i.body ], [ %j.next, %j.body ]
  %more.1 = icmp slt i64 %j, %nj
  br i1 %more.1, label %j.body, label %j.done
j.body:
  %narrow = trunc i64 %i to i32
  %narrow.1 = trunc i64 %nj to i32
  %row = mul nuw nsw i32 %narrow, %narrow.1
  %narrow.2 = trunc i64 %j to i32
  %offset = add nuw nsw i32 %row, %narrow.2
  %at = getelementptr inbounds double, ptr %C, i32 %offset
  %C.1 = load double, ptr %at
  %mul = fmul contract double %C.1, %beta
  store double %mul, ptr %at
  %j.next = add nsw i64 %j, 1
  br label %j.head, !llvm.loop !1
j.done:
  br label %k.head
k.head:
  %k = phi i64 [ 0, %j.done ], [ %k.next, %j.done.1 ]
  %more.2 = icmp slt i64 %k, %nk
  br i1 %more.2, label %k.body, label %k.done
k.body:
  %narrow.3 = trunc i64 %i to i32
  %narrow.4 = trunc i64 %nk to i32
  %row.1 = mul nuw nsw i32 %narrow.3, %narrow.4
  %narrow.5 = trunc i64 %k to i32
  %offset.1 = add nuw nsw i32 %row.1, %narrow.5
  %at.1 = getelementptr inbounds double, ptr %A, i32 %offset.1
  %a = load double, ptr %at.1
  %t = fmul contract double %alpha, %a
  br label %j.head.1
j.head.1:
  %j.1 = phi i64 [ 0, %k.body ], [ %j.next.1, %j.body.1 ]
  %more.3 = icmp slt i64 %j.1, %nj
  br i1 %more.3, label %j.body.1, label %j.done.1
j.body.1:
  %narrow.6 = trunc i64 %k to i32
  %narrow.7 = trunc i64 %nj_ to i32
  %row.2 = mul nuw nsw i32 %narrow.6, %narrow.7
  %narrow.8 = trunc i64 %j.1 to i32
  %offset.2 = add nuw nsw i32 %row.2, %narrow.8
  %at.2 = getelementptr inbounds double, ptr %B, i32 %offset.2
  %b = load double, ptr %at.2
  %p = fmul contract double %t, %b
  %narrow.9 = trunc i64 %i to i32
  %narrow.10 = trunc i64 %nj to i32
  %row.3 = mul nuw nsw i32 %narrow.9, %narrow.10
  %narrow.11 = trunc i64 %j.1 to i32
  %offset.3 = add nuw nsw i32 %row.3, %narrow.11
  %at.3 = getelementptr inbounds double, ptr %C, i32 %offset.3
  %C.2 = load double, ptr %at.3
  %add = fadd contract double %C.2, %p
  store double %add, ptr %at.3
  %j.next.1 = add nsw i64 %j.1, 1
  br label %j.head.1, !llvm.loop !2
j.done.1:
  %k.next = add nsw i64 %k, 1
  br label %k.head, !llvm.loop !3
k.done:
  %i.next = add nsw i64 %i, 1
  br label %i.head, !llvm.loop !4
i.done:
  ret i32 0
}

attributes #0 = { nofree norecurse nosync nounwind "no-builtins" "no-jump-tables"="true" }
attributes #1 = { mustprogress nofree noinline norecurse nosync nounwind willreturn memory(argmem: readwrite) "no-builtins" "no-jump-tables"="true" }

!0 = !{!"llvm.loop.mustprogress"}
!1 = distinct !{!1, !0}
!2 = distinct !{!2, !0}
!3 = distinct !{!3, !0}
!4 = distinct !{!4, !0}
