define i32 @gather(ptr %args) #0 {
  %x = load ptr, ptr %args
  %slot = getelementptr inbounds i8, ptr %args, i64 8
  %n = load i64, ptr %slot
  %slot.1 = getelementptr inbounds i8, ptr %args, i64 24
  %at = load ptr, ptr %slot.1
  %slot.2 = getelementptr inbounds i8, ptr %args, i64 32
  %m = load i64, ptr %slot.2
  %slot.3 = getelementptr inbounds i8, ptr %args, i64 48
  %y = load ptr, ptr %slot.3
  %slot.4 = getelementptr inbounds i8, ptr %args, i64 56
  %m_ = load i64, ptr %slot.4
  %slot.5 = getelementptr inbounds i8, ptr %args, i64 88
  %error = load ptr, ptr %slot.5
  %status = call i32 @gather.body(ptr %x, i64 %n, ptr %at, i64 %m, ptr %y, i64 %m_, ptr %error)
  ret i32 %status
}

define internal i32 @gather.body(ptr noalias readonly noundef align 4 %x, i64 noundef %n, ptr noalias readonly noundef align 4 %at, i64 noundef %m, ptr noalias writeonly noundef align 4 %y, i64 noundef %m_, ptr noalias writeonly noundef align 8 %error) #1 {
entry:
  br label %i.head
i.head:
  %i = phi i64 [ 0, %entry ], [ %i.next, %j.done ]
  %more = icmp slt i64 %i, %m
  br i1 %more, label %i.body, label %i.done
i.body:
  %at.1 = getelementptr inbounds i32, ptr %at, i64 %i
  %k32 = load i32, ptr %at.1
  %k = sext i32 %k32 to i64
  %inside = icmp ult i64 %k, %n
  br i1 %inside, label %checked, label %fail, !prof !0
checked:
  %at.2 = getelementptr inbounds float, ptr %x, i64 %k
  %v = load float, ptr %at.2
  br label %j.head
j.head:
  %j = phi i64 [ 0, %checked ], [ %j.next, %checked.1 ]
  %more.1 = icmp slt i64 %j, 4
  br i1 %more.1, label %j.body, label %j.done
j.body:
  %i_1 = add nsw i64 %i, -1
  %f = sitofp i64 %j to float
  %w = fmul float %v, %f
  %u = fadd contract float %w, 0x3FB99999A0000000
  %inside.1 = icmp ult i64 %i_1, %m_
  br i1 %inside.1, label %checked.1, label %fail, !prof !0
checked.1:
  %row = mul nuw nsw i64 %i_1, 4
  %offset = add nuw nsw i64 %row, %j
  %at.3 = getelementptr inbounds float, ptr %y, i64 %offset
  store float %u, ptr %at.3
  %j.next = add nsw i64 %j, 1
  br label %j.head, !llvm.loop !2
j.done:
  %i.next = add nsw i64 %i, 1
  br label %i.head, !llvm.loop !3
i.done:
  ret i32 0
fail:
  %check = phi i32 [ 1, %i.body ], [ 2, %j.body ]
  %index = phi i64 [ %k, %i.body ], [ %i_1, %j.body ]
  store i64 %index, ptr %error
  ret i32 %check
}

attributes #0 = { nofree norecurse nosync nounwind }
attributes #1 = { mustprogress nofree noinline norecurse nosync nounwind willreturn memory(argmem: readwrite) }

!0 = !{!"branch_weights", i32 1048575, i32 1}
!1 = !{!"llvm.loop.mustprogress"}
!2 = distinct !{!2, !1}
!3 = distinct !{!3, !1}
