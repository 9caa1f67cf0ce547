-- SPDX-License-Identifier: GPL-2.0-or-later
-- Statuses are numbers in the order of their priority, so that max() is the status of a set:
-- 0 SKIP, 1 DONE, 2 PASS, 3 MISS, 4 ERROR, 5 FAIL. Times are microseconds since the epoch, UTC.

CREATE TABLE runs (
	id      INTEGER PRIMARY KEY, -- grows with time
	name    TEXT NOT NULL UNIQUE, -- "20261122-091500-3fa2"
	command TEXT NOT NULL,
	variant TEXT,
	source  TEXT,
	host    TEXT,
	version TEXT,
	started INTEGER NOT NULL,
	ended   INTEGER, -- NULL: running, or killed
	message_id TEXT, -- of the series that was tested, without <>
	altered TEXT -- what makes it no plain run (mutant, injected fault); NULL: nothing
);
-- Few runs are altered; histories leave them out without a look at each run.
CREATE INDEX runs_by_message ON runs (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX runs_by_source ON runs (source, id);
CREATE INDEX runs_altered ON runs (id) WHERE altered IS NOT NULL;

-- One cell of the matrix; the same cell of all runs is what history and comparison follow.
CREATE TABLE cells (
	id      INTEGER PRIMARY KEY,
	name    TEXT NOT NULL UNIQUE, -- "hppa/default/dma-sg/full"
	arch    TEXT NOT NULL,
	board   TEXT NOT NULL,
	job     TEXT NOT NULL,
	variant TEXT NOT NULL
);
CREATE INDEX cells_by_job ON cells (arch, job);

-- What stays the same over many tasks is stored once.
CREATE TABLE kernels (
	id        INTEGER PRIMARY KEY,
	key       TEXT NOT NULL,
	sha256    TEXT NOT NULL, -- of the image; "" when unknown
	release   TEXT,
	compiler  TEXT,
	command   TEXT,
	directory TEXT,
	seconds   REAL, -- of the build that made it
	UNIQUE (key, sha256)
);

CREATE TABLE initramfs (
	id     INTEGER PRIMARY KEY,
	key    TEXT NOT NULL,
	sha256 TEXT NOT NULL,
	UNIQUE (key, sha256)
);

-- The facts of a board as JSON: machine, CPU, memory, cache geometry, snoop policy.
CREATE TABLE platforms (
	id    INTEGER PRIMARY KEY,
	facts TEXT NOT NULL UNIQUE
);

-- The patches of a variant as JSON [{"file", "sha256"}], and their common hash as KCIDB defines it.
CREATE TABLE patchsets (
	id      INTEGER PRIMARY KEY,
	patches TEXT NOT NULL UNIQUE,
	hash    TEXT NOT NULL
);

CREATE TABLE builds (
	id       INTEGER PRIMARY KEY,
	run      INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
	arch     TEXT NOT NULL,
	variant  TEXT NOT NULL,
	status   INTEGER NOT NULL,
	reason   TEXT NOT NULL,
	kernel   INTEGER REFERENCES kernels,
	patchset INTEGER REFERENCES patchsets,
	skipped  TEXT, -- JSON: patches that the source had already
	cached   INTEGER,
	log      TEXT,
	finished INTEGER NOT NULL,
	UNIQUE (run, arch, variant)
);

CREATE TABLE tasks (
	id        INTEGER PRIMARY KEY,
	run       INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
	cell      INTEGER NOT NULL REFERENCES cells,
	status    INTEGER NOT NULL,
	flaky     INTEGER NOT NULL,
	reason    TEXT NOT NULL,
	started   INTEGER NOT NULL,
	seconds   REAL NOT NULL,
	kernel    INTEGER REFERENCES kernels,
	initramfs INTEGER REFERENCES initramfs,
	platform  INTEGER REFERENCES platforms,
	qemu      TEXT -- version
);
CREATE UNIQUE INDEX tasks_by_run ON tasks (run, cell);
-- Covers what a history asks for, so that it touches no task row.
CREATE INDEX tasks_by_cell ON tasks (cell, run, status, flaky, seconds);

CREATE TABLE attempts (
	id            INTEGER PRIMARY KEY,
	task          INTEGER NOT NULL REFERENCES tasks ON DELETE CASCADE,
	number        INTEGER NOT NULL,
	status        INTEGER NOT NULL,
	reason        TEXT NOT NULL,
	excerpt       TEXT,
	started       INTEGER NOT NULL,
	seconds       REAL NOT NULL,
	directory     TEXT, -- artefacts, relative to the state directory
	reproducer    TEXT,
	ending        TEXT, -- how the guest ended: "exit", "panic", ...
	exit_status   INTEGER,
	time_limit    INTEGER,
	error         TEXT,
	guest_seconds REAL,
	channel       INTEGER,
	end_marker    INTEGER,
	lingered      INTEGER,
	channel_error TEXT,
	ktap_error    TEXT,
	program_exit  INTEGER,
	init_end      INTEGER,
	pvpanic       INTEGER,
	console_bytes INTEGER,
	console_cut   INTEGER,
	model         INTEGER,
	model_error   TEXT,
	info          TEXT, -- JSON object
	coverage      TEXT, -- JSON object
	UNIQUE (task, number)
);

CREATE TABLE cases (
	attempt  INTEGER NOT NULL REFERENCES attempts ON DELETE CASCADE,
	position INTEGER NOT NULL,
	name     TEXT NOT NULL,
	status   INTEGER NOT NULL,
	detail   TEXT,
	PRIMARY KEY (attempt, position)
) WITHOUT ROWID;

CREATE TABLE splats (
	attempt        INTEGER NOT NULL REFERENCES attempts ON DELETE CASCADE,
	position       INTEGER NOT NULL,
	class          TEXT NOT NULL,
	reason         TEXT,
	excerpt        TEXT,
	console_offset INTEGER NOT NULL,
	fatal          INTEGER NOT NULL,
	after_end      INTEGER NOT NULL,
	expected       INTEGER NOT NULL,
	PRIMARY KEY (attempt, position)
) WITHOUT ROWID;

CREATE TABLE hazards (
	attempt       INTEGER NOT NULL REFERENCES attempts ON DELETE CASCADE,
	position      INTEGER NOT NULL,
	class         TEXT NOT NULL,
	region        TEXT NOT NULL, -- the window that was open, "" for none
	bucket        TEXT,
	count         INTEGER NOT NULL,
	bytes         INTEGER NOT NULL,
	pc            INTEGER NOT NULL,
	pc_source     TEXT,
	caller        INTEGER NOT NULL,
	caller_source TEXT,
	origin        INTEGER NOT NULL,
	origin_source TEXT,
	va            INTEGER NOT NULL,
	pa            INTEGER NOT NULL,
	colour        INTEGER NOT NULL,
	other_colour  INTEGER NOT NULL,
	expected      INTEGER NOT NULL, -- byte value, -1: unknown
	found         INTEGER NOT NULL,
	buffer        TEXT,
	PRIMARY KEY (attempt, position)
) WITHOUT ROWID;
