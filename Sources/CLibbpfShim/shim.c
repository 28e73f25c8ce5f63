#define _GNU_SOURCE
#include "CLibbpfShim.h"

#include "../../bpf/include/sluice.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOG_BYTES 65536

static _Thread_local struct {
	char text[LOG_BYTES];
	size_t used;
	int collecting;
} log_tail;

/* Keeps the end of everything appended. */
static void append(const char *text, size_t length)
{
	const size_t room = LOG_BYTES - 1;

	if (length > room) {
		text += length - room;
		length = room;
	}
	if (log_tail.used + length > room) {
		size_t drop = log_tail.used + length - room;

		memmove(log_tail.text, log_tail.text + drop, log_tail.used - drop);
		log_tail.used -= drop;
	}
	memcpy(log_tail.text + log_tail.used, text, length);
	log_tail.used += length;
	log_tail.text[log_tail.used] = 0;
}

static int collect(enum libbpf_print_level level, const char *format, va_list arguments)
{
	char *text;
	int length;

	if (level == LIBBPF_DEBUG || !log_tail.collecting)
		return 0;
	length = vasprintf(&text, format, arguments);
	if (length < 0)
		return 0;
	append(text, (size_t)length);
	free(text);
	return length;
}

static void install(void)
{
	libbpf_set_print(collect);
}

void sluice_log_begin(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, install);
	log_tail.used = 0;
	log_tail.text[0] = 0;
	log_tail.collecting = 1;
}

const char *sluice_log_end(void)
{
	log_tail.collecting = 0;
	return log_tail.text;
}

const char *sluice_errno_name(int number)
{
	const char *name = strerrorname_np(number);

	/* ENOTSUPP is the kernel's own; it should not leave it, but does. */
	if (!name && number == 524)
		return "ENOTSUPP";
	return name ? name : "";
}

int sluice_grace_period(void)
{
	/* With one CPU the kernel takes the call itself for the grace period, which
	 * does not hold for a program that was preempted. */
	if (sysconf(_SC_NPROCESSORS_ONLN) == 1)
		return EINVAL;
	return syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) ? errno : 0;
}

long sluice_file_system_type(const char *path)
{
	struct statfs status;

	return statfs(path, &status) ? -errno : (long)status.f_type;
}

int sluice_mount_bpf(const char *path)
{
	return mount("bpf", path, "bpf", 0, "mode=700") ? -errno : 0;
}

int sluice_lock(int descriptor)
{
	return flock(descriptor, LOCK_EX | LOCK_NB) ? -errno : 0;
}

/* Calls nothing that a child of a process with threads may not. */
static int send_canary(int map)
{
	/* The discard service: nobody need listen. */
	struct sockaddr_in self = {
		.sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct sluice_canary canary = {};
	socklen_t size = sizeof(canary.asked);
	unsigned key = 0;
	int result = 0, socket_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (socket_ < 0)
		return errno;
	if (getsockopt(socket_, SOL_SOCKET, SO_COOKIE, &canary.asked, &size) ||
	    bpf_map_update_elem(map, &key, &canary, BPF_ANY) ||
	    sendto(socket_, "", 0, 0, (struct sockaddr *)&self, sizeof(self)) < 0)
		result = errno;
	close(socket_);
	return result;
}

static int join_and_send_canary(int map, const char *procs)
{
	int file = open(procs, O_WRONLY | O_CLOEXEC);

	/* 0 is the writer itself. */
	if (file < 0 || write(file, "0", 1) != 1)
		return errno;
	return send_canary(map);
}

int sluice_send_canary(int map, const char *procs)
{
	int status;
	pid_t child;

	if (!procs)
		return send_canary(map);
	child = fork();
	if (child < 0)
		return errno;
	if (!child)
		_exit(join_and_send_canary(map, procs));
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}
