//! Bytes in [0, 1], by the two ways that are in use. Tables, as each byte is asked for many times.

/// Divided by 255.
const DIVIDED: [f32; 256] = {
    let mut units = [0.0; 256];
    let mut byte = 0;
    while byte < units.len() {
        units[byte] = byte as f32 / 255.0;
        byte += 1;
    }
    units
};

/// Times 1/255, as `tf.image.convert_image_dtype` does it: the last bit of some is another.
const MULTIPLIED: [f32; 256] = {
    let unit = (1.0f64 / 255.0) as f32;
    let mut units = [0.0; 256];
    let mut byte = 0;
    while byte < units.len() {
        units[byte] = byte as f32 * unit;
        byte += 1;
    }
    units
};

/// A byte divided by 255.
pub(super) fn divided(byte: u8) -> f32 {
    DIVIDED[usize::from(byte)]
}

/// A byte times float32(1/255).
pub(super) fn multiplied(byte: u8) -> f32 {
    MULTIPLIED[usize::from(byte)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dividing_and_multiplying_differ_in_some_last_bits() {
        let differ = (0..=255).filter(|&byte| divided(byte).to_bits() != multiplied(byte).to_bits()).count();
        assert!((1..256).contains(&differ), "{differ}");
        assert!((0..=255).all(|byte| (divided(byte) - multiplied(byte)).abs() <= f32::EPSILON));
        assert_eq!([divided(0), divided(51), divided(255)], [0.0, 0.2, 1.0]);
        assert_eq!([multiplied(0), multiplied(255)], [0.0, 1.0]);
    }
}
