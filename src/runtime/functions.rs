//! A library's functions, by name.

/// Declares a struct of a library's functions and how it is resolved: every function at once.
macro_rules! functions {
    ($(#[$about:meta])* $struct:ident { $($name:ident = $symbol:literal ($($argument:ty),*) $(-> $result:ty)?;)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy)]
        pub(crate) struct $struct {
            $(pub $name: unsafe extern "C" fn($($argument),*) $(-> $result)?,)*
        }

        impl $struct {
            /// All functions out of `library`.
            ///
            /// # Errors
            /// Names of those that it lacks.
            ///
            /// # Safety
            /// The library is of the release whose functions have these types; they are not called once it is unloaded.
            pub unsafe fn resolve(library: &libloading::Library) -> Result<Self, Vec<&'static str>> {
                let mut missing = Vec::new();
                $(
                    // SAFETY: the caller says that the function is of this type.
                    let $name = unsafe { library.get(concat!($symbol, "\0").as_bytes()) }.map(|symbol| *symbol).ok();
                    if $name.is_none() {
                        missing.push($symbol);
                    }
                )*
                match ($($name,)*) {
                    ($(Some($name),)*) => Ok(Self { $($name),* }),
                    _ => Err(missing),
                }
            }
        }
    };
}

pub(super) use functions;
