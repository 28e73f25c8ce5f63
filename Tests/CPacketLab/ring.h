// One request by a ring of its own (io_uring(7)), without a library. Each returns what the request came to:
// below zero it is -errno, -EINPROGRESS if nothing came within a third of a second.
#pragma once

#include <errno.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum lab_ring_worker {
	LAB_RING_CALLER = 0, // in io_uring_enter itself
	LAB_RING_WORKER = 1, // by a worker thread
	LAB_RING_POLLER = 2, // by the kernel's thread that polls the ring
};

static inline int lab_ring(struct io_uring_sqe request, int worker)
{
	struct io_uring_params params = {0};
	if (worker == LAB_RING_POLLER)
		params.flags = IORING_SETUP_SQPOLL;
	if (worker == LAB_RING_WORKER)
		request.flags |= IOSQE_ASYNC;
	int ring = (int)syscall(SYS_io_uring_setup, 1, &params);
	if (ring < 0)
		return -errno;
	size_t requests = params.sq_off.array + params.sq_entries * sizeof(unsigned);
	size_t answers = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe);
	size_t size = requests > answers ? requests : answers;
	// Both queues in one mapping: IORING_FEAT_SINGLE_MMAP, Linux 5.4.
	char *queues = (char *)mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
	struct io_uring_sqe *entries = (struct io_uring_sqe *)mmap(
		0, sizeof *entries, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
	int result = -ENOMEM;
	if (queues != MAP_FAILED && entries != MAP_FAILED) {
		entries[0] = request;
		*(unsigned *)(queues + params.sq_off.array) = 0;
		__atomic_store_n((unsigned *)(queues + params.sq_off.tail), 1, __ATOMIC_RELEASE);
		unsigned flags = worker == LAB_RING_POLLER ? IORING_ENTER_SQ_WAKEUP : 0;
		unsigned *answered = (unsigned *)(queues + params.cq_off.tail);
		result = syscall(SYS_io_uring_enter, ring, 1, 0, flags, 0, 0) < 0 ? -errno : -EINPROGRESS;
		for (int i = 0; i < 300 && __atomic_load_n(answered, __ATOMIC_ACQUIRE) == 0; i++)
			usleep(1000);
		if (__atomic_load_n(answered, __ATOMIC_ACQUIRE) != 0)
			result = ((struct io_uring_cqe *)(queues + params.cq_off.cqes))->res;
		munmap(queues, size);
		munmap(entries, sizeof *entries);
	}
	close(ring);
	return result;
}

// connect(2)
static inline int lab_ring_connect(int fd, const struct sockaddr *address, socklen_t length, int worker)
{
	struct io_uring_sqe request = {0};
	request.opcode = IORING_OP_CONNECT;
	request.fd = fd;
	request.addr = (unsigned long)address;
	request.off = length;
	return lab_ring(request, worker);
}

// sendmsg(2)
static inline int lab_ring_send(
	int fd, const void *bytes, size_t count, const struct sockaddr *address, socklen_t length, int worker)
{
	struct iovec vector = {(void *)bytes, count};
	struct msghdr message = {0};
	message.msg_name = (void *)address;
	message.msg_namelen = length;
	message.msg_iov = &vector;
	message.msg_iovlen = 1;
	struct io_uring_sqe request = {0};
	request.opcode = IORING_OP_SENDMSG;
	request.fd = fd;
	request.addr = (unsigned long)&message;
	request.len = 1;
	return lab_ring(request, worker);
}
