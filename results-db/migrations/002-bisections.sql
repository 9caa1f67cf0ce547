-- SPDX-License-Identifier: GPL-2.0-or-later
-- Searches for the commit that broke a test. Verdicts: "good", "bad", "skip".

CREATE TABLE bisections (
	id        INTEGER PRIMARY KEY,
	arch      TEXT NOT NULL,
	job       TEXT NOT NULL,
	variant   TEXT NOT NULL,
	tree      TEXT NOT NULL,
	good      TEXT NOT NULL, -- commits
	bad       TEXT NOT NULL,
	started   INTEGER NOT NULL,
	ended     INTEGER, -- NULL: running, or killed
	outcome   TEXT, -- one sentence
	found     INTEGER, -- the boundary was confirmed
	first_bad TEXT,
	subject   TEXT
);

CREATE TABLE bisection_steps (
	bisection INTEGER NOT NULL REFERENCES bisections ON DELETE CASCADE,
	position  INTEGER NOT NULL,
	purpose   TEXT NOT NULL, -- "end", "search", "confirm", "revert"
	hash      TEXT NOT NULL, -- commit
	verdict   TEXT NOT NULL,
	reason    TEXT,
	run       TEXT, -- name of the run that told
	PRIMARY KEY (bisection, position)
) WITHOUT ROWID;
