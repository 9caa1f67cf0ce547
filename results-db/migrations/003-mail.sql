-- SPDX-License-Identifier: GPL-2.0-or-later
-- Mails that can be tested or command a test, and how far each source of mails was read.

CREATE TABLE mail_messages (
	id      TEXT PRIMARY KEY, -- Message-ID without <>
	source  TEXT NOT NULL,    -- name of the source that brought it first
	arrived INTEGER NOT NULL, -- microseconds
	command INTEGER NOT NULL, -- 0: patch or cover letter
	done    INTEGER NOT NULL DEFAULT 0,
	series  TEXT,             -- mail_series.id once that is concluded
	raw     BLOB              -- NULL: pruned
);
CREATE INDEX mail_messages_open ON mail_messages (command, arrived) WHERE done = 0;
CREATE INDEX mail_messages_series ON mail_messages (series);

CREATE TABLE mail_sources (
	name   TEXT PRIMARY KEY,
	cursor TEXT NOT NULL,
	read   INTEGER NOT NULL -- microseconds
);

-- Series that are dealt with.
CREATE TABLE mail_series (
	id            TEXT PRIMARY KEY, -- Message-ID of the cover letter or the first patch
	lineage       TEXT NOT NULL,    -- the same for all revisions
	version       INTEGER NOT NULL,
	patchset_hash TEXT,             -- NULL: incomplete
	outcome       TEXT NOT NULL,
	concluded     INTEGER NOT NULL  -- microseconds
);
CREATE INDEX mail_series_lineage ON mail_series (lineage);
CREATE INDEX mail_series_patchset ON mail_series (patchset_hash);
