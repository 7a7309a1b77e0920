// Vector constants live in the tfjs heap, written there once by the host: V8 rebuilds `f32x4.splat(literal)` in every
// iteration of a loop, while a load from memory costs one instruction (1.7 times the speed on tanh and exp).
// Slot n is 16 bytes at `constants + 16 * n`; each family of functions below owns a range of slots.

/** Address of the table in the heap. */
export let constants: usize = 0;

/** Bytes the host has to reserve for the table. */
export function constantsSize(): i32 {
  return 128 * 16;
}

/** Writes the table at `address` and keeps the address. The host calls it once, before any other kernel. */
export function useConstants(address: usize): void {
  constants = address;
  // 0..12: tanh, a rational approximation of degree 13 over 6 on [-7.905, 7.905] (the one of Eigen and XNNPACK)
  set(0, -7.90531110763549805);
  set(1, 7.90531110763549805);
  set(2, -2.76076847742355e-16);
  set(3, 2.00018790482477e-13);
  set(4, -8.60467152213735e-11);
  set(5, 5.12229709037114e-8);
  set(6, 1.48572235717979e-5);
  set(7, 6.37261928875436e-4);
  set(8, 4.89352455891786e-3);
  set(9, 1.19825839466702e-6);
  set(10, 1.18534705686654e-4);
  set(11, 2.268434632439e-3);
  set(12, 4.89352518554385e-3);
  set(13, 6); // relu6
  // 16..29: exp, argument reduced by 2 ln 2 in two parts, then a minimax polynomial of degree 7 (error 1.5e-8)
  set(16, 0.72134752044448170); // 1 / (2 ln 2)
  set(17, 12582912); // 1.5 * 2^23
  set(18, -1.38671875); // -2 ln 2, upper bits
  set(19, 4.24388880e-4); // the rest
  set(20, 1.9611597437221083e-4);
  set(21, 1.4104469949638514e-3);
  set(22, 8.336103180284002e-3);
  set(23, 4.166126842532318e-2);
  set(24, 1.6666614148662973e-1);
  set(25, 0.5);
  set(26, 1);
  set(27, -104); // e^-104 is below half the smallest denormal
  set(28, 89);
  set(29, 0.69314718); // ln 2
  // 30..41: log, the polynomial in s^2 of fdlibm
  set(30, 1.17549435e-38); // smallest normal number
  set(31, 33554432); // 2^25
  set(32, 25);
  set(33, 0.70710677);
  set(34, 2);
  set(35, 0.24279078841);
  set(36, 0.28498786688);
  set(37, 0.40000972152);
  set(38, 0.66666662693);
  set(39, 6.9313812256e-1); // ln 2, upper bits
  set(40, 9.0580006145e-6); // ln 2, the rest
  set(41, f32.reinterpret_i32(0x7f800000)); // Infinity
  // 42..45: artanh(s) / s in s^2 on [0, 1/9], for ln(1 + t), 0 <= t <= 1 (interpolated at Chebyshev nodes, error 4e-9)
  set(42, 0.1407888918330113);
  set(43, 0.13982578872278584);
  set(44, 0.20012297615355926);
  set(45, 0.33333160820690017);
  // 46..59: erf, a rational approximation of degree 13 over 8 on [-4, 4] (the one of Eigen)
  set(46, -4);
  set(47, 4);
  set(48, -2.72614225801306e-10);
  set(49, 2.77068142495902e-8);
  set(50, -2.10102402082508e-6);
  set(51, -5.69250639462346e-5);
  set(52, -7.34990630326855e-4);
  set(53, -2.95459980854025e-3);
  set(54, -1.60960333262415e-2);
  set(55, -1.45660718464996e-5);
  set(56, -2.13374055278905e-4);
  set(57, -1.68282697438203e-3);
  set(58, -7.37332916720468e-3);
  set(59, -1.42647390514189e-2);
  // 60: exp, last coefficient; 61: the bits of Infinity less those of the smallest normal number
  set(60, 0.5000003463750047);
  set(61, f32.reinterpret_i32(0x7f000000));
  // 62..78: pow in float64: log2 x, a minimax polynomial in s^2 (error 4e-12), and 2^f on [-1/2, 1/2] (error 2e-9)
  setBits(62, 0x3ff0000000000000 - 0x3fe6a09e667f3bcd); // bits of 1 less those of sqrt(1/2)
  set2(63, 4503599627370496); // 2^52
  set2(64, 4503599627371519); // 2^52 + 1023
  set2(65, 1);
  set2(66, 2.885390081790137);
  set2(67, 0.9617966732300568);
  set2(68, 0.5770836072484552);
  set2(69, 0.4116714136324012);
  set2(70, 0.3407532483696439);
  set2(71, 200); // 2^200 and 2^-200 are Infinity and 0 in float32
  set2(72, 6755399441055744); // 1.5 * 2^52
  set2(73, 0.6931472028550594);
  set2(74, 0.24022647913590398);
  set2(75, 0.05550332471137078);
  set2(76, 0.009618437362026359);
  set2(77, 0.0013398874409803814);
  set2(78, 0.00015353360740893952);
  // 80..89: activations
  set(80, 1.0507009873554805); // selu: scale
  set(81, 1.7580993408473766); // selu: scale alpha
  set(82, 0.7071067811865476); // sqrt(1 / 2)
  set(83, 0.3989422804014327); // 1 / sqrt(2 pi)
  set(84, 1.5957691216057308); // 2 sqrt(2 / pi)
  set(85, 0.044715);
  set(86, 0.134145); // 3 * 0.044715
  set(87, 3);
  set(88, 0.16666666666666666);
  set(89, 40); // above it mish(x) is x in float32
  // 90..95: losses
  set(90, -100); // the floor of ln p in bce
  set(91, 1e-12); // the floor of p (1 - p) in its gradient
}

function set(slot: i32, value: f32): void {
  v128.store(constants + (<usize>slot << 4), f32x4.splat(value));
}

function set2(slot: i32, value: f64): void {
  v128.store(constants + (<usize>slot << 4), f64x2.splat(value));
}

function setBits(slot: i32, value: i64): void {
  v128.store(constants + (<usize>slot << 4), i64x2.splat(value));
}
