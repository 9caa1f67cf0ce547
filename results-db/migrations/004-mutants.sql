-- SPDX-License-Identifier: GPL-2.0-or-later
-- Runs that are experiments: the good kernel beside mutants of it, each a variant "BASE+NAME".

CREATE TABLE experiments (
	run       INTEGER PRIMARY KEY REFERENCES runs ON DELETE CASCADE,
	selection TEXT NOT NULL -- JSON object: what the command line chose, for going on
);

CREATE TABLE mutants (
	run      INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
	position INTEGER NOT NULL,
	name     TEXT NOT NULL,
	title    TEXT NOT NULL,
	kind     TEXT, -- NULL: a patch of the user's own
	base     TEXT NOT NULL, -- variant
	variant  TEXT NOT NULL, -- "BASE+NAME", as in cells
	patch    TEXT NOT NULL, -- path, relative to the data directory where it lies below that
	sha256   TEXT NOT NULL,
	cells    TEXT NOT NULL, -- JSON: what is expected of each task, results-db/mutants.h
	PRIMARY KEY (run, position)
) WITHOUT ROWID;
