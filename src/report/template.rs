//! Pages: one file each, made of a template and what it shares with the others.
//!
//! All text goes through the template's escaping, control characters shown, all data as JSON through `tojson`, which leaves
//! no `<` in it.

use std::io::{self, Write};

use minijinja::{Environment, Value, escape_formatter};

use crate::shown;

/// What pages share.
const SHARED: [(&str, &str); 2] = [("style.css", include_str!("style.css")), ("theme.js", include_str!("theme.js"))];

/// Writes the page of `template` and what is in `context` to `output`.
///
/// # Errors
/// Whatever `output` says.
pub fn write(template: &str, context: Value, output: &mut dyn Write) -> io::Result<()> {
    let mut templates = Environment::new();
    templates.set_formatter(|output, state, value| match value.as_str() {
        // What is safe came out of `tojson`.
        Some(json) if value.is_safe() => {
            escape_formatter(output, state, &Value::from_safe_string(shown::json(json).into_owned()))
        }
        Some(text) => escape_formatter(output, state, &Value::from(shown::shown_lines(text))),
        None => escape_formatter(output, state, value),
    });
    for (name, part) in SHARED {
        templates.add_template(name, part).map_err(io::Error::other)?;
    }
    templates.add_template("page.html", template).map_err(io::Error::other)?;
    let page = templates.get_template("page.html").map_err(io::Error::other)?;
    page.render_captured_to(context, output).map_err(io::Error::other)?;
    Ok(())
}
