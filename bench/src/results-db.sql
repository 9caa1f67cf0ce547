-- SPDX-License-Identifier: GPL-2.0-or-later
-- 10,000 runs x 100 tests = 1,000,000 results, each with an attempt, its evidence and two cases;
-- every hundredth fails with a splat and hazards. The number of runs is that in the table size.

INSERT INTO cells (name, arch, board, job, variant)
WITH archs(arch) AS (VALUES ('x86_64'), ('sparc64'), ('hppa'), ('mips64')),
     boards(board) AS (VALUES ('default'), ('big')),
     jobs(job) AS (VALUES ('boot'), ('dma-sg'), ('vflush'), ('capture-ts'), ('capture-video'),
                   ('job5'), ('job6'), ('job7'), ('job8'), ('job9'), ('job10'), ('job11'), ('job12'))
SELECT arch || '/' || board || '/' || job || '/full', arch, board, job, 'full'
FROM archs, boards, jobs LIMIT 100;

INSERT INTO kernels (key, sha256, release, compiler, command, directory, seconds)
WITH n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 4)
SELECT printf('%064x', n), printf('%064x', n + 16), '6.12.117', 'gcc 12.2.0', 'make', '/cache', 40
FROM n;
INSERT INTO initramfs (key, sha256) VALUES (printf('%064x', 1), printf('%064x', 2));
INSERT INTO platforms (facts) VALUES ('{"machine":"pc","memory_mib":256,"title":"bench"}');

INSERT INTO runs (name, command, variant, source, host, version, started, ended)
WITH n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < (SELECT runs FROM size))
SELECT strftime('%Y%m%d-%H%M%S', 1700000000 + n * 3600, 'unixepoch') || printf('-%04x', n & 65535),
       'orchestrator run --arch all', 'full', 'linux-source-6.12 6.12.117-1', 'bench', '0.1.0',
       (1700000000 + n * 3600) * 1000000, (1700000000 + n * 3600 + 600) * 1000000
FROM n;

INSERT INTO tasks (run, cell, status, flaky, reason, started, seconds, kernel, initramfs,
                   platform, qemu)
SELECT runs.id, cells.id, CASE WHEN (runs.id * 7 + cells.id * 13) % 100 = 0 THEN 5 ELSE 2 END,
       (runs.id + cells.id) % 997 = 0, 'all 24 checks passed, end marker seen',
       runs.started + cells.id * 1000000, 2.5 + cells.id / 10.0, 1 + cells.id % 4, 1, 1, '10.0.2'
FROM runs, cells ORDER BY runs.id, cells.id;

INSERT INTO attempts (task, number, status, reason, started, seconds, directory, reproducer,
                      ending, exit_status, guest_seconds, channel, end_marker, program_exit,
                      init_end, pvpanic, console_bytes, console_cut, model)
SELECT id, 1, status, reason, started, seconds, 'runs/x/' || id || '/1',
       'qemu-system-hppa -machine B160L -m 256 -nographic -no-reboot -kernel /cache/kernels/k/image '
       || '-initrd /cache/initramfs/i.cpio.gz -append ''console=ttyS0 panic=-1 vifarm.job=boot''',
       'exit', 0, seconds, 1, 1, 0, 1, 0, 20000, 0, 0
FROM tasks ORDER BY id;

INSERT INTO cases (attempt, position, name, status)
SELECT attempts.id, n.n, 'suite/case' || n.n, attempts.status
FROM attempts, (SELECT 0 AS n UNION ALL SELECT 1) n ORDER BY 1, 2;

INSERT INTO splats (attempt, position, class, reason, excerpt, console_offset, fatal, after_end,
                    expected)
SELECT id, 0, 'warning', 'WARNING: CPU: 0 PID: 1 at drivers/x.c:12', 'WARNING: CPU: 0 PID: 1',
       1000, 0, 0, 0
FROM attempts WHERE status = 5;

INSERT INTO hazards (attempt, position, class, region, bucket, count, bytes, pc, pc_source, caller,
                     origin, va, pa, colour, other_colour, expected, found)
SELECT attempts.id, n.n, 'R', 'capture', 'target', 3, 96, 4096, 'vpeirq budget-core.c:198', 0, 0,
       8192, 12288, 1, 2, 71, 0
FROM attempts, (SELECT 0 AS n UNION ALL SELECT 1) n WHERE status = 5;
