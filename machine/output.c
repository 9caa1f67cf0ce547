// SPDX-License-Identifier: GPL-2.0-or-later
#include "qemu/osdep.h"
#include "vifarm.h"

struct VfRecord {
	GString *text;
};

static int out_fd = -1;
static GMutex out_lock;

static bool set_out(const char *name, const char *value, GError **error)
{
	if (out_fd >= 0)
		close(out_fd);
	out_fd = open(value, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (out_fd >= 0)
		return true;
	g_set_error(error, VF_ERROR, VF_ERROR_OUTPUT, "cannot write %s: %s", value,
		    g_strerror(errno));
	return false;
}

static const VfOption options[] = {
	{"out", "file that JSON lines are written to; /dev/fd/N is a descriptor", set_out},
	{},
};

static const VfModule output = {.name = "output", .options = options};
VF_MODULE(output)

bool vf_out_enabled(void)
{
	return out_fd >= 0;
}

static void append_escaped(GString *s, const char *value)
{
	const char *p = value;

	while (*p) {
		gunichar c = g_utf8_get_char_validated(p, -1);
		bool valid = c < (gunichar)-2;

		if (!valid || c < 0x20 || c == 0x7f)
			g_string_append_printf(s, "\\u%04x", (unsigned)(unsigned char)*p);
		else if (c == '"' || c == '\\')
			g_string_append_printf(s, "\\%c", (char)c);
		else
			g_string_append_unichar(s, c);
		p = valid ? g_utf8_next_char(p) : p + 1;
	}
}

VfRecord *vf_record_begin(const char *type)
{
	VfRecord *r;

	if (out_fd < 0)
		return NULL;
	r = g_new(VfRecord, 1);
	r->text = g_string_new("{\"type\":\"");
	append_escaped(r->text, type);
	g_string_append_c(r->text, '"');
	return r;
}

void vf_record_string(VfRecord *r, const char *key, const char *value)
{
	if (!r)
		return;
	g_string_append_printf(r->text, ",\"%s\":\"", key);
	append_escaped(r->text, value);
	g_string_append_c(r->text, '"');
}

void vf_record_uint(VfRecord *r, const char *key, uint64_t value)
{
	if (r)
		g_string_append_printf(r->text, ",\"%s\":%" PRIu64, key, value);
}

void vf_record_hex(VfRecord *r, const char *key, uint64_t value)
{
	if (r)
		g_string_append_printf(r->text, ",\"%s\":\"0x%" PRIx64 "\"", key, value);
}

void vf_record_bool(VfRecord *r, const char *key, bool value)
{
	if (r)
		g_string_append_printf(r->text, ",\"%s\":%s", key, value ? "true" : "false");
}

static bool write_all(const char *p, size_t n)
{
	while (n) {
		ssize_t done = write(out_fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return false;
		p += done;
		n -= done;
	}
	return true;
}

void vf_record_end(VfRecord *r)
{
	if (!r)
		return;
	g_string_append(r->text, "}\n");
	g_mutex_lock(&out_lock);
	/* A truncated file has no end record, which is how its reader knows; say why once. */
	if (out_fd >= 0 && !write_all(r->text->str, r->text->len)) {
		fprintf(stderr, "vifarm: output: %s\n", g_strerror(errno));
		close(out_fd);
		out_fd = -1;
	}
	g_mutex_unlock(&out_lock);
	g_string_free(r->text, TRUE);
	g_free(r);
}
