//! jobctl and the Python service on one file. `service.py` beside this plays the service, with the SQLAlchemy model in `model.py`.
//! And what jobctl knows of libpq, which Python's drivers are made of, against libpq itself.
//!
//! The Python is `JOBCTL_PYTHON`, else `python3`. Where it has no SQLAlchemy the tests say so and pass, unless `JOBCTL_REQUIRE_INTEROP=1`.

#![allow(unreachable_pub, clippy::unwrap_used)]

#[path = "../cli/args.rs"]
mod args;
mod jobctl_first;
mod libpq;
mod locks;
mod parents;
mod server;
mod service;
mod service_first;
mod times;
mod together;
