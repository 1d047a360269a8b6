//! The functions of LiteRT's C API that are called, with their types as release 2.3.0 has them.
//!
//! Source: `litert/c/*.h` of google-ai-edge/LiteRT.

use std::ffi::{c_char, c_int, c_void};

use crate::runtime::functions::functions;

/// 0 is good.
pub(crate) type Status = c_int;
pub(crate) type Environment = *mut c_void;
pub(crate) type Model = *mut c_void;
pub(crate) type Signature = *mut c_void;
pub(crate) type Tensor = *mut c_void;
pub(crate) type Options = *mut c_void;
pub(crate) type OpaqueOptions = *mut c_void;
pub(crate) type CompiledModel = *mut c_void;
pub(crate) type Requirements = *mut c_void;
pub(crate) type TensorBuffer = *mut c_void;

/// `LiteRtEnvOption` with a `LiteRtAny` that holds an integer.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub(crate) struct EnvironmentOption {
    tag: c_int,
    value: Any,
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
struct Any {
    kind: c_int,
    value: i64,
}

impl EnvironmentOption {
    /// Hardware that LiteRT may look for, a bit each.
    pub const ACCELERATORS: c_int = 24;
    /// The least severity of log lines that are written: 0 verbose to 3 errors.
    pub const LEAST_SEVERITY: c_int = 25;

    pub fn integer(tag: c_int, value: i64) -> Self {
        const INTEGER: c_int = 2;
        Self { tag, value: Any { kind: INTEGER, value } }
    }
}

/// `LiteRtRankedTensorType`.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct TensorType {
    element: c_int,
    rank_and_has_strides: u32,
    dimensions: [i32; 8],
    strides: [u32; 8],
}

const _: () = assert!(size_of::<TensorType>() == 72 && size_of::<EnvironmentOption>() == 24);

functions! {
    /// The functions; whoever calls one keeps the contract of its header.
    Api {
        create_environment = "LiteRtCreateEnvironment"(c_int, *const EnvironmentOption, *mut Environment) -> Status;
        destroy_environment = "LiteRtDestroyEnvironment"(Environment);
        create_model = "LiteRtCreateModelFromBuffer"(Environment, *const c_void, usize, *mut Model) -> Status;
        destroy_model = "LiteRtDestroyModel"(Model);
        count_signatures = "LiteRtGetNumModelSignatures"(Model, *mut usize) -> Status;
        signature = "LiteRtGetModelSignature"(Model, usize, *mut Signature) -> Status;
        signature_name = "LiteRtGetSignatureKey"(Signature, *mut *const c_char) -> Status;
        count_inputs = "LiteRtGetNumSignatureInputs"(Signature, *mut usize) -> Status;
        count_outputs = "LiteRtGetNumSignatureOutputs"(Signature, *mut usize) -> Status;
        input_name = "LiteRtGetSignatureInputName"(Signature, usize, *mut *const c_char) -> Status;
        output_name = "LiteRtGetSignatureOutputName"(Signature, usize, *mut *const c_char) -> Status;
        input_tensor = "LiteRtGetSignatureInputTensorByIndex"(Signature, usize, *mut Tensor) -> Status;
        output_tensor = "LiteRtGetSignatureOutputTensorByIndex"(Signature, usize, *mut Tensor) -> Status;
        tensor_type = "LiteRtGetRankedTensorType"(Tensor, *mut TensorType) -> Status;
        create_options = "LiteRtCreateOptions"(*mut Options) -> Status;
        destroy_options = "LiteRtDestroyOptions"(Options);
        set_accelerators = "LiteRtSetOptionsHardwareAccelerators"(Options, c_int) -> Status;
        create_opaque_options = "LiteRtCreateOpaqueOptions"(
            *const c_char, *mut c_void, Option<unsafe extern "C" fn(*mut c_void)>, *mut OpaqueOptions
        ) -> Status;
        destroy_opaque_options = "LiteRtDestroyOpaqueOptions"(OpaqueOptions);
        add_opaque_options = "LiteRtAddOpaqueOptions"(Options, OpaqueOptions) -> Status;
        create_compiled_model = "LiteRtCreateCompiledModel"(Environment, Model, Options, *mut CompiledModel) -> Status;
        destroy_compiled_model = "LiteRtDestroyCompiledModel"(CompiledModel);
        input_requirements = "LiteRtGetCompiledModelInputBufferRequirements"(
            CompiledModel, usize, usize, *mut Requirements
        ) -> Status;
        output_requirements = "LiteRtGetCompiledModelOutputBufferRequirements"(
            CompiledModel, usize, usize, *mut Requirements
        ) -> Status;
        bytes_required = "LiteRtGetTensorBufferRequirementsBufferSize"(Requirements, *mut usize) -> Status;
        create_buffer = "LiteRtCreateTensorBufferFromHostMemory"(
            *const TensorType, *mut c_void, usize, Option<unsafe extern "C" fn(*mut c_void)>, *mut TensorBuffer
        ) -> Status;
        destroy_buffer = "LiteRtDestroyTensorBuffer"(TensorBuffer);
        run = "LiteRtRunCompiledModel"(
            CompiledModel, usize, usize, *mut TensorBuffer, usize, *mut TensorBuffer
        ) -> Status;
    }
}
