//! Parameters as texts, each with the place that it came from. What was stored first stays where a later place only supplies
//! what is missing: the address comes before the service file, and that before the environment.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use super::keywords::{self, Handling, KEYWORDS};
use super::password::wipe;
use crate::error::Failure;
use crate::text::visible::one_line;

pub(super) struct Setting {
    /// Empty where the default is asked for, whatever a later place says.
    pub value: Vec<u8>,
    /// As messages have it: `from --db`, `from PGPORT`.
    pub origin: String,
}

impl Drop for Setting {
    fn drop(&mut self) {
        wipe(&mut self.value);
    }
}

#[derive(Default)]
pub(super) struct Settings(BTreeMap<&'static str, Setting>);

impl Settings {
    /// The last of several values counts.
    pub(super) fn store(&mut self, name: &'static str, value: &[u8], origin: &str) {
        let setting = Setting {
            value: value.to_vec(),
            origin: origin.to_owned(),
        };
        self.0.insert(name, setting);
    }

    /// Stores a value unless there is one.
    pub(super) fn supply(&mut self, name: &'static str, value: &[u8], origin: &str) {
        if !self.0.contains_key(name) {
            self.store(name, value, origin);
        }
    }

    /// The value, if one is there that is not empty.
    pub(super) fn get(&self, name: &str) -> Option<&Setting> {
        self.0.get(name).filter(|setting| !setting.value.is_empty())
    }

    /// The value even if it is empty.
    pub(super) fn given(&self, name: &str) -> Option<&Setting> {
        self.0.get(name)
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Failure> {
        let Some(setting) = self.get(name) else {
            return Ok(None);
        };
        match std::str::from_utf8(&setting.value) {
            Ok(text) => Ok(Some(text.to_owned())),
            Err(_) => Err(setting.refused(&format!("{name} is not UTF-8"))),
        }
    }

    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        let setting = self.get(name)?;
        Some(PathBuf::from(OsString::from_vec(setting.value.clone())))
    }

    /// One of several values; `fallback` where none is given.
    pub(super) fn choice<T: Copy>(
        &self,
        name: &str,
        choices: &[(&str, T)],
        fallback: T,
    ) -> Result<T, Failure> {
        let Some(setting) = self.given(name) else {
            return Ok(fallback);
        };
        let found = choices
            .iter()
            .find(|(word, _)| word.as_bytes() == setting.value);
        found.map(|(_, choice)| *choice).ok_or_else(|| {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            setting
                .refused(&format!("{name} is \"{}\"", setting.shown()))
                .hint(format!("{name} is one of {}", words.join(", ")))
        })
    }

    /// A whole number with blanks around it, as the C library reads it.
    pub(super) fn number(&self, name: &str) -> Result<Option<i32>, Failure> {
        let Some(setting) = self.given(name) else {
            return Ok(None);
        };
        let unit = match name {
            "tcp_user_timeout" => "it is a number of milliseconds",
            "keepalives" => "it is 1 or 0",
            "keepalives_count" => "it is a number of packets",
            _ => "it is a number of seconds",
        };
        let number = whole(&setting.value).ok_or_else(|| {
            let why = format!(
                "{name} is \"{}\", which is no whole number",
                setting.shown()
            );
            setting.refused(&why).hint(unit)
        });
        number.map(Some)
    }

    /// Refuses what asks for more than can be done here.
    pub(super) fn check_handling(&self) -> Result<(), Failure> {
        for keyword in KEYWORDS {
            let (Handling::OnlyAs(values), Some(setting)) =
                (keyword.handling, self.get(keyword.name))
            else {
                continue;
            };
            if values.iter().all(|value| value.as_bytes() != setting.value) {
                return Err(setting.not_supported(keyword.name));
            }
        }
        Ok(())
    }
}

impl Setting {
    pub(super) fn refused(&self, why: &str) -> Failure {
        Failure::usage(format!("{why} ({})", self.origin))
    }

    /// The value is not told: it may be a secret.
    pub(super) fn not_supported(&self, name: &str) -> Failure {
        let hint = match name {
            "sslpassword" => "give sslkey a key that is not encrypted, for its owner alone (0600)",
            "gssencmode" => "sslmode encrypts the connection",
            _ => "leave it out, if the connection is safe without it",
        };
        self.refused(&format!("{name} is not supported with this value"))
            .hint(hint)
    }

    pub(super) fn shown(&self) -> String {
        one_line(&String::from_utf8_lossy(&self.value)).into_owned()
    }
}

/// The number of a text with blanks around it; None for anything else.
pub(super) fn whole(text: &[u8]) -> Option<i32> {
    std::str::from_utf8(text.trim_ascii()).ok()?.parse().ok()
}

/// The failure for a parameter that nobody knows. A name that may be a part of something else is not shown.
pub(super) fn unknown(name: &[u8], origin: &str) -> Failure {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    match std::str::from_utf8(name) {
        Ok(text) if !text.is_empty() && name.iter().all(is_plain) => {
            Failure::usage(format!("no parameter is called {text} ({origin})"))
                .hint(keywords::hint(text))
        }
        _ => Failure::usage(format!("a parameter's name is none ({origin})"))
            .hint("parameters are NAME=VALUE with & between them"),
    }
}
