// SPDX-License-Identifier: GPL-2.0-or-later
#define VF_QEMU_VERSION "9.9.9"
#define VF_QEMU_PACKAGE "a test"
