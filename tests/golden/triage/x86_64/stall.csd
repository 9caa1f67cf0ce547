VERDICT: FAIL
REASON: stall: Detected non-responsive CSD lock (#1) on CPU#00, waiting 5000000042 ns for CPU#01 do_flush_tlb_all+0x0/0x30(0x0).
SPLAT: stall: Detected non-responsive CSD lock (#1) on CPU#00, waiting 5000000042 ns for CPU#01 do_flush_tlb_all+0x0/0x30(0x0).

[    0.000000] Linux version 6.12.117 (farm@build) (gcc (Debian 12.2.0-14) 12.2.0, GNU ld 2.40) #1 SMP
[    1.022163] vifarm: init up
[    1.022576] smp: csd: Detected non-responsive CSD lock (#1) on CPU#00, waiting 5000000042 ns for CPU#01 do_flush_tlb_all+0x0/0x30(0x0).
[    1.022989] smp: 	csd: CSD lock (#1) unresponsive.
[    1.023402] vifarm: end
[    1.023815] reboot: Power down
