VERDICT: FAIL
REASON: stall: rcu_sched self-detected stall on CPU, in vpeirq+0x14/0x80
SPLAT: stall: rcu_sched self-detected stall on CPU, in vpeirq+0x14/0x80

[    0.000000] Linux version 6.12.117 (farm@build) (hppa-linux-gnu-gcc (Debian 12.2.0-14) 12.2.0, GNU ld 2.40) #1
[    1.022163] vifarm: init up
[    1.022576] rcu: INFO: rcu_sched self-detected stall on CPU
[    1.022989] rcu: 	0-....: (2099 ticks this GP) idle=01ec/1/0x40000002 softirq=90/90 fqs=1050
[    1.023402] rcu: 	(t=2100 jiffies g=-1071 q=3 ncpus=1)
[    1.023815] CPU: 0 UID: 0 PID: 19 Comm: test Not tainted 6.12.117 #3
[    1.024228]      YZrvWESTHLNXBCVMcbcbcbcbOGFRQPDI
[    1.024641] PSW: 00000000000001000000000000001111 Not tainted
[    1.025054] r00-03  0004000f 108fe080 1066d828 00000007
[    1.025467] IASQ: 00000000 00000000 IAOQ: 105e3d34 105e3d38
[    1.025880]  IIR: 0f401280    ISR: 00000000  IOR: 00000010
[    1.026293]  IAOQ[0]: vpeirq+0x14/0x80
[    1.026706]  IAOQ[1]: vpeirq+0x18/0x80
[    1.027119]  RP(r2): interrupt+0x8c/0x1f0
[    1.027532] vifarm: end
[    1.027945] reboot: Power down
