/*
 * ring.c: makes many sends by one system call, with a minimal use of io_uring
 *
 * IORING_OP_SEND exists since Linux 5.6, and no flag of the set-up is younger. The system calls
 * are made by hand: a library would be one more dependency, for five lines for each call.
 */
#include "net/ring.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ENTRIES 256 /* sends in one call */

/* The two rings in the kernel's memory: the requests, and their results. */
typedef struct Ring
{
	int					 fd; /* -1: none */
	void				*memory;
	size_t				 memory_size;
	struct io_uring_sqe *asked;
	unsigned			*asked_head; /* written by the kernel */
	unsigned			*asked_tail;
	unsigned			*asked_order;
	unsigned			 asked_mask;
	struct io_uring_cqe *answers;
	unsigned			*answers_head;
	unsigned			*answers_tail; /* written by the kernel */
	unsigned			 answers_mask;
} Ring;

static Ring ring = {.fd = -1};

static unsigned
seen(const unsigned *index)
{
	return __atomic_load_n(index, __ATOMIC_ACQUIRE);
}

static void
show(unsigned *index, unsigned value)
{
	__atomic_store_n(index, value, __ATOMIC_RELEASE);
}

/* errno is the error of the last system call, or 0 if it did not fail. */
static void
enter(unsigned count, unsigned answers)
{
	do
		errno = 0;
	while (syscall(__NR_io_uring_enter, ring.fd, count, answers, IORING_ENTER_GETEVENTS, NULL, 0) <
			   0 &&
		   errno == EINTR);
}

static void
ask(const RingSend *send, size_t number, unsigned at)
{
	struct io_uring_sqe *asked = &ring.asked[at];

	memset(asked, 0, sizeof(*asked));
	asked->opcode = IORING_OP_SEND;
	asked->fd = send->fd;
	asked->addr = (uintptr_t) send->bytes;
	asked->len = (uint32_t) send->length;
	asked->msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL;
	asked->user_data = number;
	ring.asked_order[at] = at;
}

static unsigned
take_answers(RingSend *sends)
{
	unsigned head = *ring.answers_head;
	unsigned tail = seen(ring.answers_tail);
	unsigned count = tail - head;

	for (; head != tail; head++)
	{
		const struct io_uring_cqe *answer = &ring.answers[head & ring.answers_mask];

		sends[answer->user_data].result = answer->res;
		sends[answer->user_data].made = true;
	}
	show(ring.answers_head, head);
	return count;
}

/*
 * Make as many sends as one call takes. Return how many it took. The others are removed from the
 * ring: the next call must not find them.
 */
static unsigned
make_some(RingSend *sends, size_t count)
{
	unsigned tail = *ring.asked_tail;
	unsigned asked = 0;
	unsigned taken;

	for (size_t i = 0; i < count && asked < ENTRIES; i++)
	{
		if (!sends[i].made)
			ask(&sends[i], i, (tail + asked++) & ring.asked_mask);
	}
	if (asked == 0)
		return 0;
	show(ring.asked_tail, tail + asked);
	enter(asked, asked);
	taken = seen(ring.asked_head) - tail;
	show(ring.asked_tail, tail + taken);
	return taken;
}

/*
 * Take the answers, one for each send that the kernel took. They are there already; if not, wait
 * for them.
 */
static bool
all_answered(RingSend *sends, unsigned taken)
{
	unsigned answered = take_answers(sends);

	while (answered < taken)
	{
		enter(0, taken - answered);
		if (errno != 0)
			return false;
		answered += take_answers(sends);
	}
	return true;
}

/* Give up these sends: their result is unknown, and sending again could send them twice. */
static void
give_up(RingSend *sends, size_t count)
{
	for (size_t i = 0; i < count; i++)
	{
		if (!sends[i].made)
			sends[i].result = -EIO;
		sends[i].made = true;
	}
}

bool
ring_send(RingSend *sends, size_t count)
{
	unsigned taken;
	int		 problem;

	errno = 0;
	while ((taken = make_some(sends, count)) > 0)
	{
		problem = errno;
		if (!all_answered(sends, taken))
		{
			problem = errno;
			give_up(sends, count);
			errno = problem;
			return false;
		}
		errno = problem;
	}
	/* If memory is short for a moment, the ring may work in the next turn. */
	return errno == 0 || errno == EAGAIN || errno == EBUSY || errno == ENOMEM;
}

static bool
map_ring(const struct io_uring_params *params)
{
	size_t asked = params->sq_off.array + params->sq_entries * sizeof(unsigned);
	size_t answers = params->cq_off.cqes + params->cq_entries * sizeof(struct io_uring_cqe);
	char  *memory;

	ring.memory_size = asked > answers ? asked : answers;
	memory = mmap(NULL, ring.memory_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
				  ring.fd, IORING_OFF_SQ_RING);
	if (memory == MAP_FAILED)
		return false;
	ring.memory = memory;
	ring.asked_head = (unsigned *) (memory + params->sq_off.head);
	ring.asked_tail = (unsigned *) (memory + params->sq_off.tail);
	ring.asked_order = (unsigned *) (memory + params->sq_off.array);
	ring.asked_mask = *(unsigned *) (memory + params->sq_off.ring_mask);
	ring.answers = (struct io_uring_cqe *) (memory + params->cq_off.cqes);
	ring.answers_head = (unsigned *) (memory + params->cq_off.head);
	ring.answers_tail = (unsigned *) (memory + params->cq_off.tail);
	ring.answers_mask = *(unsigned *) (memory + params->cq_off.ring_mask);
	memory = mmap(NULL, ENTRIES * sizeof(struct io_uring_sqe), PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_POPULATE, ring.fd, IORING_OFF_SQES);
	if (memory == MAP_FAILED)
		return false;
	ring.asked = (struct io_uring_sqe *) memory;
	return true;
}

/*
 * Does the ring send? It may belong to an older kernel, or to a system that only looks like Linux.
 */
static bool
proves_good(void)
{
	RingSend send = {.bytes = "x", .length = 1};
	int		 ends[2];
	bool	 usable;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return false;
	send.fd = ends[0];
	usable = ring_send(&send, 1);
	if (usable && send.result != 1)
		errno = send.made ? -send.result : EAGAIN;
	usable = usable && send.result == 1;
	close(ends[0]);
	close(ends[1]);
	return usable;
}

bool
ring_open(void)
{
	struct io_uring_params params = {0};
	int					   problem;

	ring.fd = (int) syscall(__NR_io_uring_setup, ENTRIES, &params);
	if (ring.fd < 0)
		return false;
	errno = ENOSYS;
	if ((params.features & IORING_FEAT_SINGLE_MMAP) != 0 && map_ring(&params) && proves_good())
		return true;
	problem = errno;
	ring_close();
	errno = problem;
	return false;
}

void
ring_close(void)
{
	if (ring.asked != NULL)
		munmap(ring.asked, ENTRIES * sizeof(struct io_uring_sqe));
	if (ring.memory != NULL)
		munmap(ring.memory, ring.memory_size);
	if (ring.fd >= 0)
		close(ring.fd);
	ring = (Ring){.fd = -1};
}
