//! FarmHash's `Fingerprint64`, with which TensorFlow takes checksums of SavedModels. Source: Google's farmhash.cc,
//! namespace `farmhashna`. (The crate `farmhash` 1.1.5 gives other numbers for lengths that 64 divides.)

const K0: u64 = 0xC3A5_C85C_97CB_3127;
const K1: u64 = 0xB492_B66F_BE98_F273;
const K2: u64 = 0x9AE1_6A3B_2F90_404F;

/// The fingerprint of `bytes`.
pub(super) fn fingerprint64(bytes: &[u8]) -> u64 {
    match bytes.len() {
        0..=16 => up_to_16(bytes),
        17..=32 => up_to_32(bytes),
        33..=64 => up_to_64(bytes),
        _ => longer(bytes),
    }
}

fn fetch64(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |chunk| u64::from_le_bytes(*chunk))
}

fn fetch32(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |chunk| u64::from(u32::from_le_bytes(*chunk)))
}

fn shift_mix(value: u64) -> u64 {
    value ^ (value >> 47)
}

fn mix(u: u64, v: u64, multiplier: u64) -> u64 {
    let a = shift_mix((u ^ v).wrapping_mul(multiplier));
    shift_mix((v ^ a).wrapping_mul(multiplier)).wrapping_mul(multiplier)
}

fn multiplier(length: usize) -> u64 {
    K2.wrapping_add(length as u64 * 2)
}

fn up_to_16(bytes: &[u8]) -> u64 {
    let length = bytes.len();
    let multiplier = multiplier(length);
    match length {
        8.. => {
            let a = fetch64(bytes, 0).wrapping_add(K2);
            let b = fetch64(bytes, length - 8);
            let c = b.rotate_right(37).wrapping_mul(multiplier).wrapping_add(a);
            let d = a.rotate_right(25).wrapping_add(b).wrapping_mul(multiplier);
            mix(c, d, multiplier)
        }
        4.. => mix((length as u64).wrapping_add(fetch32(bytes, 0) << 3), fetch32(bytes, length - 4), multiplier),
        1.. => {
            let [a, b, c] = [bytes[0], bytes[length / 2], bytes[length - 1]].map(u64::from);
            let (y, z) = (a + (b << 8), length as u64 + (c << 2));
            shift_mix(y.wrapping_mul(K2) ^ z.wrapping_mul(K0)).wrapping_mul(K2)
        }
        0 => K2,
    }
}

/// What the middle lengths begin with: `a`, `b`, and the two sums of the first and last 16 bytes.
fn ends(bytes: &[u8], first: u64) -> [u64; 3] {
    let length = bytes.len();
    let a = fetch64(bytes, 0).wrapping_mul(first);
    let b = fetch64(bytes, 8);
    let c = fetch64(bytes, length - 8).wrapping_mul(multiplier(length));
    let d = fetch64(bytes, length - 16).wrapping_mul(K2);
    let y = a.wrapping_add(b).rotate_right(43).wrapping_add(c.rotate_right(30)).wrapping_add(d);
    [a, y, a.wrapping_add(b.wrapping_add(K2).rotate_right(18)).wrapping_add(c)]
}

fn up_to_32(bytes: &[u8]) -> u64 {
    let [_, y, z] = ends(bytes, K1);
    mix(y, z, multiplier(bytes.len()))
}

fn up_to_64(bytes: &[u8]) -> u64 {
    let length = bytes.len();
    let multiplier = multiplier(length);
    let [a, y, sum] = ends(bytes, K2);
    let z = mix(y, sum, multiplier);
    let e = fetch64(bytes, 16).wrapping_mul(multiplier);
    let f = fetch64(bytes, 24);
    let g = y.wrapping_add(fetch64(bytes, length - 32)).wrapping_mul(multiplier);
    let h = z.wrapping_add(fetch64(bytes, length - 24)).wrapping_mul(multiplier);
    let left = e.wrapping_add(f).rotate_right(43).wrapping_add(g.rotate_right(30)).wrapping_add(h);
    mix(left, e.wrapping_add(f.wrapping_add(a).rotate_right(18)).wrapping_add(g), multiplier)
}

/// The state of the long lengths.
struct State {
    x: u64,
    y: u64,
    z: u64,
    v: (u64, u64),
    w: (u64, u64),
}

impl State {
    /// Takes in the 64 bytes at `at`; the last ones weigh more.
    fn take(&mut self, bytes: &[u8], at: usize, multiplier: u64, weight: u64) {
        let Self { x, y, z, v, w } = self;
        let fetch = |offset| fetch64(bytes, at + offset);
        let sum = x.wrapping_add(*y).wrapping_add(v.0).wrapping_add(fetch(8));
        *x = sum.rotate_right(37).wrapping_mul(multiplier);
        *y = y.wrapping_add(v.1).wrapping_add(fetch(48)).rotate_right(42).wrapping_mul(multiplier);
        *x ^= w.1.wrapping_mul(weight);
        *y = y.wrapping_add(v.0.wrapping_mul(weight)).wrapping_add(fetch(40));
        *z = z.wrapping_add(w.0).rotate_right(33).wrapping_mul(multiplier);
        *v = weak(bytes, at, v.1.wrapping_mul(multiplier), x.wrapping_add(w.0));
        *w = weak(bytes, at + 32, z.wrapping_add(w.1), y.wrapping_add(fetch(16)));
        std::mem::swap(z, x);
    }
}

/// 32 bytes and two seeds, weakly mixed.
fn weak(bytes: &[u8], at: usize, a: u64, b: u64) -> (u64, u64) {
    let [w, x, y, z] = [0, 8, 16, 24].map(|offset| fetch64(bytes, at + offset));
    let first = a.wrapping_add(w);
    let b = b.wrapping_add(first).wrapping_add(z).rotate_right(21);
    let sum = first.wrapping_add(x).wrapping_add(y);
    (sum.wrapping_add(z), b.wrapping_add(sum.rotate_right(44)).wrapping_add(first))
}

fn longer(bytes: &[u8]) -> u64 {
    const SEED: u64 = 81;
    let y = SEED.wrapping_mul(K1).wrapping_add(113);
    let z = shift_mix(y.wrapping_mul(K2).wrapping_add(113)).wrapping_mul(K2);
    let x = SEED.wrapping_mul(K2).wrapping_add(fetch64(bytes, 0));
    let mut state = State { x, y, z, v: (0, 0), w: (0, 0) };
    // The last block is the file's last 64 bytes, which may lie over the one before.
    let blocks = (bytes.len() - 1) / 64;
    for block in 0..blocks {
        state.take(bytes, block * 64, K1, 1);
    }
    let multiplier = K1.wrapping_add((state.z & 0xFF) << 1);
    state.w.0 = state.w.0.wrapping_add((bytes.len() as u64 - 1) & 63);
    state.v.0 = state.v.0.wrapping_add(state.w.0);
    state.w.0 = state.w.0.wrapping_add(state.v.0);
    state.take(bytes, bytes.len() - 64, multiplier, 9);
    let State { x, y, z, v, w } = state;
    let left = mix(v.0, w.0, multiplier).wrapping_add(shift_mix(y).wrapping_mul(K0)).wrapping_add(z);
    mix(left, mix(v.1, w.1, multiplier).wrapping_add(x), multiplier)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the bytes `i * 7 % 251`, as `tf.fingerprint` of TensorFlow 2.18.1 gives them.
    const EXPECTED: [(usize, u64); 17] = [
        (0, 11160318154034397263),
        (1, 13718060045003475796),
        (3, 7836721383716570152),
        (4, 365121004050576997),
        (7, 1123016345076934235),
        (8, 15872949792654440359),
        (16, 18136686206037405083),
        (17, 11915285948536389748),
        (32, 764915578794662492),
        (33, 18105585573320925255),
        (63, 12502309870682690639),
        (64, 9001590363970424565),
        (65, 12241068543928303612),
        (127, 13174843887380237625),
        (128, 651049388705982093),
        (129, 11514278634614915057),
        (4096, 5773110227188832431),
    ];

    #[test]
    fn the_numbers_are_tensorflows() {
        for (length, expected) in EXPECTED {
            let bytes: Vec<_> = (0..length).map(|at| (at * 7 % 251) as u8).collect();
            assert_eq!(fingerprint64(&bytes), expected, "{length}");
        }
    }
}
