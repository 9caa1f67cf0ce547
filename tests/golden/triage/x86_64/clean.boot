VERDICT: PASS
REASON: 1 case passed

[    0.000000] Linux version 6.12.117 (vifarm@vifarm) (gcc (Debian 12.2.0-14+deb12u1) 12.2.0, GNU ld (GNU Binutils for Debian) 2.40) #1 SMP Thu Jan  1 00:00:00 UTC 1970
[    0.000000] Command line: console=ttyS0,115200 panic=-1 vifarm.result=pci:1b36:0002 vifarm.job=boot
[    0.000000] BIOS-provided physical RAM map:
[    0.000000] BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable
[    0.000000] BIOS-e820: [mem 0x000000000009fc00-0x00000000000fffff] reserved
[    0.000000] BIOS-e820: [mem 0x0000000000100000-0x000000001ffdffff] usable
[    0.000000] BIOS-e820: [mem 0x000000001ffe0000-0x000000001fffffff] reserved
[    0.000000] BIOS-e820: [mem 0x00000000fffc0000-0x00000000ffffffff] reserved
[    0.000000] BIOS-e820: [mem 0x000000fd00000000-0x000000ffffffffff] reserved
[    0.000000] NX (Execute Disable) protection: active
[    0.000000] APIC: Static calls initialized
[    0.000000] tsc: Fast TSC calibration failed
[    0.000000] last_pfn = 0x1ffe0 max_arch_pfn = 0x400000000
[    0.000000] x86/PAT: PAT support disabled because CONFIG_X86_PAT is disabled in the kernel.
[    0.000000] x86/PAT: Configuration [0-7]: WB  WT  UC- UC  WB  WT  UC- UC  
[    0.000000] RAMDISK: [mem 0x1fed1000-0x1ffd7fff]
[    0.000000] ACPI: Early table checksum verification disabled
[    0.000000] ACPI: RSDP 0x00000000000F5250 000014 (v00 BOCHS )
[    0.000000] ACPI: RSDT 0x000000001FFE2312 000034 (v01 BOCHS  BXPC     00000001 BXPC 00000001)
[    0.000000] ACPI: FACP 0x000000001FFE21C6 000074 (v01 BOCHS  BXPC     00000001 BXPC 00000001)
[    0.000000] ACPI: DSDT 0x000000001FFE0040 002186 (v01 BOCHS  BXPC     00000001 BXPC 00000001)
[    0.000000] ACPI: FACS 0x000000001FFE0000 000040
[    0.000000] ACPI: APIC 0x000000001FFE223A 000078 (v03 BOCHS  BXPC     00000001 BXPC 00000001)
[    0.000000] ACPI: HPET 0x000000001FFE22B2 000038 (v01 BOCHS  BXPC     00000001 BXPC 00000001)
[    0.000000] ACPI: WAET 0x000000001FFE22EA 000028 (v01 BOCHS  BXPC     00000001 BXPC 00000001)
[    0.000000] ACPI: Reserving FACP table memory at [mem 0x1ffe21c6-0x1ffe2239]
[    0.000000] ACPI: Reserving DSDT table memory at [mem 0x1ffe0040-0x1ffe21c5]
[    0.000000] ACPI: Reserving FACS table memory at [mem 0x1ffe0000-0x1ffe003f]
[    0.000000] ACPI: Reserving APIC table memory at [mem 0x1ffe223a-0x1ffe22b1]
[    0.000000] ACPI: Reserving HPET table memory at [mem 0x1ffe22b2-0x1ffe22e9]
[    0.000000] ACPI: Reserving WAET table memory at [mem 0x1ffe22ea-0x1ffe2311]
[    0.000000] Zone ranges:
[    0.000000]   DMA      [mem 0x0000000000001000-0x0000000000ffffff]
[    0.000000]   DMA32    [mem 0x0000000001000000-0x000000001ffdffff]
[    0.000000]   Normal   empty
[    0.000000] Movable zone start for each node
[    0.000000] Early memory node ranges
[    0.000000]   node   0: [mem 0x0000000000001000-0x000000000009efff]
[    0.000000]   node   0: [mem 0x0000000000100000-0x000000001ffdffff]
[    0.000000] Initmem setup node 0 [mem 0x0000000000001000-0x000000001ffdffff]
[    0.000000] On node 0, zone DMA: 1 pages in unavailable ranges
[    0.000000] On node 0, zone DMA: 97 pages in unavailable ranges
[    0.000000] On node 0, zone DMA32: 32 pages in unavailable ranges
[    0.000000] ACPI: PM-Timer IO Port: 0x608
[    0.000000] ACPI: LAPIC_NMI (acpi_id[0xff] dfl dfl lint[0x1])
[    0.000000] IOAPIC[0]: apic_id 0, version 32, address 0xfec00000, GSI 0-23
[    0.000000] ACPI: INT_SRC_OVR (bus 0 bus_irq 0 global_irq 2 dfl dfl)
[    0.000000] ACPI: INT_SRC_OVR (bus 0 bus_irq 5 global_irq 5 high level)
[    0.000000] ACPI: INT_SRC_OVR (bus 0 bus_irq 9 global_irq 9 high level)
[    0.000000] ACPI: INT_SRC_OVR (bus 0 bus_irq 10 global_irq 10 high level)
[    0.000000] ACPI: INT_SRC_OVR (bus 0 bus_irq 11 global_irq 11 high level)
[    0.000000] ACPI: Using ACPI (MADT) for SMP configuration information
[    0.000000] ACPI: HPET id: 0x8086a201 base: 0xfed00000
[    0.000000] CPU topo: Max. logical packages:   1
[    0.000000] CPU topo: Max. logical dies:       1
[    0.000000] CPU topo: Max. dies per package:   1
[    0.000000] CPU topo: Max. threads per core:   1
[    0.000000] CPU topo: Num. cores per package:     1
[    0.000000] CPU topo: Num. threads per package:   1
[    0.000000] CPU topo: Allowing 1 present CPUs plus 0 hotplug CPUs
[    0.000000] [mem 0x20000000-0xfffbffff] available for PCI devices
[    0.000000] clocksource: refined-jiffies: mask: 0xffffffff max_cycles: 0xffffffff, max_idle_ns: 19112604462750000 ns
[    0.000000] setup_percpu: NR_CPUS:4 nr_cpumask_bits:1 nr_cpu_ids:1 nr_node_ids:1
[    0.000000] percpu: Embedded 42 pages/cpu s139800 r0 d32232 u2097152
[    0.000000] Kernel command line: console=ttyS0,115200 panic=-1 vifarm.result=pci:1b36:0002 vifarm.job=boot
[    0.000000] Dentry cache hash table entries: 65536 (order: 7, 524288 bytes, linear)
[    0.000000] Inode-cache hash table entries: 32768 (order: 6, 262144 bytes, linear)
[    0.000000] Built 1 zonelists, mobility grouping on.  Total pages: 130942
[    0.000000] mem auto-init: stack:all(zero), heap alloc:off, heap free:off
[    0.000000] SLUB: HWalign=64, Order=0-3, MinObjects=0, CPUs=1, Nodes=1
[    0.000000] rcu: Hierarchical RCU implementation.
[    0.000000] rcu: 	RCU restricting CPUs from NR_CPUS=4 to nr_cpu_ids=1.
[    0.000000] rcu: RCU calculated value of scheduler-enlistment delay is 10 jiffies.
[    0.000000] rcu: Adjusting geometry for rcu_fanout_leaf=16, nr_cpu_ids=1
[    0.000000] NR_IRQS: 4352, nr_irqs: 256, preallocated irqs: 16
[    0.000000] rcu: srcu_init: Setting srcu_struct sizes based on contention.
[    0.000000] clocksource: jiffies: mask: 0xffffffff max_cycles: 0xffffffff, max_idle_ns: 19112604462750000 ns
[    0.000000] printk: legacy console [ttyS0] enabled
[    0.000000] ACPI: Core revision 20240827
[    0.000000] clocksource: hpet: mask: 0xffffffff max_cycles: 0xffffffff, max_idle_ns: 19112604467 ns
[    0.010000] APIC: Switch to symmetric I/O mode setup
[    0.010000] ..TIMER: vector=0x30 apic1=0 pin1=2 apic2=-1 pin2=-1
[    0.090000] tsc: Unable to calibrate against PIT
[    0.090000] tsc: using HPET reference calibration
[    0.090000] tsc: Detected 2593.302 MHz processor
[    0.000405] clocksource: tsc-early: mask: 0xffffffffffffffff max_cycles: 0x256184b1b3b, max_idle_ns: 440795287648 ns
[    0.000922] Calibrating delay loop (skipped), value calculated using timer frequency.. 5186.60 BogoMIPS (lpj=25933020)
[    0.002209] Last level iTLB entries: 4KB 512, 2MB 255, 4MB 127
[    0.002341] Last level dTLB entries: 4KB 512, 2MB 255, 4MB 127, 1GB 0
[    0.003513] x86/fpu: x87 FPU will use FXSAVE
[    0.061897] Freeing SMP alternatives memory: 12K
[    0.062566] pid_max: default: 32768 minimum: 301
[    0.067557] Mount-cache hash table entries: 1024 (order: 1, 8192 bytes, linear)
[    0.067837] Mountpoint-cache hash table entries: 1024 (order: 1, 8192 bytes, linear)
[    0.210116] smpboot: CPU0: AMD QEMU Virtual CPU version 2.5+ (family: 0xf, model: 0x6b, stepping: 0x1)
[    0.211149] Performance Events: PMU not available due to virtualization, using software events only.
[    0.212271] signal: max sigframe size: 1040
[    0.213388] rcu: Hierarchical SRCU implementation.
[    0.213526] rcu: 	Max phase no-delay instances is 1000.
[    0.216763] smp: Bringing up secondary CPUs ...
[    0.222200] smp: Brought up 1 node, 1 CPU
[    0.222433] smpboot: Total of 1 processors activated (5186.60 BogoMIPS)
[    0.227103] Memory: 499192K/523768K available (6144K kernel code, 681K rwdata, 984K rodata, 812K init, 2544K bss, 23152K reserved, 0K cma-reserved)
[    0.252424] devtmpfs: initialized
[    0.301949] DMA-API: preallocated 65536 debug entries
[    0.302179] DMA-API: debugging enabled by kernel config
[    0.302405] futex hash table entries: 256 (order: 2, 16384 bytes, linear)
[    0.326019] PCI: Using configuration type 1 for base access
[    0.330945] ACPI: Added _OSI(Module Device)
[    0.331121] ACPI: Added _OSI(Processor Device)
[    0.331231] ACPI: Added _OSI(Processor Aggregator Device)
[    0.361882] ACPI: 1 ACPI AML tables successfully acquired and loaded
[    0.390224] ACPI: Interpreter enabled
[    0.391186] ACPI: PM: (supports S0 S5)
[    0.391327] ACPI: Using IOAPIC for interrupt routing
[    0.391722] PCI: Using host bridge windows from ACPI; if necessary, use "pci=nocrs" and report a bug
[    0.391956] PCI: Using E820 reservations for host bridge windows
[    0.393253] ACPI: Enabled 2 GPEs in block 00 to 0F
[    0.424483] ACPI: PCI Root Bridge [PCI0] (domain 0000 [bus 00-ff])
[    0.425287] acpi PNP0A03:00: _OSC: OS supports [Segments MSI HPX-Type3]
[    0.425580] acpi PNP0A03:00: PCIe port services disabled; not requesting _OSC control
[    0.434307] PCI host bridge to bus 0000:00
[    0.434761] pci_bus 0000:00: root bus resource [io  0x0000-0x0cf7 window]
[    0.435041] pci_bus 0000:00: root bus resource [io  0x0d00-0xffff window]
[    0.435174] pci_bus 0000:00: root bus resource [mem 0x000a0000-0x000bffff window]
[    0.435350] pci_bus 0000:00: root bus resource [mem 0x20000000-0xfebfffff window]
[    0.435494] pci_bus 0000:00: root bus resource [mem 0x100000000-0x17fffffff window]
[    0.435768] pci_bus 0000:00: root bus resource [bus 00-ff]
[    0.437061] pci 0000:00:00.0: [8086:1237] type 00 class 0x060000 conventional PCI endpoint
[    0.443162] pci 0000:00:01.0: [8086:7000] type 00 class 0x060100 conventional PCI endpoint
[    0.443748] pci 0000:00:01.1: [8086:7010] type 00 class 0x010180 conventional PCI endpoint
[    0.450043] pci 0000:00:01.1: BAR 4 [io  0xc000-0xc00f]
[    0.451561] pci 0000:00:01.1: BAR 0 [io  0x01f0-0x01f7]: legacy IDE quirk
[    0.451800] pci 0000:00:01.1: BAR 1 [io  0x03f6]: legacy IDE quirk
[    0.452000] pci 0000:00:01.1: BAR 2 [io  0x0170-0x0177]: legacy IDE quirk
[    0.452163] pci 0000:00:01.1: BAR 3 [io  0x0376]: legacy IDE quirk
[    0.453079] pci 0000:00:01.3: [8086:7113] type 00 class 0x068000 conventional PCI endpoint
[    0.453664] pci 0000:00:01.3: quirk: [io  0x0600-0x063f] claimed by PIIX4 ACPI
[    0.453841] pci 0000:00:01.3: quirk: [io  0x0700-0x070f] claimed by PIIX4 SMB
[    0.454314] pci 0000:00:02.0: [1b36:0002] type 00 class 0x070002 conventional PCI endpoint
[    0.454775] pci 0000:00:02.0: BAR 0 [io  0xc010-0xc017]
[    0.459143] pci 0000:00:03.0: [1b36:0011] type 00 class 0x088000 conventional PCI endpoint
[    0.459795] pci 0000:00:03.0: BAR 0 [mem 0xfebff000-0xfebff00f]
[    0.468454] ACPI: PCI: Interrupt link LNKA configured for IRQ 10
[    0.471398] ACPI: PCI: Interrupt link LNKB configured for IRQ 10
[    0.471907] ACPI: PCI: Interrupt link LNKC configured for IRQ 11
[    0.472344] ACPI: PCI: Interrupt link LNKD configured for IRQ 11
[    0.472664] ACPI: PCI: Interrupt link LNKS configured for IRQ 9
[    0.475436] iommu: Default domain type: Translated
[    0.475579] iommu: DMA domain TLB invalidation policy: lazy mode
[    0.475955] mc: Linux media interface: v0.10
[    0.476164] videodev: Linux video capture interface: v2.00
[    0.476512] PCI: Using ACPI for IRQ routing
[    0.478518] hpet: 3 channels of 0 reserved for per-cpu timers
[    0.482983] clocksource: Switched to clocksource tsc-early
[    0.484341] ACPI: Failed to create genetlink family for ACPI event
[    0.484634] pnp: PnP ACPI init
[    0.489073] pnp: PnP ACPI: found 5 devices
[    0.517224] clocksource: acpi_pm: mask: 0xffffff max_cycles: 0xffffff, max_idle_ns: 2085701024 ns
[    0.518291] pci_bus 0000:00: resource 4 [io  0x0000-0x0cf7 window]
[    0.518439] pci_bus 0000:00: resource 5 [io  0x0d00-0xffff window]
[    0.518569] pci_bus 0000:00: resource 6 [mem 0x000a0000-0x000bffff window]
[    0.518746] pci_bus 0000:00: resource 7 [mem 0x20000000-0xfebfffff window]
[    0.518883] pci_bus 0000:00: resource 8 [mem 0x100000000-0x17fffffff window]
[    0.521464] pci 0000:00:01.0: PIIX3: Enabling Passive Release
[    0.521731] pci 0000:00:00.0: Limiting direct PCI/PCI transfers
[    0.522002] PCI: CLS 0 bytes, default 64
[    0.534577] Unpacking initramfs...
[    0.591585] workingset: timestamp_bits=62 max_order=17 bucket_order=0
[    0.610472] Serial: 8250/16550 driver, 4 ports, IRQ sharing disabled
[    0.625002] serial8250: ttyS0 at I/O 0x3f8 (irq = 4, base_baud = 115200) is a 16550A
[    0.692717] ACPI: \_SB_.LNKB: Enabled at IRQ 10
[    0.769850] 0000:00:02.0: ttyS1 at I/O 0xc010 (irq = 10, base_baud = 115200) is a 16550A
[    0.795682] saa7146: register extension 'budget dvb'
[    0.796098] saa7146: register extension 'Multimedia eXtension Board'
[    0.800820] saa7146: register extension 'hexium HV-PCI6 Orion'
[    0.801320] saa7146: register extension 'hexium gemini'
[    0.802143] IPI shorthand broadcast: enabled
[    0.818847] sched_clock: Marking stable (898568620, -89175286)->(814115847, -4722513)
[    0.868750] Freeing initrd memory: 1052K
[    0.870268] kunit: disabled
[    0.961531] Freeing unused kernel image (initmem) memory: 812K
[    0.962020] Write protecting the kernel read-only data: 8192k
[    0.964363] Freeing unused kernel image (rodata/data gap) memory: 1064K
[    0.969021] Run /init as init process
[    1.081632] vifarm: init up
[    1.423257] vifarm: end
[    1.425299] ACPI: PM: Preparing to enter system sleep state S5
[    1.426293] reboot: Power down
