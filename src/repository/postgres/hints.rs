//! The next steps that the errors of a server name.

pub(super) const CREATE_DATABASE: &str =
    "createdb makes one; jobctl create or jobctl migrate then makes the table";
pub(super) const CREATE_TABLE: &str =
    "name the service's database with --db, or make the table with jobctl create or jobctl migrate";
pub(super) const OTHER_TABLE: &str =
    "jobctl works on the table as the service makes it; name the service's database with --db";
pub(super) const PASSWORD: &str =
    "see the user, and that ~/.pgpass or PGPASSFILE (mode 0600) has the password";
pub(super) const GRANT: &str =
    "name a user who may, or let the table's owner GRANT that right to this one";
pub(super) const ALL_ROWS: &str = "name a user from whom it hides nothing: one with BYPASSRLS, or the table's owner where it is not forced upon that one; list, show, stats, history and wait tell what this one sees";
pub(super) const REACH: &str = "see the host and the port, and that the server runs; psql with the same address tells the same";
pub(super) const LOST: &str = "try again; what was committed before is kept";
pub(super) const CERTIFICATE: &str = "see sslmode and sslrootcert in the address; sslmode=require encrypts without asking who the server is";
pub(super) const NO_ENCRYPTION: &str =
    "turn ssl on in the server, or say sslmode=prefer in the address";
pub(super) const PRIMARY: &str =
    "name the primary; of several hosts target_session_attrs=read-write finds it";
pub(super) const DAMAGED: &str =
    "stop the server and copy its data folder before anything else; jobctl doctor says more";
pub(super) const FULL: &str = "make room on the server's disk; what was committed before is kept";
pub(super) const BUSY: &str = "try again later, or let its administrator raise max_connections";
pub(super) const VALUE: &str = "PostgreSQL stores no such value there; give another one";
/// The hint at the rules for which the table did not do what was asked.
pub(super) const RULES: &str = "the triggers of the table, its own rules and the tables that refer to it decide that; see: psql -c '\\d video_generation_jobs'";
