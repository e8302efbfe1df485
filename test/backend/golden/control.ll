define i32 @control(ptr %args) #0 {
  %x = load ptr, ptr %args
  %slot = getelementptr inbounds i8, ptr %args, i64 8
  %n = load i64, ptr %slot
  %slot.1 = getelementptr inbounds i8, ptr %args, i64 24
  %y = load ptr, ptr %slot.1
  %slot.2 = getelementptr inbounds i8, ptr %args, i64 48
  %out = load ptr, ptr %slot.2
  %slot.3 = getelementptr inbounds i8, ptr %args, i64 72
  %limit = load double, ptr %slot.3
  %status = call i32 @control.body(ptr %x, i64 %n, ptr %y, ptr %out, double %limit)
  ret i32 %status
}

define internal i32 @control.body(ptr noalias noundef align 8 %x, i64 noundef %n, ptr noalias noundef align 8 %y, ptr noalias writeonly noundef align 8 %out, double noundef %limit) #2 {
entry:
  br label %i.head
i.head:
  %i = phi i64 [ 0, %entry ], [ %i.next, %join ]
  %m = phi double [ 0xFFF0000000000000, %entry ], [ %m_1, %join ]
  %more = icmp slt i64 %i, %n
  br i1 %more, label %i.body, label %i.done
i.body:
  %at = getelementptr inbounds double, ptr %x, i64 %i
  %v = load double, ptr %at
  %more.1 = fcmp ogt double %v, %m
  br i1 %more.1, label %then, label %else
then:
  br label %join
else:
  br label %join
join:
  %m_1 = phi double [ %v, %then ], [ %m, %else ]
  %i.next = add nsw i64 %i, 1
  br label %i.head, !llvm.loop !1
i.done:
  %at.1 = getelementptr inbounds double, ptr %out, i64 0
  store double %m, ptr %at.1
  br label %i.head.1
i.head.1:
  %i.1 = phi i64 [ 0, %i.done ], [ %i.next.1, %j.done ]
  %s = phi double [ 0.0, %i.done ], [ %t, %j.done ]
  %more.2 = icmp slt i64 %i.1, %n
  br i1 %more.2, label %i.body.1, label %i.done.1
i.body.1:
  br label %j.head
j.head:
  %j = phi i64 [ 0, %i.body.1 ], [ %j.next, %j.body ]
  %t = phi double [ %s, %i.body.1 ], [ %t_1, %j.body ]
  %more.3 = icmp slt i64 %j, %i.1
  br i1 %more.3, label %j.body, label %j.done
j.body:
  %at.2 = getelementptr inbounds double, ptr %x, i64 %j
  %v.1 = load double, ptr %at.2
  %t_1 = fadd double %t, %v.1
  %j.next = add nsw i64 %j, 1
  br label %j.head, !llvm.loop !2
j.done:
  %i.next.1 = add nsw i64 %i.1, 1
  br label %i.head.1, !llvm.loop !3
i.done.1:
  %at.3 = getelementptr inbounds double, ptr %out, i64 1
  store double %s, ptr %at.3
  br label %i.head.2
i.head.2:
  %i.2 = phi i64 [ 0, %i.done.1 ], [ %i.next.2, %i.body.2 ]
  %a_1 = phi double [ 0.0, %i.done.1 ], [ %b_1, %i.body.2 ]
  %b_1 = phi double [ 1.0, %i.done.1 ], [ %c, %i.body.2 ]
  %more.4 = icmp slt i64 %i.2, 30
  br i1 %more.4, label %i.body.2, label %i.done.2
i.body.2:
  %c = fadd double %a_1, %b_1
  %i.next.2 = add nsw i64 %i.2, 1
  br label %i.head.2, !llvm.loop !4
i.done.2:
  %at.4 = getelementptr inbounds double, ptr %out, i64 2
  store double %a_1, ptr %at.4
  %at.5 = getelementptr inbounds double, ptr %out, i64 3
  store double %b_1, ptr %at.5
  br label %while.head
while.head:
  %i.3 = phi i64 [ 0, %i.done.2 ], [ %i_1, %while.body ]
  %f = phi i1 [ false, %i.done.2 ], [ %hit, %while.body ]
  %inside = icmp slt i64 %i.3, %n
  %go = xor i1 %f, true
  %both = and i1 %inside, %go
  br i1 %both, label %while.body, label %while.done
while.body:
  %at.6 = getelementptr inbounds double, ptr %x, i64 %i.3
  %v.2 = load double, ptr %at.6
  %hit = fcmp ogt double %v.2, %limit
  %i_1 = add nsw i64 %i.3, 1
  br label %while.head, !llvm.loop !5
while.done:
  br i1 %f, label %then.1, label %else.1
then.1:
  %last = sub nsw i64 %i.3, 1
  %at.7 = getelementptr inbounds double, ptr %x, i64 %last
  %v.3 = load double, ptr %at.7
  %at.8 = getelementptr inbounds double, ptr %out, i64 4
  store double %v.3, ptr %at.8
  br label %join.1
else.1:
  %at.9 = getelementptr inbounds double, ptr %out, i64 4
  store double -1.0, ptr %at.9
  br label %join.1
join.1:
  br label %i.head.3
i.head.3:
  %i.4 = phi i64 [ 0, %join.1 ], [ %i.next.3, %i.body.3 ]
  %more.5 = icmp slt i64 %i.4, %n
  br i1 %more.5, label %i.body.3, label %i.done.3
i.body.3:
  %at.10 = getelementptr inbounds double, ptr %x, i64 %i.4
  %v.4 = load double, ptr %at.10
  %at.11 = getelementptr inbounds double, ptr %y, i64 %i.4
  %w = load double, ptr %at.11
  %at.12 = getelementptr inbounds double, ptr %x, i64 %i.4
  store double %w, ptr %at.12
  %at.13 = getelementptr inbounds double, ptr %y, i64 %i.4
  store double %v.4, ptr %at.13
  %i.next.3 = add nsw i64 %i.4, 1
  br label %i.head.3, !llvm.loop !6
i.done.3:
  br label %while.head.1
while.head.1:
  %h = phi double [ %limit, %i.done.3 ], [ %half.1, %while.body.1 ]
  %half = fmul double %h, 0x3FE0000000000000
  %big = fcmp ogt double %half, 1.0
  br i1 %big, label %while.body.1, label %while.done.1
while.body.1:
  %half.1 = fmul double %h, 0x3FE0000000000000
  br label %while.head.1
while.done.1:
  %at.14 = getelementptr inbounds double, ptr %out, i64 5
  store double %h, ptr %at.14
  ret i32 0
}

attributes #0 = { nofree norecurse nosync nounwind }
attributes #2 = { nofree noinline norecurse nosync nounwind memory(argmem: readwrite) }

!0 = !{!"llvm.loop.mustprogress"}
!1 = distinct !{!1, !0}
!2 = distinct !{!2, !0}
!3 = distinct !{!3, !0}
!4 = distinct !{!4, !0}
!5 = distinct !{!5, !0}
!6 = distinct !{!6, !0}
