// The few system calls that Swift's Glibc module leaves out: variadic ones, and those that glibc
// shows under _GNU_SOURCE only. Each returns -1 and sets errno, as its namesake does.
#pragma once

#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/sched.h>
#include <net/if.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

// setns(2), network namespaces only.
static inline int lab_enter_network(int fd) { return (int)syscall(SYS_setns, fd, CLONE_NEWNET); }

// unshare(2), network namespaces only.
static inline int lab_unshare_network(void) { return (int)syscall(SYS_unshare, CLONE_NEWNET); }

// prctl(2): the kernel kills this process when the thread that started it ends.
static inline int lab_die_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); }

// accept4(2), closed on exec.
static inline int lab_accept(int fd)
{
    return (int)syscall(SYS_accept4, fd, (void *)0, (void *)0, SOCK_CLOEXEC);
}

// pipe2(2), closed on exec.
static inline int lab_pipe(int ends[2]) { return (int)syscall(SYS_pipe2, ends, O_CLOEXEC); }

// sched_setaffinity(2) for the calling thread; one bit per processor.
static inline int lab_run_on(const unsigned long *processors, unsigned long size)
{
    return (int)syscall(SYS_sched_setaffinity, 0, size, processors);
}

// sched_getaffinity(2) for the calling thread; returns the bytes written.
static inline int lab_runs_on(unsigned long *processors, unsigned long size)
{
    return (int)syscall(SYS_sched_getaffinity, 0, size, processors);
}

// A TUN device of the caller's network namespace, which is gone with the descriptor; whole IP packets.
static inline int lab_tun(const char *name)
{
	struct ifreq request = {0};
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -1;
	strncpy(request.ifr_name, name, IFNAMSIZ - 1);
	request.ifr_flags = IFF_TUN | IFF_NO_PI;
	if (ioctl(fd, TUNSETIFF, &request) == 0)
		return fd;
	close(fd);
	return -1;
}
