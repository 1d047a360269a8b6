//! The functions of OpenVINO's C API that are called, with their types as release 2026.4.1 has them.
//!
//! Source: `src/bindings/c/include/openvino/c/*.h` of openvinotoolkit/openvino.

use std::ffi::{c_char, c_int, c_void};

use crate::runtime::functions::functions;

/// 0 is good.
pub(crate) type Status = c_int;
pub(crate) type Core = *mut c_void;
pub(crate) type Model = *mut c_void;
pub(crate) type CompiledModel = *mut c_void;
pub(crate) type Request = *mut c_void;
pub(crate) type Tensor = *mut c_void;

/// `F32` of `ov_element_type_e`.
pub(crate) const FLOAT32: c_int = 4;

/// `ov_shape_t`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub rank: i64,
    pub dims: *mut i64,
}

/// `ov_property_t`, whose value is text here.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Property {
    pub key: *const c_char,
    pub value: *const c_char,
}

functions! {
    /// The functions; whoever calls one keeps the contract of its header.
    Api {
        create_core = "ov_core_create"(*mut Core) -> Status;
        free_core = "ov_core_free"(Core);
        set_properties = "ov_core_set_properties"(Core, *const c_char, usize, *const Property) -> Status;
        read_model = "ov_core_read_model"(Core, *const c_char, *const c_char, *mut Model) -> Status;
        free_model = "ov_model_free"(Model);
        compile_model = "ov_core_compile_model_props"(
            Core, Model, *const c_char, usize, *const Property, *mut CompiledModel
        ) -> Status;
        export_model = "ov_compiled_model_export_model"(CompiledModel, *const c_char) -> Status;
        import_model = "ov_core_import_model"(
            Core, *const c_char, usize, *const c_char, *mut CompiledModel
        ) -> Status;
        free_compiled_model = "ov_compiled_model_free"(CompiledModel);
        create_request = "ov_compiled_model_create_infer_request"(CompiledModel, *mut Request) -> Status;
        free_request = "ov_infer_request_free"(Request);
        set_input = "ov_infer_request_set_input_tensor"(Request, Tensor) -> Status;
        infer = "ov_infer_request_infer"(Request) -> Status;
        output = "ov_infer_request_get_output_tensor"(Request, *mut Tensor) -> Status;
        create_tensor = "ov_tensor_create"(c_int, Shape, *mut Tensor) -> Status;
        tensor_shape = "ov_tensor_get_shape"(Tensor, *mut Shape) -> Status;
        free_shape = "ov_shape_free"(*mut Shape) -> Status;
        tensor_type = "ov_tensor_get_element_type"(Tensor, *mut c_int) -> Status;
        tensor_data = "ov_tensor_data"(Tensor, *mut *mut c_void) -> Status;
        free_tensor = "ov_tensor_free"(Tensor);
        last_error = "ov_get_last_err_msg"() -> *mut c_char;
        free_text = "ov_free"(*mut c_char);
    }
}
