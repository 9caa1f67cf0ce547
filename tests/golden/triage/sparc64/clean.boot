VERDICT: PASS
REASON: 1 case passed

OpenBIOS for Sparc64
Cannot manage '16550 serial controller' PCI device type '<NULL>':
 1b36 2 (7 0 2)
Configuration device id QEMU version 1 machine id 0
kernel phys 404000 virt 40004000 size 0x4a2f68
initrd phys 8a4000 virt 40c00000 size 0xdb91d
kernel cmdline console=ttyS0 panic=0 vifarm.result=pci:1b36:0002 vifarm.job=boot
CPUs: 1 x SUNW,UltraSPARC-IIi
UUID: 00000000-0000-0000-0000-000000000000
Welcome to OpenBIOS v1.1 built on Sep 5 2025 14:03
  Type 'help' for detailed information
[sparc64] Kernel already loaded

[    0.000703] PROMLIB: Sun IEEE Boot Prom 'OBP 3.10.24 1999/01/01 01:01'
[    0.001901] PROMLIB: Root node compatible: sun4u
[    0.002231] Linux version 6.12.117 (vifarm@vifarm) (sparc64-linux-gnu-gcc (Debian 12.2.0-13) 12.2.0, GNU ld (GNU Binutils for Debian) 2.40) #2 Thu Jan  1 00:00:00 UTC 1970
[    0.004839] printk: legacy bootconsole [earlyprom0] enabled
[    0.010321] ARCH: SUN4U
[    0.013377] Ethernet address: 52:54:00:12:34:56
[    0.014593] MM: PAGE_OFFSET is 0xfffff80000000000 (max_phys_bits == 40)
[    0.015610] MM: VMALLOC [0x0000000100000000 --> 0x0000060000000000]
[    0.016360] MM: VMEMMAP [0x0000060000000000 --> 0x00000c0000000000]
[    0.033473] Kernel: Using 2 locked TLB entries for main kernel image.
[    0.034120] Remapping the kernel... 
[    0.036904] done.
[    1.162398] OF stdout device is: /pci@1fe,0/pci@1,1/ebus@1/su
[    1.163114] PROM: Built device tree with 54436 bytes of memory.
[    1.165707] Top of RAM: 0x1fe80000, Total RAM: 0x1fe80000
[    1.166379] Memory hole size: 0MB
[    1.169197] Allocated 16384 bytes for kernel page tables.
[    1.170830] Zone ranges:
[    1.171414]   Normal   [mem 0x0000000000000000-0x000000001fe7ffff]
[    1.172786] Movable zone start for each node
[    1.173360] Early memory node ranges
[    1.173926]   node   0: [mem 0x0000000000000000-0x000000001fe7ffff]
[    1.174591] Initmem setup node 0 [mem 0x0000000000000000-0x000000001fe7ffff]
[    1.193798] On node 0, zone Normal: 65728 pages in unavailable ranges
[    1.194621] Booting Linux...
[    1.195299] CPU CAPS: [flush,stbar,swap,muldiv,v9,mul32,div32,v8plus]
[    1.196474] CPU CAPS: [vis]
[    1.201526] Kernel command line: console=ttyS0 panic=0 vifarm.result=pci:1b36:0002 vifarm.job=boot
[    1.205405] Dentry cache hash table entries: 65536 (order: 6, 524288 bytes, linear)
[    1.206500] Inode-cache hash table entries: 32768 (order: 5, 262144 bytes, linear)
[    1.207336] Sorting __ex_table...
[    1.209789] Built 1 zonelists, mobility grouping on.  Total pages: 65344
[    1.210869] mem auto-init: stack:all(zero), heap alloc:off, heap free:off
[    1.221754] SLUB: HWalign=32, Order=0-3, MinObjects=0, CPUs=1, Nodes=1
[    1.230685] NR_IRQS: 2048, nr_irqs: 2048, preallocated irqs: 1
[    1.234063] clocksource: jiffies: mask: 0xffffffff max_cycles: 0xffffffff, max_idle_ns: 19112604462750000 ns
[    1.235836] clocksource: tick: mask: 0xffffffffffffffff max_cycles: 0x171024e7e0, max_idle_ns: 440795205315 ns
[    1.236525] clocksource: mult[a000000] shift[24]
[    1.237143] clockevent: mult[1999999a] shift[32]
[    1.393141] Calibrating delay using timer specific routine.. 206.41 BogoMIPS (lpj=1032054)
[    1.394204] pid_max: default: 32768 minimum: 301
[    1.396242] Mount-cache hash table entries: 1024 (order: 0, 8192 bytes, linear)
[    1.396840] Mountpoint-cache hash table entries: 1024 (order: 0, 8192 bytes, linear)
[    1.443255] Memory: 506976K/522752K available (2731K kernel code, 614K rwdata, 664K rodata, 160K init, 539K bss, 14928K reserved, 0K cma-reserved)
[    1.461340] devtmpfs: initialized
[    1.480641] DMA-API: preallocated 65554 debug entries
[    1.481356] DMA-API: debugging enabled by kernel config
[    1.482240] futex hash table entries: 256 (order: 0, 6144 bytes, linear)
[    1.504841] pci@1f,0: PCI IO [io  0x1fe02000000-0x1fe02ffffff] offset 1fe02000000
[    1.505855] pci@1f,0: PCI MEM [mem 0x1ff00000000-0x1ffefffffff] offset 1ff00000000
[    1.506622] pci@1f,0: SABRE PCI Bus Module ver[0:0]
[    1.507348] PCI: Scanning PBM /pci@1f,0
[    1.511905] sabre ffe2e478: PCI host bridge to bus 0000:00
[    1.512979] pci_bus 0000:00: root bus resource [io  0x1fe02000000-0x1fe02ffffff] (bus address [0x0000-0xffffff])
[    1.513644] pci_bus 0000:00: root bus resource [mem 0x1ff00000000-0x1ffefffffff] (bus address [0x00000000-0xefffffff])
[    1.514407] pci_bus 0000:00: root bus resource [bus 00-02]
[    1.516143] pci 0000:00:01.1: [108e:5000] type 01 class 0x060400
[    1.519874] pci_bus 0000:01: extended config space not accessible
[    1.521365] pci 0000:01:01.0: [108e:1000] type 00 class 0x068000
[    1.521978] pci 0000:01:01.0: reg 0x10: [mem 0x1ff20000000-0x1ff20ffffff]
[    1.522766] pci 0000:01:01.0: reg 0x14: [io  0x1fe02000000-0x1fe02007fff]
[    1.524278] pci 0000:01:03.0: [1095:0646] type 00 class 0x01018f
[    1.524837] pci 0000:01:03.0: reg 0x10: [io  0x1fe02008000-0x1fe02008007]
[    1.525355] pci 0000:01:03.0: reg 0x14: [io  0x1fe02008080-0x1fe02008083]
[    1.525918] pci 0000:01:03.0: reg 0x18: [io  0x1fe02008100-0x1fe02008107]
[    1.526429] pci 0000:01:03.0: reg 0x1c: [io  0x1fe02008180-0x1fe02008183]
[    1.526934] pci 0000:01:03.0: reg 0x20: [io  0x1fe02008200-0x1fe0200820f]
[    1.528371] pci 0000:00:01.0: [108e:5000] type 01 class 0x060400
[    1.529507] pci_bus 0000:02: extended config space not accessible
[    1.530328] pci 0000:02:00.0: [1b36:0002] type 00 class 0x070002
[    1.530843] pci 0000:02:00.0: reg 0x10: [io  0x1fe02800000-0x1fe02800007]
[    1.547530] mc: Linux media interface: v0.10
[    1.548314] videodev: Linux video capture interface: v2.00
[    1.549958] /pci@1f,0/pci@1,1/ebus@1/eeprom@14,2000: Mostek regs at 0x1fe02002000
[    1.553691] clocksource: Switched to clocksource tick
[    1.569132] PCI: CLS 0 bytes, default 64
[    1.571707] power: Control reg at 1fe02007240
[    1.580289] Unpacking initramfs...
[    1.589713] workingset: timestamp_bits=62 max_order=16 bucket_order=0
[    1.609117] ffe30b40: ttyS0 at MMIO 0x1fe020003f8 (irq = 5, base_baud = 115387) is a 16550A
[    1.611010] Console: ttyS0 (SU)
[    1.644333] printk: legacy console [ttyS0] enabled
[    1.644333] printk: legacy console [ttyS0] enabled
[    1.645689] printk: legacy bootconsole [earlyprom0] disabled
[    1.645689] printk: legacy bootconsole [earlyprom0] disabled
[    1.648989] Serial: 8250/16550 driver, 4 ports, IRQ sharing disabled
[    1.668504] 0000:02:00.0: ttyS1 at I/O 0x1fe02800000 (irq = 8, base_baud = 115200) is a 16550A
[    1.677176] rtc-m48t59 rtc-m48t59.0: registered as rtc0
[    1.678000] saa7146: register extension 'budget dvb'
[    1.678306] saa7146: register extension 'Multimedia eXtension Board'
[    1.678623] saa7146: register extension 'hexium HV-PCI6 Orion'
[    1.678967] saa7146: register extension 'hexium gemini'
[    1.701760] Freeing initrd memory: 872K
[    1.703032] kunit: disabled
[    1.731496] This architecture does not have kernel memory protection.
[    1.732091] Run /init as init process
[    1.826330] vifarm: init up
[    2.284613] vifarm: end
[    2.286652] reboot: Power down
