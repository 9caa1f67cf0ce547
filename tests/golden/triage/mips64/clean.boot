VERDICT: PASS
REASON: 1 case passed

[    0.000000] Linux version 6.12.117 (vifarm@vifarm) (mips64-linux-gnuabi64-gcc (Debian 12.2.0-14) 12.2.0, GNU ld (GNU Binutils for Debian) 2.40) #1 Thu Jan  1 00:00:00 UTC 1970
[    0.000000] earlycon: uart8250 at I/O port 0x3f8 (options '38400n8')
[    0.000000] printk: legacy bootconsole [uart8250] enabled
[    0.000000] CPU0 revision is: 00010000 (MIPS GENERIC QEMU)
[    0.000000] FPU revision is: 007f0000
[    0.000000] MIPS: machine is mti,malta
[    0.000000] Software DMA cache coherency enabled
[    0.000000] Initial ramdisk at: 0x900000000fef0000 (1001347 bytes)
[    0.000000] OF: reserved mem: Reserved memory: No reserved-memory node in the DT
[    0.000000] Primary instruction cache 32kB, VIPT, 4-way, linesize 32 bytes.
[    0.000000] Primary data cache 32kB, 4-way, VIPT, cache aliases, linesize 32 bytes
[    0.000000] Zone ranges:
[    0.000000]   DMA      [mem 0x0000000000000000-0x0000000000ffffff]
[    0.000000]   DMA32    [mem 0x0000000001000000-0x00000000ffffffff]
[    0.000000]   Normal   empty
[    0.000000] Movable zone start for each node
[    0.000000] Early memory node ranges
[    0.000000]   node   0: [mem 0x0000000000000000-0x000000000fffefff]
[    0.000000] Initmem setup node 0 [mem 0x0000000000000000-0x000000000fffefff]
[    0.000000] random: crng init done
[    0.000000] Kernel command line: rd_start=0xffffffff8fef0000 rd_size=1001347 console=ttyS0 panic=-1 cca=3 vifarm.result=pci:1b36:0002 vifarm.job=boot
[    0.000000] Dentry cache hash table entries: 32768 (order: 6, 262144 bytes, linear)
[    0.000000] Inode-cache hash table entries: 16384 (order: 5, 131072 bytes, linear)
[    0.000000] Writing ErrCtl register=00000000
[    0.000000] Readback ErrCtl register=00000000
[    0.000000] Built 1 zonelists, mobility grouping on.  Total pages: 65535
[    0.000000] mem auto-init: stack:all(zero), heap alloc:off, heap free:off
[    0.000000] SLUB: HWalign=64, Order=0-3, MinObjects=0, CPUs=1, Nodes=1
[    0.000000] NR_IRQS: 256
[    0.000000] clocksource: jiffies: mask: 0xffffffff max_cycles: 0xffffffff, max_idle_ns: 19112604462750000 ns
[    0.000000] CPU frequency 320.00 MHz
[    0.000000] clocksource: MIPS: mask: 0xffffffff max_cycles: 0xffffffff, max_idle_ns: 11945371893 ns
[    0.000128] sched_clock: 32 bits at 160MHz, resolution 6ns, wraps every 13421766652ns
[    0.016067] Calibrating delay loop... 1001.88 BogoMIPS (lpj=5009408)
[    0.192116] pid_max: default: 32768 minimum: 301
[    0.193714] Mount-cache hash table entries: 512 (order: 0, 4096 bytes, linear)
[    0.194108] Mountpoint-cache hash table entries: 512 (order: 0, 4096 bytes, linear)
[    0.232747] Memory: 250396K/262140K available (2920K kernel code, 660K rwdata, 684K rodata, 204K init, 543K bss, 11052K reserved, 0K cma-reserved)
[    0.254404] devtmpfs: initialized
[    0.266765] DMA-API: preallocated 65556 debug entries
[    0.267005] DMA-API: debugging enabled by kernel config
[    0.267235] futex hash table entries: 256 (order: 1, 6144 bytes, linear)
[    0.291118] mc: Linux media interface: v0.10
[    0.291604] videodev: Linux video capture interface: v2.00
[    0.292849] PCI host bridge to bus 0000:00
[    0.293276] pci_bus 0000:00: root bus resource [mem 0x10000000-0x17ffffff]
[    0.293812] pci_bus 0000:00: root bus resource [io  0x1000-0x1fffff]
[    0.294070] pci_bus 0000:00: No busn resource found for root bus, will use [bus 00-ff]
[    0.295406] pci 0000:00:00.0: [11ab:4620] type 00 class 0x060000 conventional PCI endpoint
[    0.296232] pci 0000:00:00.0: BAR 0 [mem 0x00000000-0x00000fff pref]
[    0.296477] pci 0000:00:00.0: BAR 1 [mem 0x01000000-0x01000fff pref]
[    0.296731] pci 0000:00:00.0: BAR 2 [mem 0x1c000000-0x1c000fff]
[    0.296898] pci 0000:00:00.0: BAR 3 [mem 0x1f000000-0x1f000fff]
[    0.297051] pci 0000:00:00.0: BAR 4 [mem 0x1be00000-0x1be00fff]
[    0.297212] pci 0000:00:00.0: BAR 5 [io  0x14000000-0x14000fff]
[    0.299254] pci 0000:00:0a.0: [8086:7110] type 00 class 0x060100 conventional PCI endpoint
[    0.299901] pci 0000:00:0a.1: [8086:7111] type 00 class 0x010180 conventional PCI endpoint
[    0.300168] pci 0000:00:0a.1: BAR 4 [io  0x0000-0x000f]
[    0.300348] pci 0000:00:0a.1: BAR 0 [io  0x01f0-0x01f7]: legacy IDE quirk
[    0.300533] pci 0000:00:0a.1: BAR 1 [io  0x03f6]: legacy IDE quirk
[    0.300797] pci 0000:00:0a.1: BAR 2 [io  0x0170-0x0177]: legacy IDE quirk
[    0.300983] pci 0000:00:0a.1: BAR 3 [io  0x0376]: legacy IDE quirk
[    0.301379] pci 0000:00:0a.2: [8086:7112] type 00 class 0x0c0300 conventional PCI endpoint
[    0.301812] pci 0000:00:0a.2: BAR 4 [io  0x0000-0x001f]
[    0.302537] pci 0000:00:0a.3: [8086:7113] type 00 class 0x068000 conventional PCI endpoint
[    0.303210] pci 0000:00:0a.3: quirk: [io  0x1000-0x103f] claimed by PIIX4 ACPI
[    0.303444] pci 0000:00:0a.3: quirk: [io  0x1100-0x110f] claimed by PIIX4 SMB
[    0.303991] pci 0000:00:12.0: [1b36:0002] type 00 class 0x070002 conventional PCI endpoint
[    0.304226] pci 0000:00:12.0: BAR 0 [io  0x0000-0x0007]
[    0.304515] pci 0000:00:13.0: [1b36:0011] type 00 class 0x088000 conventional PCI endpoint
[    0.304803] pci 0000:00:13.0: BAR 0 [mem 0x00000000-0x0000000f]
[    0.305451] pci_bus 0000:00: busn_res: [bus 00-ff] end is updated to 00
[    0.306695] pci 0000:00:0a.2: BAR 4 [io  0x1040-0x105f]: assigned
[    0.307030] pci 0000:00:0a.1: BAR 4 [io  0x1060-0x106f]: assigned
[    0.307221] pci 0000:00:13.0: BAR 0 [mem 0x10000000-0x1000000f]: assigned
[    0.307415] pci 0000:00:12.0: BAR 0 [io  0x1070-0x1077]: assigned
[    0.309171] clocksource: Switched to clocksource MIPS
[    0.315011] PCI: CLS 0 bytes, default 32
[    0.319800] workingset: timestamp_bits=62 max_order=16 bucket_order=0
[    0.326301] Serial: 8250/16550 driver, 4 ports, IRQ sharing disabled
[    0.331284] Unpacking initramfs...
[    0.345921] printk: legacy console [ttyS0] disabled
[    0.348252] serial8250.0: ttyS0 at I/O 0x3f8 (irq = 4, base_baud = 115200) is a 16550A
[    0.348496] serial8250.0: ttyS0 extra baud rates supported: 230400, 460800
[    0.348496] serial8250.0: ttyS0 extra baud rates supported: 230400, 460800
[    0.350244] printk: legacy console [ttyS0] enabled
[    0.350244] printk: legacy console [ttyS0] enabled
[    0.351184] printk: legacy bootconsole [uart8250] disabled
[    0.351184] printk: legacy bootconsole [uart8250] disabled
[    0.362750] serial8250.0: ttyS1 at I/O 0x2f8 (irq = 3, base_baud = 115200) is a 16550A
[    0.363024] serial8250.0: ttyS1 extra baud rates supported: 230400, 460800
[    0.370751] serial8250.0: ttyS2 at MMIO 0x1f000900 (irq = 20, base_baud = 230400) is a 16550A
[    0.373118] serial 0000:00:12.0: enabling device (0000 -> 0001)
[    0.380080] 0000:00:12.0: ttyS3 at I/O 0x1070 (irq = 10, base_baud = 115200) is a 16550A
[    0.383096] pvpanic-pci 0000:00:13.0: enabling device (0000 -> 0002)
[    0.384492] saa7146: register extension 'budget dvb'
[    0.384781] saa7146: register extension 'Multimedia eXtension Board'
[    0.385022] saa7146: register extension 'hexium HV-PCI6 Orion'
[    0.385226] saa7146: register extension 'hexium gemini'
[    0.417913] Freeing initrd memory: 976K
[    0.418941] clk: Disabling unused clocks
[    0.419535] kunit: disabled
[    0.436735] Freeing unused kernel image (initmem) memory: 204K
[    0.437113] This architecture does not have kernel memory protection.
[    0.437407] Run /init as init process
[    0.449659] process '/init' started with executable stack
[    0.504264] vifarm: init up
[    1.000222] vifarm: end
[    1.002672] reboot: Power down
