-- The job table of the report "Unified Job Storage", to the letter, with its three indexes.
CREATE TABLE video_generation_jobs (
    id VARCHAR(36) PRIMARY KEY,
    job_type VARCHAR(50) NOT NULL,
    mode VARCHAR(20),
    status VARCHAR(50) DEFAULT 'queued',
    content TEXT,
    user_requirement TEXT,
    style VARCHAR(255),
    project_title VARCHAR(255),
    request_data JSON,
    context JSON,
    progress FLOAT DEFAULT 0.0,
    current_stage VARCHAR(255),
    working_dir VARCHAR(500),
    result_data JSON,
    error_message TEXT,
    total_shots INTEGER DEFAULT 0,
    completed_shots INTEGER DEFAULT 0,
    episode_id VARCHAR(36),
    series_id VARCHAR(36),
    created_at DATETIME DEFAULT CURRENT_TIMESTAMP,
    updated_at DATETIME DEFAULT CURRENT_TIMESTAMP,
    started_at DATETIME,
    completed_at DATETIME,
    FOREIGN KEY (episode_id) REFERENCES episodes(id) ON DELETE SET NULL,
    FOREIGN KEY (series_id) REFERENCES series(id) ON DELETE SET NULL
);

CREATE INDEX idx_job_status ON video_generation_jobs(status);
CREATE INDEX idx_job_type ON video_generation_jobs(job_type);
CREATE INDEX idx_job_created ON video_generation_jobs(created_at);
