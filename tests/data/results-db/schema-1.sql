-- SPDX-License-Identifier: GPL-2.0-or-later
-- A database of schema 1 with one failed test, as it was left behind. Never change it.
PRAGMA application_id = 0x76696661;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
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
INSERT INTO "attempts" VALUES(1,1,1,5,'panic: it fell over',NULL,1767225620000000,3.5,NULL,NULL,'panic',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
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
INSERT INTO "builds" VALUES(1,1,'hppa','full',2,'built',1,1,NULL,0,'/log',1767225610000000);
CREATE TABLE cases (
	attempt  INTEGER NOT NULL REFERENCES attempts ON DELETE CASCADE,
	position INTEGER NOT NULL,
	name     TEXT NOT NULL,
	status   INTEGER NOT NULL,
	detail   TEXT,
	PRIMARY KEY (attempt, position)
) WITHOUT ROWID;
INSERT INTO "cases" VALUES(1,0,'suite/first',2,NULL);
CREATE TABLE cells (
	id      INTEGER PRIMARY KEY,
	name    TEXT NOT NULL UNIQUE, -- "hppa/default/dma-sg/full"
	arch    TEXT NOT NULL,
	board   TEXT NOT NULL,
	job     TEXT NOT NULL,
	variant TEXT NOT NULL
);
INSERT INTO "cells" VALUES(1,'hppa/default/boot/full','hppa','default','boot','full');
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
INSERT INTO "hazards" VALUES(1,0,'R','w',NULL,1,32,4096,NULL,0,NULL,0,NULL,8192,12288,1,2,71,0,NULL);
CREATE TABLE initramfs (
	id     INTEGER PRIMARY KEY,
	key    TEXT NOT NULL,
	sha256 TEXT NOT NULL,
	UNIQUE (key, sha256)
);
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
INSERT INTO "kernels" VALUES(1,'1111111111111111111111111111111111111111111111111111111111111111','','6.12.1','gcc 12.2.0','make','/cache',41.5);
CREATE TABLE patchsets (
	id      INTEGER PRIMARY KEY,
	patches TEXT NOT NULL UNIQUE,
	hash    TEXT NOT NULL
);
INSERT INTO "patchsets" VALUES(1,'[]','');
CREATE TABLE platforms (
	id    INTEGER PRIMARY KEY,
	facts TEXT NOT NULL UNIQUE
);
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
INSERT INTO "runs" VALUES(1,'20260101-000000-0001','orchestrator run','full','linux-source-6.12 6.12.1-1','host','0.1.0',1767225600000000,1767225660000000,NULL,NULL);
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
INSERT INTO "splats" VALUES(1,0,'panic','it fell over',NULL,100,1,0,0);
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
INSERT INTO "tasks" VALUES(1,1,1,5,0,'panic: it fell over',1767225620000000,3.5,1,NULL,NULL,NULL);
CREATE INDEX runs_by_message ON runs (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX runs_by_source ON runs (source, id);
CREATE INDEX runs_altered ON runs (id) WHERE altered IS NOT NULL;
CREATE INDEX cells_by_job ON cells (arch, job);
CREATE UNIQUE INDEX tasks_by_run ON tasks (run, cell);
CREATE INDEX tasks_by_cell ON tasks (cell, run, status, flaky, seconds);
COMMIT;
