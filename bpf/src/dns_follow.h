/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Answers over TCP. A resolver's stream is followed from its first byte, message by
 * message, or not at all: nothing is ever read that could stand in a message's middle.
 *
 * A message that lies whole in one packet is read here, before the pod has it. One that
 * does not goes to the agent, piece by piece, and its end is kept from the pod until the
 * agent has read it: the resolver's TCP sends it again. */
#ifndef SLUICE_DNS_FOLLOW_H
#define SLUICE_DNS_FOLLOW_H

#include "dns_answer.h"

/* What a cgroup_skb/ingress program returns to have a packet sent again. */
#define PACKET_LATER PACKET_DROP

/* Messages in one packet. */
#define MESSAGES_TOGETHER 64
/* Bytes of a resolver's stream that are followed. */
#define STREAM_BYTES (1U << 30)
/* What a SYN may carry. */
#define SYN_DATA_MAX 1500
/* How long the end of a message waits for the agent. */
#define HOLD_NS SECOND_NS
/* How long what comes too early waits for what was lost. */
#define GAP_NS (3 * SECOND_NS)

/* What a look at the stream came to. */
enum step {
	STEP_NEXT = 0, /* the message is done with; another one may follow */
	STEP_DONE = 1, /* the packet is */
	STEP_HOLD = 2, /* the packet is to come again */
};

/* Goes on to the next message. */
static __always_inline int go_on(struct sluice_stream *stream)
{
	stream->next = stream->end;
	stream->end = 0;
	stream->held = 0;
	stream->looked = 0;
	return STEP_NEXT;
}

/* Reads the length of the message under way.
 * - Parameter offset: of the packet's data.
 * - Parameter position: of that in the stream.
 * - Returns: whether it is there. */
static __always_inline int read_length(struct __sk_buff *skb, struct sluice_stream *stream, __u32 offset,
				       __u32 position)
{
	__u32 ahead = stream->next - position;
	__u8 length[LENGTH_BYTES];

	if (stream->next + 1 == position) {
		length[0] = stream->half;
		if (bpf_skb_load_bytes(skb, offset, &length[1], 1))
			return 0;
	} else if (bpf_skb_load_bytes(skb, offset + ahead, length, sizeof(length))) {
		if (!bpf_skb_load_bytes(skb, offset + ahead, length, 1))
			stream->half = length[0];
		return 0;
	}
	stream->end = stream->next + LENGTH_BYTES + ((__u32)length[0] << 8 | length[1]);
	return 1;
}

/* Finds out what is to become of a message that goes on in another packet. What is no
 * answer with addresses nobody reads.
 * - Parameter start: of its header. */
__noinline int look_at_message(struct __sk_buff *skb, __u32 start)
{
	struct sluice_stream *stream = stream_of(skb, 0);
	struct reading_state *state = reading_here();
	struct dns_question question;
	struct dns_header header;
	__u32 offset;

	if (!stream || !state)
		return 0;
	stream->looked = 1;
	stream->copies = 1;
	stream->holds = !!(state->origin.flags & SLUICE_POD_NAMES);
	state->limit = skb->len;
	/* Its question may go on in another packet too. */
	if (bpf_skb_load_bytes(skb, start, &header, sizeof(header)))
		return 0;
	if (!(header.flags & DNS_RESPONSE) || header.flags & DNS_OPCODE || header.code & DNS_RCODE ||
	    header.questions != bpf_htons(1)) {
		stream->copies = 0;
		return 0;
	}
	offset = read_name(skb, start + sizeof(header));
	if (!offset)
		stream->copies = start + sizeof(header) + SLUICE_NAME_BYTES > skb->len;
	else if (!bpf_skb_load_bytes(skb, offset, &question, sizeof(question)))
		stream->copies = question.type == bpf_htons(DNS_A) || question.type == bpf_htons(DNS_AAAA);
	return 0;
}

/* Gives the agent what a packet has of the message under way, and holds its end.
 * - Parameter offset: of the packet's data.
 * - Parameter position: of that in the stream.
 * - Returns: enum step. */
__noinline int consume_part(struct __sk_buff *skb, __u32 offset, __u32 position)
{
	struct sluice_stream *stream = stream_of(skb, 0);
	struct reading_state *state = reading_here();
	__u32 last = position + skb->len - offset;
	__u32 body, from, to;

	if (!stream || !state)
		return STEP_DONE;
	if (stream->held == stream->end) {
		if (stream->end > last)
			return STEP_DONE;
		if (bpf_ringbuf_query(&sluice_dns_events, BPF_RB_CONS_POS) < stream->held_until &&
		    bpf_ktime_get_ns() - stream->held_ns < HOLD_NS)
			return STEP_HOLD;
		return go_on(stream);
	}
	body = stream->next + LENGTH_BYTES;
	from = body > stream->seen ? body : stream->seen;
	to = stream->end < last ? stream->end : last;
	if (stream->copies && from < to) {
		state->origin.message = stream->next;
		state->origin.total = stream->end - body;
		if (!copy_message(skb, offset + from - position, to - from, from - body))
			stream->copies = 0;
	}
	if (stream->end > last)
		return STEP_DONE;
	if (!stream->copies)
		return go_on(stream);
	count_reading(SLUICE_READ_COPIED);
	if (!stream->holds)
		return go_on(stream);
	stream->held = stream->end;
	stream->held_until = bpf_ringbuf_query(&sluice_dns_events, BPF_RB_PROD_POS);
	stream->held_ns = bpf_ktime_get_ns();
	return STEP_HOLD;
}

/* Reads the message under way, as far as the packet has it.
 * - Returns: enum step. */
__noinline int consume_message(struct __sk_buff *skb, __u32 offset, __u32 position)
{
	struct sluice_stream *stream = stream_of(skb, 0);
	struct reading_state *state = reading_here();
	__u32 last = position + skb->len - offset;
	__u32 body;
	int outcome;

	if (!stream || !state || stream->next >= last)
		return STEP_DONE;
	if (!stream->end && !read_length(skb, stream, offset, position))
		return STEP_DONE;
	body = stream->next + LENGTH_BYTES;
	if (body >= position && stream->end <= last && !stream->looked) {
		state->limit = offset + stream->end - position;
		outcome = read_message(skb, offset + body - position);
		if (outcome != SLUICE_READ_COPIED) {
			count_reading(outcome);
			return go_on(stream);
		}
		stream->looked = 1;
		stream->copies = 1;
		stream->holds = !!(state->origin.flags & SLUICE_POD_NAMES);
	}
	if (!stream->looked) {
		/* Nothing but its length is here. */
		if (body >= last)
			return STEP_DONE;
		look_at_message(skb, offset + body - position);
	}
	return consume_part(skb, offset, position);
}

/* A segment that comes before what precedes it: those that names matter to are sent it
 * again, in order; if that takes too long, the stream is not followed any more. */
static __always_inline int comes_too_early(struct sluice_stream *stream, __u32 flags)
{
	__u64 now = bpf_ktime_get_ns();

	if (!stream->gap_ns)
		stream->gap_ns = now;
	if (flags & SLUICE_POD_NAMES && now - stream->gap_ns < GAP_NS)
		return PACKET_LATER;
	stream->followed = SLUICE_GIVEN_UP;
	return PACKET_PASS;
}

/* Reads the data of a segment.
 * - Parameter offset: of the data in the packet.
 * - Parameter position: of the data in the stream.
 * - Returns: what becomes of the packet. */
static __always_inline int read_segment(struct __sk_buff *skb, struct sluice_stream *stream, __u32 flags,
					__u32 offset, __u32 position)
{
	__u32 last = position + skb->len - offset;
	int step = STEP_NEXT;

	/* What comes again was read, and may begin before the stream does. */
	if ((__s32)(last - stream->seen) <= 0)
		return PACKET_PASS;
	if ((__s32)(position - stream->seen) > 0)
		return comes_too_early(stream, flags);
	if ((__s32)position < 0 || last >= STREAM_BYTES) {
		stream->followed = SLUICE_GIVEN_UP;
		return PACKET_PASS;
	}
	for (__u32 i = 0; i < MESSAGES_TOGETHER; i++) {
		step = consume_message(skb, offset, position);
		if (step != STEP_NEXT)
			break;
	}
	if (step == STEP_HOLD)
		return PACKET_LATER;
	/* Too many in one packet: the next one would begin in the middle. */
	if (step == STEP_NEXT)
		stream->followed = SLUICE_GIVEN_UP;
	stream->seen = last;
	stream->gap_ns = 0;
	return PACKET_PASS;
}

/* The resolver's SYN-ACK says where its stream begins, if it answers the SYN and what
 * came with it (RFC 7413). The kernel takes no other. */
static __always_inline void begin_following(struct sluice_stream *stream, const struct tcphdr *header)
{
	if (!header->syn || !header->ack || bpf_ntohl(header->ack_seq) - stream->ask_start > SYN_DATA_MAX)
		return;
	stream->start = bpf_ntohl(header->seq) + 1;
	stream->followed = SLUICE_FOLLOWED;
}

/* A segment of a connection that the pod opened to port 53.
 * - Returns: what becomes of the packet. */
static __noinline int follow_stream(struct __sk_buff *skb)
{
	struct sluice_stream *stream = stream_of(skb, 0);
	struct reading_state *state = reading_here();
	struct sluice_config *cfg = read_config();
	struct subject subject = {};
	struct packet packet = {};
	struct sluice_verdict *v;
	struct bpf_sock *sk = skb->sk;
	struct bpf_tcp_sock *tcp;
	struct tcphdr header;
	__u32 offset, zero;

	if (!stream || stream->followed == SLUICE_GIVEN_UP || !state || !cfg || !sk)
		return PACKET_PASS;
	if (read_packet(skb, &packet) || comes_from_inside(skb) ||
	    bpf_skb_load_bytes(skb, packet.transport, &header, sizeof(header)))
		return PACKET_PASS;
	sk = bpf_sk_fullsock(sk);
	tcp = sk ? bpf_tcp_sock(sk) : 0;
	if (!sk || !tcp)
		return PACKET_PASS;
	if (sk->state == STATE_SYN_SENT) {
		begin_following(stream, &header);
		return PACKET_PASS;
	}
	if (stream->followed != SLUICE_FOLLOWED)
		return PACKET_PASS;
	zero = opaque_zero(skb);
	offset = packet.transport + header.doff * 4 + zero;
	if (offset >= skb->len)
		return PACKET_PASS;
	v = bpf_sk_storage_get(&sluice_verdicts, sk, 0, 0);
	find_subject(skb, cfg, &packet.source, 0, &subject);
	/* What goes by unread is a gap for good. */
	if (!v || !v->generation || v->direction != SLUICE_OUTBOUND || !v->caller.netns || !subject.known ||
	    !is_trusted(&packet.source) || tcp->bytes_received >= STREAM_BYTES) {
		stream->followed = SLUICE_GIVEN_UP;
		return PACKET_PASS;
	}
	fill_origin(&state->origin, &subject, &packet.source, v->caller.netns, bpf_get_socket_cookie(skb));
	return read_segment(skb, stream, subject.flags, offset, bpf_ntohl(header.seq) - stream->start);
}

#endif
