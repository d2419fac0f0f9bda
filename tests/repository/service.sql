CREATE TABLE series (
    id VARCHAR(36) NOT NULL, title VARCHAR(255) NOT NULL, description TEXT, created_at DATETIME, PRIMARY KEY (id)
);
CREATE TABLE episodes (
    id VARCHAR(36) NOT NULL, series_id VARCHAR(36) NOT NULL, episode_number INTEGER NOT NULL, title VARCHAR(255) NOT NULL,
    PRIMARY KEY (id), FOREIGN KEY(series_id) REFERENCES series (id) ON DELETE CASCADE
);
CREATE TABLE characters (
    id VARCHAR(36) NOT NULL, series_id VARCHAR(36), name VARCHAR(255) NOT NULL, PRIMARY KEY (id),
    FOREIGN KEY(series_id) REFERENCES series (id) ON DELETE CASCADE
);
CREATE TABLE users (id INTEGER NOT NULL, email VARCHAR(255) NOT NULL, PRIMARY KEY (id), UNIQUE (email));
INSERT INTO series VALUES ('series-1', 'A series', NULL, '2026-01-01 00:00:00.000000');
INSERT INTO episodes VALUES ('episode-1', 'series-1', 1, 'An episode');
INSERT INTO users VALUES (1, 'someone@example.org');
CREATE TABLE video_generation_jobs (
    id VARCHAR(36) NOT NULL,
    job_type VARCHAR(50) NOT NULL,
    mode VARCHAR(20),
    status VARCHAR(50),
    content TEXT,
    user_requirement TEXT,
    style VARCHAR(255),
    project_title VARCHAR(255),
    request_data JSON,
    context JSON,
    progress FLOAT,
    current_stage VARCHAR(255),
    working_dir VARCHAR(500),
    result_data JSON,
    error_message TEXT,
    total_shots INTEGER,
    completed_shots INTEGER,
    episode_id VARCHAR(36),
    series_id VARCHAR(36),
    created_at DATETIME,
    updated_at DATETIME,
    started_at DATETIME,
    completed_at DATETIME,
    PRIMARY KEY (id),
    FOREIGN KEY(episode_id) REFERENCES episodes (id) ON DELETE SET NULL,
    FOREIGN KEY(series_id) REFERENCES series (id) ON DELETE SET NULL
);
