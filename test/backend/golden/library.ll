define i32 @curve_0(ptr %args) #0 {
  %x = load ptr, ptr %args
  %slot = getelementptr inbounds i8, ptr %args, i64 8
  %n = load i64, ptr %slot
  %slot.1 = getelementptr inbounds i8, ptr %args, i64 24
  %y = load ptr, ptr %slot.1
  %status = call i32 @curve_0.body(ptr %x, i64 %n, ptr %y)
  ret i32 %status
}

define internal i32 @curve_0.body(ptr noalias readonly noundef align 8 %x, i64 noundef %n, ptr noalias writeonly noundef align 8 %y) #1 {
entry:
  br label %i.head
i.head:
  %i = phi i64 [ 0, %entry ], [ %i.next, %i.body ]
  %more = icmp slt i64 %i, %n
  br i1 %more, label %i.body, label %i.done
i.body:
  %at = getelementptr inbounds double, ptr %x, i64 %i
  %v = load double, ptr %at
  %s = call double @math.sin(double %v)
  %w = fmul contract double %s, 2.0
  %at.1 = getelementptr inbounds double, ptr %y, i64 %i
  store double %w, ptr %at.1
  %i.next = add nsw i64 %i, 1
  br label %i.head, !llvm.loop !1
i.done:
  ret i32 0
}

define internal double @math.sin(double noundef %x) #3 {
entry:
  %size = call double @llvm.fabs.f64(double %x)
  %huge = fcmp ogt double %size, 1000.0
  %square = fmul double %x, %x
  %bits = bitcast double %square to i64
  %high = lshr i64 %bits, 32
  %high.1 = trunc i64 %high to i32
  br i1 %huge, label %then, label %else
then:
  %far = call double @math.sinLarge(double %x) "vector-function-abi-variant"="_ZGV_LLVM_M2v_math.sinLarge(math.sinLarge.v2),_ZGV_LLVM_M4v_math.sinLarge(math.sinLarge.v4),_ZGV_LLVM_M8v_math.sinLarge(math.sinLarge.v8),_ZGV_LLVM_M16v_math.sinLarge(math.sinLarge.v16)"
  br label %join
else:
  %bits.1 = bitcast double %square to i64
  %low = trunc i64 %bits.1 to i32
  %wide = zext i32 %high.1 to i64
  %wide.1 = zext i32 %low to i64
  %upper = shl nuw i64 %wide, 32
  %bits.2 = or i64 %upper, %wide.1
  %part = bitcast i64 %bits.2 to double
  %term = fmul double %part, 0xBFC5555555555555
  %sum = fadd double %term, 1.0
  %near = fmul double %sum, %x
  br label %join
join:
  %sine = phi double [ %far, %then ], [ %near, %else ]
  ret double %sine
}

define internal double @math.sinLarge(double noundef %x) #5 {
entry:
  br label %i.head
i.head:
  %i = phi i64 [ 0, %entry ], [ %i.next, %i.body ]
  %z = phi double [ %x, %entry ], [ %half, %i.body ]
  %more = icmp slt i64 %i, 3
  br i1 %more, label %i.body, label %i.done
i.body:
  %half = fmul double %z, 0x3FE0000000000000
  %i.next = add nsw i64 %i, 1
  br label %i.head, !llvm.loop !2
i.done:
  ret double %z
}

define <2 x double> @math.sinLarge.v2(<2 x double> %x0, <2 x i1> %mask) #5 {
entry:
  %bits = bitcast <2 x i1> %mask to i2
  %none = icmp eq i2 %bits, 0
  br i1 %none, label %done, label %lane0
lane0:
  %wanted0 = extractelement <2 x i1> %mask, i32 0
  br i1 %wanted0, label %call0, label %next0
call0:
  %x0.0 = extractelement <2 x double> %x0, i32 0
  %y0 = call double @math.sinLarge(double %x0.0)
  %with0 = insertelement <2 x double> zeroinitializer, double %y0, i32 0
  br label %next0
next0:
  %r0 = phi <2 x double> [ zeroinitializer, %lane0 ], [ %with0, %call0 ]
  br label %lane1
lane1:
  %wanted1 = extractelement <2 x i1> %mask, i32 1
  br i1 %wanted1, label %call1, label %next1
call1:
  %x0.1 = extractelement <2 x double> %x0, i32 1
  %y1 = call double @math.sinLarge(double %x0.1)
  %with1 = insertelement <2 x double> %r0, double %y1, i32 1
  br label %next1
next1:
  %r1 = phi <2 x double> [ %r0, %lane1 ], [ %with1, %call1 ]
  br label %done
done:
  %result = phi <2 x double> [ zeroinitializer, %entry ], [ %r1, %next1 ]
  ret <2 x double> %result
}

define <4 x double> @math.sinLarge.v4(<4 x double> %x0, <4 x i1> %mask) #5 {
entry:
  %bits = bitcast <4 x i1> %mask to i4
  %none = icmp eq i4 %bits, 0
  br i1 %none, label %done, label %lane0
lane0:
  %wanted0 = extractelement <4 x i1> %mask, i32 0
  br i1 %wanted0, label %call0, label %next0
call0:
  %x0.0 = extractelement <4 x double> %x0, i32 0
  %y0 = call double @math.sinLarge(double %x0.0)
  %with0 = insertelement <4 x double> zeroinitializer, double %y0, i32 0
  br label %next0
next0:
  %r0 = phi <4 x double> [ zeroinitializer, %lane0 ], [ %with0, %call0 ]
  br label %lane1
lane1:
  %wanted1 = extractelement <4 x i1> %mask, i32 1
  br i1 %wanted1, label %call1, label %next1
call1:
  %x0.1 = extractelement <4 x double> %x0, i32 1
  %y1 = call double @math.sinLarge(double %x0.1)
  %with1 = insertelement <4 x double> %r0, double %y1, i32 1
  br label %next1
next1:
  %r1 = phi <4 x double> [ %r0, %lane1 ], [ %with1, %call1 ]
  br label %lane2
lane2:
  %wanted2 = extractelement <4 x i1> %mask, i32 2
  br i1 %wanted2, label %call2, label %next2
call2:
  %x0.2 = extractelement <4 x double> %x0, i32 2
  %y2 = call double @math.sinLarge(double %x0.2)
  %with2 = insertelement <4 x double> %r1, double %y2, i32 2
  br label %next2
next2:
  %r2 = phi <4 x double> [ %r1, %lane2 ], [ %with2, %call2 ]
  br label %lane3
lane3:
  %wanted3 = extractelement <4 x i1> %mask, i32 3
  br i1 %wanted3, label %call3, label %next3
call3:
  %x0.3 = extractelement <4 x double> %x0, i32 3
  %y3 = call double @math.sinLarge(double %x0.3)
  %with3 = insertelement <4 x double> %r2, double %y3, i32 3
  br label %next3
next3:
  %r3 = phi <4 x double> [ %r2, %lane3 ], [ %with3, %call3 ]
  br label %done
done:
  %result = phi <4 x double> [ zeroinitializer, %entry ], [ %r3, %next3 ]
  ret <4 x double> %result
}

define <8 x double> @math.sinLarge.v8(<8 x double> %x0, <8 x i1> %mask) #5 {
entry:
  %bits = bitcast <8 x i1> %mask to i8
  %none = icmp eq i8 %bits, 0
  br i1 %none, label %done, label %lane0
lane0:
  %wanted0 = extractelement <8 x i1> %mask, i32 0
  br i1 %wanted0, label %call0, label %next0
call0:
  %x0.0 = extractelement <8 x double> %x0, i32 0
  %y0 = call double @math.sinLarge(double %x0.0)
  %with0 = insertelement <8 x double> zeroinitializer, double %y0, i32 0
  br label %next0
next0:
  %r0 = phi <8 x double> [ zeroinitializer, %lane0 ], [ %with0, %call0 ]
  br label %lane1
lane1:
  %wanted1 = extractelement <8 x i1> %mask, i32 1
  br i1 %wanted1, label %call1, label %next1
call1:
  %x0.1 = extractelement <8 x double> %x0, i32 1
  %y1 = call double @math.sinLarge(double %x0.1)
  %with1 = insertelement <8 x double> %r0, double %y1, i32 1
  br label %next1
next1:
  %r1 = phi <8 x double> [ %r0, %lane1 ], [ %with1, %call1 ]
  br label %lane2
lane2:
  %wanted2 = extractelement <8 x i1> %mask, i32 2
  br i1 %wanted2, label %call2, label %next2
call2:
  %x0.2 = extractelement <8 x double> %x0, i32 2
  %y2 = call double @math.sinLarge(double %x0.2)
  %with2 = insertelement <8 x double> %r1, double %y2, i32 2
  br label %next2
next2:
  %r2 = phi <8 x double> [ %r1, %lane2 ], [ %with2, %call2 ]
  br label %lane3
lane3:
  %wanted3 = extractelement <8 x i1> %mask, i32 3
  br i1 %wanted3, label %call3, label %next3
call3:
  %x0.3 = extractelement <8 x double> %x0, i32 3
  %y3 = call double @math.sinLarge(double %x0.3)
  %with3 = insertelement <8 x double> %r2, double %y3, i32 3
  br label %next3
next3:
  %r3 = phi <8 x double> [ %r2, %lane3 ], [ %with3, %call3 ]
  br label %lane4
lane4:
  %wanted4 = extractelement <8 x i1> %mask, i32 4
  br i1 %wanted4, label %call4, label %next4
call4:
  %x0.4 = extractelement <8 x double> %x0, i32 4
  %y4 = call double @math.sinLarge(double %x0.4)
  %with4 = insertelement <8 x double> %r3, double %y4, i32 4
  br label %next4
next4:
  %r4 = phi <8 x double> [ %r3, %lane4 ], [ %with4, %call4 ]
  br label %lane5
lane5:
  %wanted5 = extractelement <8 x i1> %mask, i32 5
  br i1 %wanted5, label %call5, label %next5
call5:
  %x0.5 = extractelement <8 x double> %x0, i32 5
  %y5 = call double @math.sinLarge(double %x0.5)
  %with5 = insertelement <8 x double> %r4, double %y5, i32 5
  br label %next5
next5:
  %r5 = phi <8 x double> [ %r4, %lane5 ], [ %with5, %call5 ]
  br label %lane6
lane6:
  %wanted6 = extractelement <8 x i1> %mask, i32 6
  br i1 %wanted6, label %call6, label %next6
call6:
  %x0.6 = extractelement <8 x double> %x0, i32 6
  %y6 = call double @math.sinLarge(double %x0.6)
  %with6 = insertelement <8 x double> %r5, double %y6, i32 6
  br label %next6
next6:
  %r6 = phi <8 x double> [ %r5, %lane6 ], [ %with6, %call6 ]
  br label %lane7
lane7:
  %wanted7 = extractelement <8 x i1> %mask, i32 7
  br i1 %wanted7, label %call7, label %next7
call7:
  %x0.7 = extractelement <8 x double> %x0, i32 7
  %y7 = call double @math.sinLarge(double %x0.7)
  %with7 = insertelement <8 x double> %r6, double %y7, i32 7
  br label %next7
next7:
  %r7 = phi <8 x double> [ %r6, %lane7 ], [ %with7, %call7 ]
  br label %done
done:
  %result = phi <8 x double> [ zeroinitializer, %entry ], [ %r7, %next7 ]
  ret <8 x double> %result
}

define <16 x double> @math.sinLarge.v16(<16 x double> %x0, <16 x i1> %mask) #5 {
entry:
  %bits = bitcast <16 x i1> %mask to i16
  %none = icmp eq i16 %bits, 0
  br i1 %none, label %done, label %lane0
lane0:
  %wanted0 = extractelement <16 x i1> %mask, i32 0
  br i1 %wanted0, label %call0, label %next0
call0:
  %x0.0 = extractelement <16 x double> %x0, i32 0
  %y0 = call double @math.sinLarge(double %x0.0)
  %with0 = insertelement <16 x double> zeroinitializer, double %y0, i32 0
  br label %next0
next0:
  %r0 = phi <16 x double> [ zeroinitializer, %lane0 ], [ %with0, %call0 ]
  br label %lane1
lane1:
  %wanted1 = extractelement <16 x i1> %mask, i32 1
  br i1 %wanted1, label %call1, label %next1
call1:
  %x0.1 = extractelement <16 x double> %x0, i32 1
  %y1 = call double @math.sinLarge(double %x0.1)
  %with1 = insertelement <16 x double> %r0, double %y1, i32 1
  br label %next1
next1:
  %r1 = phi <16 x double> [ %r0, %lane1 ], [ %with1, %call1 ]
  br label %lane2
lane2:
  %wanted2 = extractelement <16 x i1> %mask, i32 2
  br i1 %wanted2, label %call2, label %next2
call2:
  %x0.2 = extractelement <16 x double> %x0, i32 2
  %y2 = call double @math.sinLarge(double %x0.2)
  %with2 = insertelement <16 x double> %r1, double %y2, i32 2
  br label %next2
next2:
  %r2 = phi <16 x double> [ %r1, %lane2 ], [ %with2, %call2 ]
  br label %lane3
lane3:
  %wanted3 = extractelement <16 x i1> %mask, i32 3
  br i1 %wanted3, label %call3, label %next3
call3:
  %x0.3 = extractelement <16 x double> %x0, i32 3
  %y3 = call double @math.sinLarge(double %x0.3)
  %with3 = insertelement <16 x double> %r2, double %y3, i32 3
  br label %next3
next3:
  %r3 = phi <16 x double> [ %r2, %lane3 ], [ %with3, %call3 ]
  br label %lane4
lane4:
  %wanted4 = extractelement <16 x i1> %mask, i32 4
  br i1 %wanted4, label %call4, label %next4
call4:
  %x0.4 = extractelement <16 x double> %x0, i32 4
  %y4 = call double @math.sinLarge(double %x0.4)
  %with4 = insertelement <16 x double> %r3, double %y4, i32 4
  br label %next4
next4:
  %r4 = phi <16 x double> [ %r3, %lane4 ], [ %with4, %call4 ]
  br label %lane5
lane5:
  %wanted5 = extractelement <16 x i1> %mask, i32 5
  br i1 %wanted5, label %call5, label %next5
call5:
  %x0.5 = extractelement <16 x double> %x0, i32 5
  %y5 = call double @math.sinLarge(double %x0.5)
  %with5 = insertelement <16 x double> %r4, double %y5, i32 5
  br label %next5
next5:
  %r5 = phi <16 x double> [ %r4, %lane5 ], [ %with5, %call5 ]
  br label %lane6
lane6:
  %wanted6 = extractelement <16 x i1> %mask, i32 6
  br i1 %wanted6, label %call6, label %next6
call6:
  %x0.6 = extractelement <16 x double> %x0, i32 6
  %y6 = call double @math.sinLarge(double %x0.6)
  %with6 = insertelement <16 x double> %r5, double %y6, i32 6
  br label %next6
next6:
  %r6 = phi <16 x double> [ %r5, %lane6 ], [ %with6, %call6 ]
  br label %lane7
lane7:
  %wanted7 = extractelement <16 x i1> %mask, i32 7
  br i1 %wanted7, label %call7, label %next7
call7:
  %x0.7 = extractelement <16 x double> %x0, i32 7
  %y7 = call double @math.sinLarge(double %x0.7)
  %with7 = insertelement <16 x double> %r6, double %y7, i32 7
  br label %next7
next7:
  %r7 = phi <16 x double> [ %r6, %lane7 ], [ %with7, %call7 ]
  br label %lane8
lane8:
  %wanted8 = extractelement <16 x i1> %mask, i32 8
  br i1 %wanted8, label %call8, label %next8
call8:
  %x0.8 = extractelement <16 x double> %x0, i32 8
  %y8 = call double @math.sinLarge(double %x0.8)
  %with8 = insertelement <16 x double> %r7, double %y8, i32 8
  br label %next8
next8:
  %r8 = phi <16 x double> [ %r7, %lane8 ], [ %with8, %call8 ]
  br label %lane9
lane9:
  %wanted9 = extractelement <16 x i1> %mask, i32 9
  br i1 %wanted9, label %call9, label %next9
call9:
  %x0.9 = extractelement <16 x double> %x0, i32 9
  %y9 = call double @math.sinLarge(double %x0.9)
  %with9 = insertelement <16 x double> %r8, double %y9, i32 9
  br label %next9
next9:
  %r9 = phi <16 x double> [ %r8, %lane9 ], [ %with9, %call9 ]
  br label %lane10
lane10:
  %wanted10 = extractelement <16 x i1> %mask, i32 10
  br i1 %wanted10, label %call10, label %next10
call10:
  %x0.10 = extractelement <16 x double> %x0, i32 10
  %y10 = call double @math.sinLarge(double %x0.10)
  %with10 = insertelement <16 x double> %r9, double %y10, i32 10
  br label %next10
next10:
  %r10 = phi <16 x double> [ %r9, %lane10 ], [ %with10, %call10 ]
  br label %lane11
lane11:
  %wanted11 = extractelement <16 x i1> %mask, i32 11
  br i1 %wanted11, label %call11, label %next11
call11:
  %x0.11 = extractelement <16 x double> %x0, i32 11
  %y11 = call double @math.sinLarge(double %x0.11)
  %with11 = insertelement <16 x double> %r10, double %y11, i32 11
  br label %next11
next11:
  %r11 = phi <16 x double> [ %r10, %lane11 ], [ %with11, %call11 ]
  br label %lane12
lane12:
  %wanted12 = extractelement <16 x i1> %mask, i32 12
  br i1 %wanted12, label %call12, label %next12
call12:
  %x0.12 = extractelement <16 x double> %x0, i32 12
  %y12 = call double @math.sinLarge(double %x0.12)
  %with12 = insertelement <16 x double> %r11, double %y12, i32 12
  br label %next12
next12:
  %r12 = phi <16 x double> [ %r11, %lane12 ], [ %with12, %call12 ]
  br label %lane13
lane13:
  %wanted13 = extractelement <16 x i1> %mask, i32 13
  br i1 %wanted13, label %call13, label %next13
call13:
  %x0.13 = extractelement <16 x double> %x0, i32 13
  %y13 = call double @math.sinLarge(double %x0.13)
  %with13 = insertelement <16 x double> %r12, double %y13, i32 13
  br label %next13
next13:
  %r13 = phi <16 x double> [ %r12, %lane13 ], [ %with13, %call13 ]
  br label %lane14
lane14:
  %wanted14 = extractelement <16 x i1> %mask, i32 14
  br i1 %wanted14, label %call14, label %next14
call14:
  %x0.14 = extractelement <16 x double> %x0, i32 14
  %y14 = call double @math.sinLarge(double %x0.14)
  %with14 = insertelement <16 x double> %r13, double %y14, i32 14
  br label %next14
next14:
  %r14 = phi <16 x double> [ %r13, %lane14 ], [ %with14, %call14 ]
  br label %lane15
lane15:
  %wanted15 = extractelement <16 x i1> %mask, i32 15
  br i1 %wanted15, label %call15, label %next15
call15:
  %x0.15 = extractelement <16 x double> %x0, i32 15
  %y15 = call double @math.sinLarge(double %x0.15)
  %with15 = insertelement <16 x double> %r14, double %y15, i32 15
  br label %next15
next15:
  %r15 = phi <16 x double> [ %r14, %lane15 ], [ %with15, %call15 ]
  br label %done
done:
  %result = phi <16 x double> [ zeroinitializer, %entry ], [ %r15, %next15 ]
  ret <16 x double> %result
}

declare double @llvm.fabs.f64(double)

attributes #0 = { nofree norecurse nosync nounwind }
attributes #1 = { mustprogress nofree noinline norecurse nosync nounwind willreturn memory(argmem: readwrite) }
attributes #3 = { alwaysinline mustprogress nofree norecurse nosync nounwind willreturn memory(none) }
attributes #5 = { cold mustprogress nofree noinline norecurse nosync nounwind willreturn memory(none) }

!0 = !{!"llvm.loop.mustprogress"}
!1 = distinct !{!1, !0}
!2 = distinct !{!2, !0}
