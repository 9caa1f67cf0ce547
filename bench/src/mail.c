// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Usage: bench-mail [MAILS]
 *
 * Writes MAILS (default 10,000) mails as on a busy list, series, replies and single patches, into
 * an mbox, a Maildir and a public-inbox repository, ingests each into a database of its own and
 * puts the series together; prints the times as JSON. Exit status 1 when one of them takes more
 * than LIMIT_SECONDS of CPU or the process more than LIMIT_KIB.
 */
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "kernel/child.h"
#include "mail/inbox.h"
#include "scratch.h"

#define LIMIT_SECONDS 10.0
#define LIMIT_KIB     (256 * 1024)
#define SERIES	      8 /* mails of a series and its answers */

static const char *directory; /* everything lies in it */

/* A diff of @lines changed lines, as long as patches of kernels are. */
static void add_diff(GString *out, guint number, guint lines)
{
	g_string_append_printf(out,
			       "diff --git a/drivers/media/f%u.c b/drivers/media/f%u.c\n"
			       "index 1e737eb..f540864 100644\n"
			       "--- a/drivers/media/f%u.c\n"
			       "+++ b/drivers/media/f%u.c\n"
			       "@@ -1,%u +1,%u @@ static int function(struct device *dev)\n",
			       number % 97, number % 97, number % 97, number % 97, lines * 2,
			       lines * 2);
	for (guint i = 0; i < lines; i++)
		g_string_append_printf(out,
				       " \tdev_dbg(dev, \"context line %u\\n\", value);\n"
				       "-\told_call(dev, %u, flags | FLAG);\n"
				       "+\tnew_call(dev, %u, flags);\n",
				       i, number, number);
	g_string_append(out, "-- \n2.43.0\n");
}

/* Mail @number of the list: 0/3, 1/3 (quoted-printable by its header), 2/3, 3/3, then answers. */
static GString *mail(guint number)
{
	guint series = number / SERIES, place = number % SERIES, part = place < 4 ? place : 1;
	GString *out = g_string_new(NULL);
	g_autofree char *root = g_strdup_printf("%u-0-author%u@example.org", series, series % 50);

	g_string_append_printf(out,
			       "Received: from list.example.org by mx.example.org; %u\n"
			       "From: =?UTF-8?Q?J=C3=BCrgen_%u?= <author%u@example.org>\n"
			       "To: linux-media@vger.kernel.org\n"
			       "Cc: One <one@example.org>, \"Two, B.\" <two@example.org>\n"
			       "Subject: %s[PATCH v2 %u/3] media: series %u, part %u\n"
			       "Date: Thu, 1 Jan 2026 00:%02u:00 +0000\n"
			       "List-Id: <linux-media.vger.kernel.org>\n"
			       "Content-Type: text/plain; charset=UTF-8\n",
			       number, series, place < 4 ? series % 50 : 99,
			       place < 4 ? "" : "Re: ", part, series, part, number % 60);
	if (place)
		g_string_append_printf(out,
				       "Message-ID: <%u-%u-author%u@example.org>\n"
				       "In-Reply-To: <%s>\nReferences: <%s>\n",
				       series, place, series % 50, root, root);
	else
		g_string_append_printf(out, "Message-ID: <%s>\n", root);
	g_string_append(out, "\nSome sentences that say what is done here, and why, in more than\n"
			     "one line, as it should be.\n\nSigned-off-by: Author\n---\n");
	if (place > 0 && place < 4)
		add_diff(out, number, 10 + number % 60);
	return out;
}

static gint64 write_mbox(const char *path, guint mails)
{
	g_autoptr(GString) all = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < mails; i++) {
		g_autoptr(GString) one = mail(i);

		g_string_append(all, "From mboxrd@z Thu Jan  1 00:00:00 1970\n");
		g_string_append_len(all, one->str, (gssize)one->len);
		g_string_append_c(all, '\n');
	}
	bench_must(g_file_set_contents(path, all->str, (gssize)all->len, &error), path, error);
	return (gint64)all->len;
}

static void write_maildir(const char *path, guint mails)
{
	g_autofree char *cur = g_build_filename(path, "cur", NULL);
	g_autofree char *new = g_build_filename(path, "new", NULL);

	g_mkdir_with_parents(cur, 0755);
	g_mkdir_with_parents(new, 0755);
	for (guint i = 0; i < mails; i++) {
		g_autoptr(GString) one = mail(i);
		g_autofree char *name = g_strdup_printf("%s/%u.x.host", new, i);
		int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

		bench_must(fd >= 0 && write(fd, one->str, one->len) == (gssize)one->len, name,
			   NULL);
		close(fd);
	}
}

static void run(const char *const *argv, const char *input)
{
	VfChild child = {.argv = (char **)argv, .keep = 1000};
	g_auto(VfChildEnd) end = {0};
	g_autoptr(GError) error = NULL;

	if (input)
		child.input = open(input, O_RDONLY | O_CLOEXEC);
	bench_must(vf_child_run(&child, &end, &error) &&
			   vf_child_check(&end, VF_ERROR_HARNESS, &error, "%s", argv[0]),
		   "git", error);
	if (input)
		close(child.input);
}

static void write_archive(const char *path, guint mails)
{
	g_autoptr(GString) stream = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	g_autofree char *input = g_build_filename(directory, "stream", NULL);
	const char *init[] = {"git", "init", "-q", "--bare", path, NULL};
	const char *import[] = {"git", "-C", path, "fast-import", "--quiet", NULL};

	for (guint i = 0; i < mails; i++) {
		g_autoptr(GString) one = mail(i);

		g_string_append_printf(stream,
				       "commit refs/heads/master\ncommitter A <a@b> %u +0000\n"
				       "data 0\nM 100644 inline m\ndata %zu\n",
				       1767225600 + i, one->len);
		g_string_append_len(stream, one->str, (gssize)one->len);
		g_string_append_c(stream, '\n');
	}
	bench_must(g_file_set_contents(input, stream->str, (gssize)stream->len, &error), input,
		   error);
	run(init, NULL);
	run(import, input);
}

static double cpu(void)
{
	struct rusage self, children;

	getrusage(RUSAGE_SELF, &self);
	getrusage(RUSAGE_CHILDREN, &children);
	return (double)(self.ru_utime.tv_sec + self.ru_stime.tv_sec + children.ru_utime.tv_sec +
			children.ru_stime.tv_sec) +
	       (double)(self.ru_utime.tv_usec + self.ru_stime.tv_usec + children.ru_utime.tv_usec +
			children.ru_stime.tv_usec) /
		       1e6;
}

static long peak_kib(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

/* Reads all of it and puts the series together; *slow is set when it takes too long. */
static json_t *ingest(const char *type, const char *path, guint mails, gboolean *slow)
{
	VfMailSourceConfig config = {.type = (char *)type, .path = (char *)path, .name = "bench"};
	g_autofree char *file = g_strdup_printf("%s/%s.db", directory, type);
	g_autoptr(GError) error = NULL;
	g_autoptr(VfDb) db = vf_db_open(file, &error);
	g_autoptr(VfMailParser) parser = vf_mail_parser_new(NULL, NULL);
	g_autoptr(VfInbox) inbox = db ? vf_inbox_new(db, parser) : NULL;
	g_autoptr(VfMailSource) source = vf_mail_source_new(&config, &error);
	g_autoptr(GPtrArray) series = NULL;
	VfInboxCounts counts = {0};
	gint64 start = g_get_monotonic_time();
	double cpu_start = cpu(), seconds, cpu_seconds, assembled;

	bench_must(inbox && source, type, error);
	bench_must(vf_inbox_poll(inbox, source, NULL, NULL, &counts, &error), type, error);
	bench_must(counts.mails == mails, "not all mails were read", NULL);
	seconds = (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC;
	series = vf_inbox_series(inbox, g_get_real_time(), 0, &error);
	bench_must(series != NULL, "series", error);
	assembled = (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC;
	cpu_seconds = cpu() - cpu_start;
	*slow |= cpu_seconds > LIMIT_SECONDS;
	return json_pack("{s:s, s:I, s:I, s:i, s:f, s:f, s:f}", "source", type, "mails",
			 (json_int_t)counts.mails, "kept", (json_int_t)counts.kept, "series",
			 (int)series->len, "ingest_seconds", seconds, "with_series_seconds",
			 assembled, "cpu_seconds", cpu_seconds);
}

/* The mails are made by a child, whose memory is not counted. */
static void generate(guint mails)
{
	g_autofree char *mbox = g_build_filename(directory, "box", NULL);
	g_autofree char *maildir = g_build_filename(directory, "dir", NULL);
	g_autofree char *archive = g_build_filename(directory, "0.git", NULL);

	write_mbox(mbox, mails);
	write_maildir(maildir, mails);
	write_archive(archive, mails);
}

int main(int argc, char **argv)
{
	guint mails = argc > 1 ? (guint)g_ascii_strtoull(argv[1], NULL, 10) : 10000;
	static const char *const sources[][2] = {{"mbox", "box"},
						 {"maildir", "dir"},
						 {"public-inbox", "0.git"}};
	json_t *answers = json_array();
	g_autofree char *own = NULL, *text = NULL;
	gboolean slow = FALSE;

	/* called again by itself with a directory: only to generate */
	if (argc > 2) {
		directory = argv[2];
		generate(mails);
		return 0;
	}
	directory = own = bench_directory();
	text = g_strdup_printf("%u", mails);
	run((const char *[]){argv[0], text, directory, NULL}, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(sources); i++) {
		g_autofree char *path = g_build_filename(directory, sources[i][1], NULL);

		json_array_append_new(answers, ingest(sources[i][0], path, mails, &slow));
	}
	json_auto_t *report =
		json_pack("{s:f, s:i, s:i, s:o}", "limit_seconds", LIMIT_SECONDS, "limit_kib",
			  LIMIT_KIB, "peak_kib", (int)peak_kib(), "sources", answers);
	char *out = json_dumps(report, JSON_INDENT(2) | JSON_REAL_PRECISION(4));

	g_print("%s\n", out);
	free(out);
	return slow || peak_kib() > LIMIT_KIB;
}
