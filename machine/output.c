// SPDX-License-Identifier: GPL-2.0-or-later
#include "qemu/osdep.h"
#include "vifarm.h"
#include "crc32.h"

struct VfRecord {
	GString *text;
};

/* Bytes of a piece of a record between the lines of a console, before they are escaped. */
#define PIECE_MAX 240

static int out_fd = -1;
static bool framed;
static uint64_t frame_seq;
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

static bool set_frame(const char *name, const char *value, GError **error)
{
	framed = g_str_equal(value, "on");
	if (framed || g_str_equal(value, "off"))
		return true;
	g_set_error(error, VF_ERROR, VF_ERROR_OPTION, "%s: expected on or off, got %s", name,
		    value);
	return false;
}

static const VfOption options[] = {
	{"out", "file that JSON lines are written to; /dev/fd/N is a descriptor", set_out},
	{"frame", "on: out is a console that others write to; docs/evidence.md", set_frame},
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

/* One record as the guest's result channel has them, behind a mark that ends the line it cuts. */
static void append_frame(GString *out, char type, const char *payload, gsize length)
{
	g_autoptr(GString) body = g_string_new(NULL);
	gsize head;

	g_string_printf(body, "%" PRIu64 " %c ", frame_seq++, type);
	head = body->len;
	for (gsize i = 0; i < length; i++) {
		unsigned char c = payload[i];

		if (c < 0x20 || c > 0x7e || c == '\\')
			g_string_append_printf(body, "\\x%02x", c);
		else
			g_string_append_c(body, c);
	}
	g_string_append_printf(out, "~>\n~vm %.*s%08x %s\n", (int)head, body->str,
			       vf_crc32(0, body->str, body->len), body->str + head);
}

/* TEXT in pieces, the last of them marked; after the end record the end marker. */
static void frame(GString *text)
{
	g_autoptr(GString) out = g_string_new(NULL);
	bool end = g_str_has_prefix(text->str, "{\"type\":\"end\"");
	gsize at = 0;

	for (; text->len - at > PIECE_MAX; at += PIECE_MAX)
		append_frame(out, 'K', text->str + at, PIECE_MAX);
	append_frame(out, 'I', text->str + at, text->len - at);
	if (end) {
		g_autofree char *count = g_strdup_printf("%" PRIu64, frame_seq);

		append_frame(out, 'E', count, strlen(count));
	}
	g_string_assign(text, out->str);
}

void vf_record_end(VfRecord *r)
{
	if (!r)
		return;
	g_string_append(r->text, framed ? "}" : "}\n");
	g_mutex_lock(&out_lock);
	if (framed)
		frame(r->text);
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
