//! The stores that dumps come from.

/// The store of a record, recognized by the record's marks (DESIGN section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Store {
    /// `jobs` of `api_server`
    ApiServer,
    /// `pipeline_jobs` of the direct pipeline
    DirectPipeline,
    /// `VideoJobManager`'s cache and the unified API
    JobManager,
    /// archives and exports of jobctl
    Jobctl,
    /// of no known shape
    Unknown,
}

impl Store {
    pub const ALL: [Store; 5] = [
        Store::ApiServer,
        Store::DirectPipeline,
        Store::JobManager,
        Store::Jobctl,
        Store::Unknown,
    ];

    /// The name in summaries and under `context.legacy.store`.
    pub fn name(self) -> &'static str {
        match self {
            Store::ApiServer => "api_server",
            Store::DirectPipeline => "direct_pipeline",
            Store::JobManager => "job_manager",
            Store::Jobctl => "jobctl",
            Store::Unknown => "unknown",
        }
    }
}
