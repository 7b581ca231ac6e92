;; C = A · Bᵀ with SIMD: row i of A times row j of B, four floats of both at a time.
;;
;; A (rows × depth), B (columns × depth) and C (rows × columns) are float32, row-major, at the byte addresses $a, $b, $c;
;; depth and columns are multiples of 4. Tiles of 2×4 sums are kept in registers: 6 loads for 32 products.
;; `python -m tests.web.assemble` makes multiply.js from this file.

(module
  (memory (import "kernel" "memory") 1)

  ;; The sum of each of four vectors, as one vector.
  (func $sums (param $p v128) (param $q v128) (param $r v128) (param $s v128) (result v128)
    (local $pq v128) (local $rs v128)
    (local.set $pq (f32x4.add  ;; p0+p2, q0+q2, p1+p3, q1+q3
      (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $p) (local.get $q))
      (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $p) (local.get $q))))
    (local.set $rs (f32x4.add
      (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $r) (local.get $s))
      (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $r) (local.get $s))))
    (f32x4.add
      (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $pq) (local.get $rs))
      (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $pq) (local.get $rs))))

  (func (export "multiply")
    (param $a i32) (param $b i32) (param $c i32) (param $rows i32) (param $depth i32) (param $columns i32)
    (local $length i32)  ;; of a row of A or B, in bytes
    (local $step i32)  ;; to the second row of the tile, in bytes: 0 where A has an odd row left, which is then done twice
    (local $last i32)  ;; the last row of A
    (local $row i32) (local $out i32) (local $tile i32)
    (local $a0 i32) (local $b0 i32) (local $b1 i32) (local $b2 i32) (local $b3 i32) (local $end i32)
    (local $x v128) (local $y v128) (local $w v128)
    (local $x0 v128) (local $x1 v128) (local $x2 v128) (local $x3 v128)
    (local $y0 v128) (local $y1 v128) (local $y2 v128) (local $y3 v128)

    (local.set $length (i32.shl (local.get $depth) (i32.const 2)))
    (local.set $last (i32.add (local.get $a) (i32.mul (i32.sub (local.get $rows) (i32.const 1)) (local.get $length))))
    (local.set $columns (i32.shl (local.get $columns) (i32.const 2)))
    (local.set $tile (local.get $c))
    (loop $columns_of_c  ;; four at a time: those rows of B stay in the nearest cache
      (local.set $row (local.get $a))
      (local.set $out (local.get $tile))
      (loop $rows_of_c  ;; two at a time
        (local.set $step (select (local.get $length) (i32.const 0) (i32.lt_u (local.get $row) (local.get $last))))
        (local.set $a0 (local.get $row))
        (local.set $b0 (local.get $b))
        (local.set $b1 (i32.add (local.get $b0) (local.get $length)))
        (local.set $b2 (i32.add (local.get $b1) (local.get $length)))
        (local.set $b3 (i32.add (local.get $b2) (local.get $length)))
        (local.set $end (local.get $b1))
        (local.set $x0 (v128.const f32x4 0 0 0 0))
        (local.set $x1 (v128.const f32x4 0 0 0 0))
        (local.set $x2 (v128.const f32x4 0 0 0 0))
        (local.set $x3 (v128.const f32x4 0 0 0 0))
        (local.set $y0 (v128.const f32x4 0 0 0 0))
        (local.set $y1 (v128.const f32x4 0 0 0 0))
        (local.set $y2 (v128.const f32x4 0 0 0 0))
        (local.set $y3 (v128.const f32x4 0 0 0 0))
        (loop $depth_of_both
          (local.set $x (v128.load (local.get $a0)))
          (local.set $y (v128.load (i32.add (local.get $a0) (local.get $step))))
          (local.set $w (v128.load (local.get $b0)))
          (local.set $x0 (f32x4.add (local.get $x0) (f32x4.mul (local.get $x) (local.get $w))))
          (local.set $y0 (f32x4.add (local.get $y0) (f32x4.mul (local.get $y) (local.get $w))))
          (local.set $w (v128.load (local.get $b1)))
          (local.set $x1 (f32x4.add (local.get $x1) (f32x4.mul (local.get $x) (local.get $w))))
          (local.set $y1 (f32x4.add (local.get $y1) (f32x4.mul (local.get $y) (local.get $w))))
          (local.set $w (v128.load (local.get $b2)))
          (local.set $x2 (f32x4.add (local.get $x2) (f32x4.mul (local.get $x) (local.get $w))))
          (local.set $y2 (f32x4.add (local.get $y2) (f32x4.mul (local.get $y) (local.get $w))))
          (local.set $w (v128.load (local.get $b3)))
          (local.set $x3 (f32x4.add (local.get $x3) (f32x4.mul (local.get $x) (local.get $w))))
          (local.set $y3 (f32x4.add (local.get $y3) (f32x4.mul (local.get $y) (local.get $w))))
          (local.set $a0 (i32.add (local.get $a0) (i32.const 16)))
          (local.set $b1 (i32.add (local.get $b1) (i32.const 16)))
          (local.set $b2 (i32.add (local.get $b2) (i32.const 16)))
          (local.set $b3 (i32.add (local.get $b3) (i32.const 16)))
          (br_if $depth_of_both
            (i32.lt_u (local.tee $b0 (i32.add (local.get $b0) (i32.const 16))) (local.get $end))))
        (v128.store (local.get $out)
          (call $sums (local.get $x0) (local.get $x1) (local.get $x2) (local.get $x3)))
        (if (local.get $step) (then
          (v128.store (i32.add (local.get $out) (local.get $columns))
            (call $sums (local.get $y0) (local.get $y1) (local.get $y2) (local.get $y3)))))
        (local.set $out (i32.add (local.get $out) (i32.shl (local.get $columns) (i32.const 1))))
        (br_if $rows_of_c (i32.le_u
          (local.tee $row (i32.add (local.get $row) (i32.shl (local.get $length) (i32.const 1))))
          (local.get $last))))
      (local.set $b (local.get $b3))
      (br_if $columns_of_c (i32.lt_u
        (local.tee $tile (i32.add (local.get $tile) (i32.const 16)))
        (i32.add (local.get $c) (local.get $columns)))))))
