//! A session for statements that no transaction may hold, and in which a lock is waited for as long as in one all the same. The limit is a
//! setting that the connection begins with and ends with, so that no other one meets it.

use super::connect::connect;
use super::errors::Label;
use super::session::{Session, lock_timeout};
use crate::repository::postgres::address::ConnectionParameters;

/// None where none is to be had: a pooler takes no such settings.
pub(in crate::repository::postgres) fn limited(
    parameters: &ConnectionParameters,
    label: &Label,
) -> Option<Session> {
    let limit = format!("-c lock_timeout={}", lock_timeout(label.wait));
    let options = match &parameters.options {
        Some(own) => format!("{own} {limit}"),
        None => limit,
    };
    let parameters = ConnectionParameters {
        options: Some(options),
        ..parameters.clone()
    };
    connect(&parameters, label).ok()
}
