//! What of a processor decides which kernels TensorFlow chooses, and so how it rounds.

/// This machine's processor: its architecture, and on x86-64 the vector instructions that TensorFlow and oneDNN choose
/// kernels by, `x86_64-avx2` or `x86_64-avx512-vnni`.
pub(super) fn processor() -> String {
    #[allow(unused_mut, reason = "other processors have nothing to add")]
    let mut name = std::env::consts::ARCH.to_owned();
    #[cfg(target_arch = "x86_64")]
    {
        let avx512 = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl");
        let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        name += match (avx512, avx2) {
            (true, _) => "-avx512",
            (_, true) => "-avx2",
            _ => "",
        };
        // These turn oneDNN on for graphs that don't ask for it.
        for (feature, there) in
            [("-vnni", is_x86_feature_detected!("avx512vnni")), ("-bf16", is_x86_feature_detected!("avx512bf16"))]
        {
            name += if there { feature } else { "" };
        }
    }
    name
}
