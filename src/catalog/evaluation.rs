//! How the published accuracies were measured: which frames of a clip, and how large.
//!
//! Source: the `validation_data` of `official/projects/movinet/configs/yaml/movinet_a*_k600_8x8.yaml`. There, a5's stream
//! network saw 115 frames, not 120, for want of memory.

use super::{FAMILY, Family};

/// Frames a second of the clips that the official models were trained on and measured with.
pub const CLIP_FPS: f64 = 25.0;

/// How a model's accuracy is measured on a clip of [`CLIP_FPS`] frames a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Evaluation {
    /// Frames that the model sees.
    pub frames: usize,
    /// How far they are apart in the clip.
    pub stride: usize,
    /// Pixels of the short side that frames are brought to before the square in the middle is taken.
    pub short: usize,
}

impl Evaluation {
    /// Of a member of the family.
    pub fn of(member: &Family) -> Self {
        Self { frames: member.frames, stride: member.stride, short: member.short }
    }

    /// Of a model that is no member and sees frames of `size` pixels: frames and stride of the smallest member that is
    /// not smaller, or of the largest, and a short side in that member's proportion to its size, rounded.
    pub fn of_size(size: usize) -> Self {
        let [.., largest] = &FAMILY;
        let member = FAMILY.iter().find(|member| member.size >= size).unwrap_or(largest);
        let short = (size * member.short + member.size / 2) / member.size;
        Self { short, ..Self::of(member) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_measured_as_the_official_files_say() {
        let measured = FAMILY.map(|member| (member.name, Evaluation::of(&member)));
        let of = |frames, stride, short| Evaluation { frames, stride, short };
        let expected = [
            ("a0", of(50, 5, 192)),
            ("a1", of(50, 5, 192)),
            ("a2", of(50, 5, 256)),
            ("a3", of(120, 2, 288)),
            ("a4", of(80, 3, 320)),
            ("a5", of(120, 2, 368)),
        ];
        assert_eq!(measured, expected);
    }

    #[test]
    fn rates_are_those_of_the_models_pages_nearly() {
        for member in &FAMILY {
            assert!((CLIP_FPS / member.stride as f64 - member.fps).abs() <= 0.5, "{}", member.name);
        }
    }

    #[test]
    fn other_models_are_measured_as_the_member_that_is_nearest_above() {
        for member in &FAMILY {
            assert_eq!(Evaluation::of_size(member.size), Evaluation::of(member), "{}", member.name);
        }
        let of = |frames, stride, short| Evaluation { frames, stride, short };
        assert_eq!(Evaluation::of_size(96), of(50, 5, 107), "96 * 192 / 172 = 107.2");
        assert_eq!(Evaluation::of_size(173), of(50, 5, 198), "173 * 256 / 224 = 197.7");
        assert_eq!(Evaluation::of_size(640), of(120, 2, 736));
    }
}
