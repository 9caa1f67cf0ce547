-- SPDX-License-Identifier: GPL-2.0-or-later
-- Mails that were passed over, and why.

CREATE TABLE mail_refused (
	key    TEXT PRIMARY KEY, -- SHA-256 of the mail, or of @why where the mail was not read
	source TEXT NOT NULL,
	id     TEXT,             -- Message-ID, as far as a line says one
	why    TEXT NOT NULL,    -- one line that begins with the place
	length INTEGER NOT NULL, -- bytes; 0: not read
	fatal  INTEGER NOT NULL, -- 1: ends or stalls its parser; is not tried again
	met    INTEGER NOT NULL  -- microseconds
);
CREATE INDEX mail_refused_met ON mail_refused (met);
