VERDICT: FAIL
REASON: stall: rcu_preempt self-detected stall on CPU, in vpeirq+0x42/0x1a0
SPLAT: stall: rcu_preempt self-detected stall on CPU, in vpeirq+0x42/0x1a0

[    0.000000] Linux version 6.12.117 (farm@build) (gcc (Debian 12.2.0-14) 12.2.0, GNU ld 2.40) #1 SMP
[    1.022163] vifarm: init up
[    1.022576] rcu: INFO: rcu_preempt self-detected stall on CPU
[    1.022989] rcu: 	0-....: (2099 ticks this GP) idle=01ec/1/0x4000000000000002 softirq=90/90 fqs=1050
[    1.023402] rcu: 	(t=2100 jiffies g=-1071 q=3 ncpus=1)
[    1.023815] CPU: 0 UID: 0 PID: 41 Comm: test Not tainted 6.12.117 #1
[    1.024228] RIP: 0010:vpeirq+0x42/0x1a0
[    1.024641] Call Trace:
[    1.025054]  <IRQ>
[    1.025467] vifarm: end
[    1.025880] reboot: Power down
