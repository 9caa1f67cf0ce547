VERDICT: PASS
REASON: 1 case passed


SeaBIOS PA-RISC 32-bit Firmware Version 18 (QEMU 10.0.2)

Duplex Console IO Dependent Code (IODC) revision 18

------------------------------------------------------------------------------
  (c) Copyright 2017-2024 Helge Deller <deller@gmx.de> and SeaBIOS developers.
------------------------------------------------------------------------------

  Processor   Speed            State           Coprocessor State  Cache Size
  ---------  --------   ---------------------  -----------------  ----------
      0      250 MHz    Active                 Functional            0 KB


  Emulated machine:     HP B160L (32-bit PA1.1), 32-bit PDC, OS32
  Available memory:     256 MB
  Good memory required: 16 MB

  Primary boot path:    FWSCSI.0.0
  Alternate boot path:  FWSCSI.0.0
  Console path:         SERIAL_1.9600.8.none
  Keyboard path:        SERIAL_1.9600.8.none

Note: No supported SCSI controller or SCSI boot device found.
Autobooting Linux kernel which was loaded by qemu...

[    0.000000] Linux version 6.12.117 (vifarm@vifarm) (hppa-linux-gnu-gcc (Debian 12.2.0-13) 12.2.0, GNU ld (GNU Binutils for Debian) 2.40) #1 Thu Jan  1 00:00:00 UTC 1970
[    0.000000] FP[0] enabled: Rev 1 Model 15
[    0.000000] The 32-bit Kernel has started...
[    0.000000] Kernel default page size is 4 KB. Huge pages disabled.
[    0.000000] Determining PDC firmware type: System Map.
[    0.000000] model 00005020 00000481 00000000 02020202 77729da0 100000f0 00000004 000000ba 000000ba 00000000
[    0.000000] vers  00000008
[    0.000000] CPUID vers 15 rev 8 (0x000001e8)
[    0.000000] capabilities 0x2
[    0.000000] HP-UX model name: 9000/778/B160L
[    0.000000] MPE/iX model name: 9000/778/B160L
[    0.000000] Memory Ranges:
[    0.000000]  0) Start 0x0000000000000000 End 0x000000000fffffff Size    256 MB
[    0.000000] Total Memory: 256 MB
[    0.000000] initrd: 1ff08000-1ffefd4b
[    0.000000] initrd: reserving 0ff08000-0ffefd4b (mem_max 10000000)
[    0.000000] PDT: Firmware does not provide any page deallocation information.
[    0.000000] Zone ranges:
[    0.000000]   Normal   [mem 0x0000000000000000-0x000000ffffffffff]
[    0.000000] Movable zone start for each node
[    0.000000] Early memory node ranges
[    0.000000]   node   0: [mem 0x0000000000000000-0x000000000fffffff]
[    0.000000] Initmem setup node 0 [mem 0x0000000000000000-0x000000000fffffff]
[    0.000000] Kernel command line: console=ttyS0 panic=-1 vifarm.result=pci:1b36:0002 vifarm.job=boot earlycon=pdc
[    0.000000] earlycon: pdc0 at MMIO32be 0x00000000 (options '')
[    0.000000] printk: legacy bootconsole [pdc0] enabled
[    0.000000] Dentry cache hash table entries: 32768 (order: 5, 131072 bytes, linear)
[    0.000000] Inode-cache hash table entries: 16384 (order: 4, 65536 bytes, linear)
[    0.000000] Sorting __ex_table...
[    0.000000] Built 1 zonelists, mobility grouping on.  Total pages: 65536
[    0.000000] mem auto-init: stack:all(zero), heap alloc:off, heap free:off
[    0.000000] SLUB: HWalign=32, Order=0-3, MinObjects=0, CPUs=1, Nodes=1
[    0.000000] NR_IRQS: 96
[    0.000000] clocksource: jiffies: mask: 0xffffffff max_cycles: 0xffffffff, max_idle_ns: 19112604462750000 ns
[    0.000156] sched_clock: 32 bits at 250MHz, resolution 4ns, wraps every 8589934590ns
[    0.009451] clocksource: cr16: mask: 0xffffffff max_cycles: 0xffffffff, max_idle_ns: 7645041786 ns
[    0.012095] Calibrating delay loop... 427.62 BogoMIPS (lpj=2138112)
[    0.106199] pid_max: default: 32768 minimum: 301
[    0.107949] Mount-cache hash table entries: 1024 (order: 0, 4096 bytes, linear)
[    0.108250] Mountpoint-cache hash table entries: 1024 (order: 0, 4096 bytes, linear)
[    0.136790] TOC handler registered
[    0.139099] Memory: 246760K/262144K available (2520K kernel code, 1612K rwdata, 532K rodata, 3072K init, 452K bss, 14732K reserved, 0K cma-reserved)
[    0.146607] devtmpfs: initialized
[    0.160799] DMA-API: preallocated 65586 debug entries
[    0.161269] DMA-API: debugging enabled by kernel config
[    0.161664] futex hash table entries: 256 (order: 0, 3072 bytes, linear)
[    0.168694] Searching for devices...
[    0.172762] Found devices:
[    0.173151] 1. Phantom PseudoBC GSC+ Port [8] at 0xffc00000 { type:7, hv:0x504, sv:0x0, rev:0x0 }
[    0.173494] 2. Dino PCI Bridge [8:0] at 0xfff80000 { type:13, hv:0x680, sv:0xa, rev:0x3 }
[    0.173763] 3. Merlin+ 132 Dino RS-232 [8:0:63] at 0xfff83000 { type:10, hv:0x22, sv:0x8c, rev:0x0 }
[    0.174066] 4. Merlin 160 Core BA [8:16] at 0xffd00000 { type:11, hv:0x3d, sv:0x81, rev:0x0 }, additional addresses: 0xffd0c000 0xffc00000 
[    0.174507] 5. Merlin 160 Core RS-232 [8:16:4] at 0xffd05000 { type:10, hv:0x3d, sv:0x8c, rev:0x0 }
[    0.174801] 6. Merlin 160 Core Centronics [8:16:0] at 0xffd02000 { type:10, hv:0x3d, sv:0x74, rev:0x0 }, additional addresses: 0xffd01000 0xffd03000 
[    0.175214] 7. Memory [63] at 0xfffff000 { type:1, hv:0x67, sv:0x9, rev:0x0 }
[    0.175436] 8. Merlin L2 160 (9000/778/B160L) [48] at 0xfffb0000 { type:0, hv:0x502, sv:0x4, rev:0x0 }
[    0.175825] Enabling regular chassis codes support v0.05
[    0.178199] CPU(s): 1 x PA7300LC (PCX-L2) at 250.000000 MHz
[    0.178969] alternatives: applied 170 out of 193 patches
[    0.179578] Calculated flush threshold is 1356 KiB
[    0.179867] Cache flush threshold set to 1 KiB
[    0.191280] Whole TLB flush 7399 cycles, Range flush 8388608 bytes 2785136 cycles
[    0.191733] Calculated TLB flush threshold 4 KiB
[    0.191900] TLB flush threshold set to 16 KiB
[    0.193121] Lasi version 0 at 0xffd00000 found.
[    0.194700] Dino version 3.1 found at 0xfff80000
[    0.197555] dino 8:0: PCI host bridge to bus 0000:00
[    0.198081] pci_bus 0000:00: root bus resource [io  0x0000-0xffff]
[    0.198723] pci_bus 0000:00: root bus resource [mem 0xf0800000-0xff7fffff]
[    0.199203] pci_bus 0000:00: root bus resource [bus 00-ff]
[    0.200566] pci 0000:00:00.0: [1b36:0011] type 00 class 0x088000 conventional PCI endpoint
[    0.202072] pci 0000:00:00.0: BAR 0 [mem 0xff7f0000-0xff7f000f]
[    0.207432] pci 0000:00:01.0: [1b36:0002] type 00 class 0x070002 conventional PCI endpoint
[    0.208391] pci 0000:00:01.0: BAR 0 [io  0x1000-0x1007]
[    0.212006] pci_bus 0000:00: busn_res: [bus 00-ff] end is updated to 00
[    0.214492] pci 0000:00:00.0: BAR 0 [mem 0xf0800000-0xf080000f]: assigned
[    0.215163] pci 0000:00:01.0: BAR 0 [io  0x0010-0x0017]: assigned
[    0.216544] powersw: Soft power switch at 0xf07ffff0 enabled.
[    0.221253] mc: Linux media interface: v0.10
[    0.221648] videodev: Linux video capture interface: v2.00
[    0.222917] clocksource: Switched to clocksource cr16
[    0.235854] PCI: CLS 16 bytes
[    0.253868] Unpacking initramfs...
[    0.263038] workingset: timestamp_bits=30 max_order=16 bucket_order=0
[    0.272493] PDC Stable Storage facility v0.30
[    0.278297] Serial: 8250/16550 driver, 4 ports, IRQ sharing disabled
[    0.318668] printk: legacy console [ttyS0] disabled
[    0.325721] 8:16:4: ttyS0 at MMIO 0xffd05800 (irq = 16, base_baud = 454545) is a 16550A
[    0.328036] printk: legacy console [ttyS0] enabled
[    0.328036] printk: legacy console [ttyS0] enabled
[    0.333120] printk: legacy bootconsole [pdc0] disabled
[    0.333120] printk: legacy bootconsole [pdc0] disabled
[    0.360778] 8:0:63: ttyS1 at MMIO 0xfff83800 (irq = 18, base_baud = 454545) is a 16550A
[    0.367537] serial 0000:00:01.0: enabling SERR and PARITY (0103 -> 0143)
[    0.374216] 0000:00:01.0: ttyS2 at I/O 0x10 (irq = 20, base_baud = 115200) is a 16550A
[    0.377701] pvpanic-pci 0000:00:00.0: enabling SERR and PARITY (0103 -> 0143)
[    0.380112] rtc-generic rtc-generic: registered as rtc0
[    0.385093] saa7146: register extension 'budget dvb'
[    0.385521] saa7146: register extension 'Multimedia eXtension Board'
[    0.385794] saa7146: register extension 'hexium HV-PCI6 Orion'
[    0.386052] saa7146: register extension 'hexium gemini'
[    0.466567] kunit: disabled
[    0.500100] Freeing initrd memory: 924K
[    0.578469] Freeing unused kernel image (initmem) memory: 3072K
[    0.579024] Write protecting the kernel read-only data: 532k
[    0.579527] Run /init as init process
[    0.601205] process '/init' started with executable stack
[    0.656359] vifarm: init up
[    1.104121] vifarm: end
[    1.110949] reboot: Power down
