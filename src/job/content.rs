//! The lengths that the service demands of a client's text (DESIGN section 2): an idea has at least 10 characters, a
//! script at least 50.

/// The error says what the text is and what it should be.
pub fn check_length(mode: Option<&str>, content: Option<&str>) -> Result<(), String> {
    let (what, least) = match mode {
        Some("idea") => ("an idea", 10),
        Some("script") => ("a script", 50),
        _ => return Ok(()),
    };
    let Some(content) = content else {
        return Err(format!("{what} is needed, of at least {least} characters"));
    };
    let length = content.chars().count();
    if length < least {
        return Err(format!(
            "{length} character{}; {what} has at least {least}",
            if length == 1 { "" } else { "s" }
        ));
    }
    Ok(())
}
